//! The control API and its page: what was received and sent, and what shall go wrong. For tests and the demo only.

mod buttons;
mod form;
mod guard;
mod page;
mod resend;
mod scenarios;
mod show;
mod tables;

pub(crate) use buttons::act;
pub(crate) use guard::same_site;
pub(crate) use resend::resend;
pub(crate) use scenarios::{apply_scenario, scenarios};
pub(crate) use show::{put_form, show};

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use crate::page::style_sheet;
use crate::query::OfPayment;
use crate::reply::{ErrorReply, Reply};
use crate::settings::{SettingProblem, Settings};
use crate::store::{ApiRequest, Store, Transaction, Webhook};
use crate::webhook::Outbox;

/// Answers `GET /assets/control.css`.
pub(crate) async fn style() -> impl IntoResponse {
    style_sheet(include_str!("control.css"))
}

/// Answers `GET /assets/control.js`.
pub(crate) async fn script() -> impl IntoResponse {
    crate::page::script(include_str!("control.js"))
}

/// Answers `GET /control/requests`.
pub(crate) async fn requests(
    State(store): State<Store>,
    Query(of): Query<OfPayment>,
) -> Reply<Vec<ApiRequest>> {
    Ok(Json(store.requests(of.tracking_id.as_deref())?))
}

/// Answers `GET /control/transactions`.
pub(crate) async fn transactions(
    State(store): State<Store>,
    Query(of): Query<OfPayment>,
) -> Reply<Vec<Transaction>> {
    Ok(Json(store.transactions(of.tracking_id.as_deref())?))
}

/// Answers `GET /control/webhooks`.
pub(crate) async fn webhooks(State(store): State<Store>, Query(of): Query<OfPayment>) -> Reply<Vec<Webhook>> {
    Ok(Json(store.webhooks(of.tracking_id.as_deref())?))
}

/// Answers `POST /control/webhooks/release`: sends what `reorder` holds, without waiting for more.
#[worker::send]
pub(crate) async fn release(State(outbox): State<Outbox>) -> Result<StatusCode, ErrorReply> {
    outbox.send_held().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers `GET /control/settings`.
pub(crate) async fn settings(State(store): State<Store>) -> Reply<Settings> {
    Ok(Json(store.settings()?))
}

/// Answers `PUT /control/settings`, whatever the content type.
pub(crate) async fn put_settings(State(store): State<Store>, body: String) -> Reply<Settings> {
    let patch: Map<String, Value> = serde_json::from_str(&body)
        .map_err(|_| ErrorReply::unprocessable("the body must be a JSON object of settings"))?;
    let settings = store
        .settings()?
        .patched(&patch, store.config())
        .map_err(refused)?;
    store.set_settings(&settings)?;
    Ok(Json(settings))
}

/// Makes the reply that names every setting that is wrong.
fn refused(problems: Vec<SettingProblem>) -> ErrorReply {
    let sentence = |SettingProblem { field, problem }: &SettingProblem| match field.as_str() {
        "" => problem.clone(),
        field => format!("{field}: {problem}"),
    };
    let error = problems.iter().map(sentence).collect::<Vec<_>>().join("; ");
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let body = json!({ "error": error, "fields": problems });
    ErrorReply { status, body }
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
            "POST /control/webhooks", "POST /control/webhooks/release", "GET /control/settings", "PUT /control/settings",
            "GET /control/cards", "GET /control/scenarios", "PUT /control/scenarios/{name}", "DELETE /control/state"
        ],
    });
    let status = StatusCode::NOT_FOUND;
    ErrorReply { status, body }
}
