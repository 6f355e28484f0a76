//! The control API and its page: what was received and sent, and what shall go wrong. For tests and the demo only.

mod buttons;
mod page;
mod resend;

pub(crate) use buttons::act;
pub(crate) use resend::resend;

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::page::style_sheet;
use crate::reply::{ErrorReply, Reply};
use crate::settings::Settings;
use crate::store::{ApiRequest, Store, Transaction, Webhook};
use crate::webhook::Outbox;

/// Answers `GET /assets/control.css`.
pub(crate) async fn style() -> impl IntoResponse {
    style_sheet(include_str!("control.css"))
}

/// Keeps pages of other sites from pressing the buttons of this one.
pub(crate) async fn same_site(request: Request, next: Next) -> Result<Response, ErrorReply> {
    let site = request.headers().get("sec-fetch-site");
    if request.method() != Method::GET && site.is_some_and(|site| site == "cross-site") {
        let error = "the control API takes no request from another site's page";
        return Err(ErrorReply::new(StatusCode::FORBIDDEN, error));
    }
    Ok(next.run(request).await)
}

/// Answers `GET /control`.
pub(crate) async fn show(State(store): State<Store>) -> Result<Response, ErrorReply> {
    let html = page::control(&store)?;
    Ok(crate::page::page(StatusCode::OK, html, "'none'", None))
}

/// The query of the three lists.
#[derive(Deserialize)]
pub(crate) struct Of {
    tracking_id: Option<String>,
}

/// Answers `GET /control/requests`.
pub(crate) async fn requests(State(store): State<Store>, Query(of): Query<Of>) -> Reply<Vec<ApiRequest>> {
    Ok(Json(store.requests(of.tracking_id.as_deref())?))
}

/// Answers `GET /control/transactions`.
pub(crate) async fn transactions(
    State(store): State<Store>,
    Query(of): Query<Of>,
) -> Reply<Vec<Transaction>> {
    Ok(Json(store.transactions(of.tracking_id.as_deref())?))
}

/// Answers `GET /control/webhooks`.
pub(crate) async fn webhooks(State(store): State<Store>, Query(of): Query<Of>) -> Reply<Vec<Webhook>> {
    Ok(Json(store.webhooks(of.tracking_id.as_deref())?))
}

/// Answers `GET /control/settings`.
pub(crate) async fn settings(State(store): State<Store>) -> Reply<Settings> {
    Ok(Json(store.settings()?))
}

/// Answers `PUT /control/settings`, whatever the content type.
pub(crate) async fn put_settings(State(store): State<Store>, body: String) -> Reply<Settings> {
    let patch: Map<String, Value> = serde_json::from_str(&body)
        .map_err(|_| ErrorReply::unprocessable("the body must be a JSON object of settings"))?;
    let patched = store.settings()?.patched(&patch, store.config());
    let settings = patched.map_err(ErrorReply::unprocessable)?;
    store.set_settings(&settings)?;
    Ok(Json(settings))
}

/// Answers `DELETE /control/state`.
#[worker::send]
pub(crate) async fn reset(State(outbox): State<Outbox>) -> Result<StatusCode, ErrorReply> {
    outbox.reset().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers every other address below `/control`.
pub(crate) async fn not_found() -> ErrorReply {
    let body = json!({
        "error": "nothing is here",
        "addresses": [
            "GET /control", "GET /control/requests", "GET /control/transactions", "GET /control/webhooks",
            "POST /control/webhooks", "GET /control/settings", "PUT /control/settings",
            "DELETE /control/state"
        ],
    });
    let status = StatusCode::NOT_FOUND;
    ErrorReply { status, body }
}
