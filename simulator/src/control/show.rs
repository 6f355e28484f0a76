//! The control page's own addresses: the page, and its form of settings.

use axum::extract::{Form, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{Entered, read};
use super::page::{Shown, control};
use super::scenarios::all;
use crate::reply::ErrorReply;
use crate::store::Store;

/// Its own script, which reads the page again, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// The page's query.
#[derive(Deserialize)]
pub(crate) struct Asked {
    tracking_id: Option<String>,
    done: Option<String>,
    applied: Option<String>,
}

/// Answers `GET /control`.
pub(crate) async fn show(
    State(store): State<Store>,
    Query(asked): Query<Asked>,
) -> Result<Response, ErrorReply> {
    let all = all()?;
    let applied = asked.applied.as_deref();
    let applied = all.iter().find(|scenario| applied == Some(&scenario.name));
    let done = match applied {
        Some(scenario) => Some(
            html! { "Applied: " strong { (scenario.title) } ". Now do its steps, which are listed below." },
        ),
        None => asked.done.as_deref().and_then(done),
    };
    let shown = Shown {
        tracking_id: asked.tracking_id.as_deref().filter(|id| !id.is_empty()),
        done,
        applied: applied.map(|scenario| scenario.name.as_str()),
        refused: None,
    };
    Ok(page(StatusCode::OK, control(&store, &all, &shown)?))
}

fn done(what: &str) -> Option<Markup> {
    let sentence = match what {
        "reset" => "Everything is forgotten, and the settings are as at the start.",
        "fault" => "The fault is set.",
        "released" => "What was held is sent.",
        "sent" => "The webhook is sent again.",
        "saved" => "The settings are saved.",
        _ => return None,
    };
    Some(html! { (sentence) })
}

/// Answers `POST /control/form`: saves the settings, or shows the page with what was entered and every problem.
pub(crate) async fn put_form(
    State(store): State<Store>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, ErrorReply> {
    let entered = Entered::from(pairs);
    match read(&entered, &store.settings()?, store.config()) {
        Ok(settings) => {
            store.set_settings(&settings)?;
            Ok(Redirect::to("/control?done=saved#settings").into_response())
        }
        Err(problems) => {
            let shown = Shown {
                refused: Some((&entered, &problems)),
                ..Shown::default()
            };
            let html = control(&store, &all()?, &shown)?;
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, html))
        }
    }
}

fn page(status: StatusCode, html: Markup) -> Response {
    let policy = (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    (status, [policy], html).into_response()
}
