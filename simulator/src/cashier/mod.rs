//! The pages that the user sees: the hosted cashier, a provider's own page, and the 3-D Secure challenge.

mod button;
mod decision;
mod drawing;
mod form;
mod html;
mod visit;

pub(crate) use decision::decide;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::page;
use crate::reply::ErrorReply;
use crate::store::{PageKind, Store};
use html::{notice, page as decision_page, returned as returned_page};
use visit::{NOT_FOUND, Visit, WRONG_METHOD};

/// Answers `GET /assets/cashier.css`.
pub(crate) async fn style() -> impl IntoResponse {
    page::style_sheet(include_str!("cashier.css"))
}

/// Answers `GET /assets/cashier.js`.
pub(crate) async fn script() -> impl IntoResponse {
    page::script(include_str!("cashier.js"))
}

/// The query: the theme that the address asks for instead of the merchant's.
#[derive(Deserialize)]
pub(crate) struct Asked {
    theme: Option<String>,
}

/// Answers `GET` with the page on which the user decides, as long as its link is good.
pub(crate) async fn show(
    State(store): State<Store>,
    Extension(kind): Extension<PageKind>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ErrorReply> {
    let theme = asked.theme.as_deref();
    let settings = store.settings()?;
    let Some(visit) = Visit::find(&store, &settings, kind, &token)? else {
        return Ok(notice(&settings, NOT_FOUND, None, theme));
    };
    // The back button leads from a challenge to the cashier, and from there to the challenge again.
    if let Some(path) = visit.challenge(&store)? {
        return Ok(Redirect::to(&path).into_response());
    }
    Ok(match visit.obstacle() {
        Some(obstacle) => notice(&settings, obstacle, Some(&visit), theme),
        None => decision_page(&visit, theme, None),
    })
}

/// What a return URL is given.
#[derive(Deserialize)]
pub(crate) struct Returned {
    tracking_id: Option<String>,
    result: Option<String>,
}

/// Answers `GET /return`, which a merchant without a page of their own names as the return URL.
pub(crate) async fn returned(
    State(store): State<Store>,
    Query(Returned { tracking_id, result }): Query<Returned>,
) -> Result<Response, ErrorReply> {
    Ok(returned_page(
        &store.settings()?,
        tracking_id.as_deref(),
        result.as_deref(),
    ))
}

/// Answers a method that a page does not have.
pub(crate) async fn wrong_method(State(store): State<Store>) -> Result<Response, ErrorReply> {
    Ok(notice(&store.settings()?, WRONG_METHOD, None, None))
}
