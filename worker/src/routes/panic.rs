//! Addresses that panic on purpose, so that a test sees what a panic costs. Only with the feature `panic-route`, which no release build has.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::StatusCode;

use super::App;
use super::extract::{Path, RequestId};
use crate::payment;
use crate::payment::message::Command;
use crate::problem::Problem;

/// The addresses: a panic in the isolate, and one in a payment's object in the middle of a transaction.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/panic", post(here))
        .route("/v1/panic/{tracking_id}", post(in_object))
}

#[allow(clippy::panic, reason = "that is what it is for")]
async fn here() -> StatusCode {
    panic!("on purpose, in the isolate")
}

#[worker::send]
async fn in_object(
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(tracking_id): Path<String>,
) -> Result<StatusCode, Problem> {
    payment::call::<()>(&app.env, &tracking_id, &Command::Panic, &request_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
