//! The pages that the user sees: the hosted cashier, a provider's own page, and the 3-D Secure challenge.

mod decision;
mod form;
mod html;
mod visit;

pub(crate) use decision::decide;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::page::style_sheet;
use crate::reply::ErrorReply;
use crate::store::{Kind, Store};
use html::{notice, page};
use visit::{NOT_FOUND, Visit, WRONG_METHOD};

/// Answers `GET /assets/cashier.css`.
pub(crate) async fn style() -> impl IntoResponse {
    style_sheet(include_str!("cashier.css"))
}

/// The query: the theme that the address asks for instead of the merchant's.
#[derive(Deserialize)]
pub(crate) struct Asked {
    theme: Option<String>,
}

/// Answers `GET` with the page on which the user decides, as long as its link is good.
pub(crate) async fn show(
    State(store): State<Store>,
    Extension(kind): Extension<Kind>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ErrorReply> {
    let theme = asked.theme.as_deref();
    let settings = store.settings()?;
    let Some(visit) = Visit::find(&store, &settings, kind, &token)? else {
        return Ok(notice(&settings, NOT_FOUND, None, theme));
    };
    Ok(match visit.obstacle() {
        Some(obstacle) => notice(&settings, obstacle, Some(&visit), theme),
        None => page(&visit, theme, None),
    })
}

/// Answers a method that a page does not have.
pub(crate) async fn wrong_method(State(store): State<Store>) -> Result<Response, ErrorReply> {
    Ok(notice(&store.settings()?, WRONG_METHOD, None, None))
}
