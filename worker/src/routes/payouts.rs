//! `POST /v1/payouts/{tracking_id}/approve` and `/reject`: the merchant's decision on a payout.

use axum::Json;
use axum::extract::State;
use edge_cashier::PayoutCheck;
use http::HeaderMap;

use super::App;
use super::extract::{Path, RequestId, WholeBody, tracking_id};
use super::merchant::Merchant;
use crate::payment;
use crate::payment::message::{Command, DecidePayout, Decided, Decision};
use crate::problem::{Code, Problem};

/// Approves the payout; see [`decide`].
#[worker::send]
pub(super) async fn approve(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: WholeBody,
) -> Result<Json<Decided>, Problem> {
    decide(&app, request_id, &id, Decision::Approved, &headers, &body).await
}

/// Rejects the payout; see [`decide`].
#[worker::send]
pub(super) async fn reject(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: WholeBody,
) -> Result<Json<Decided>, Problem> {
    decide(&app, request_id, &id, Decision::Rejected, &headers, &body).await
}

/// Decides on a payout.
///
/// 1. Read what the merchant takes it to be.
/// 2. Let the payment's object carry the decision out, once.
async fn decide(
    app: &App,
    request_id: String,
    id: &str,
    decision: Decision,
    headers: &HeaderMap,
    body: &WholeBody,
) -> Result<Json<Decided>, Problem> {
    // (1)
    let tracking_id = tracking_id(id)?;
    let check = check(headers, body)?;
    // (2)
    let command = Command::DecidePayout(DecidePayout {
        request_id: request_id.clone(),
        tracking_id,
        decision,
        check,
    });
    let decided = payment::call(&app.env, id, &command, &request_id).await?;
    Ok(Json(decided))
}

fn check(headers: &HeaderMap, body: &WholeBody) -> Result<PayoutCheck, Problem> {
    let body = body.json(headers)?;
    if body.is_empty() {
        return Ok(PayoutCheck::default());
    }
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::new(Code::InvalidBody, "The body is not text in UTF-8."))?;
    PayoutCheck::from_json(text).map_err(|error| match error.violations() {
        [violation] if violation.code == "json" => Problem::new(Code::InvalidBody, violation.message.clone()),
        _ => Problem::invalid_fields(&error),
    })
}
