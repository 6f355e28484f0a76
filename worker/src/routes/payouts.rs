//! `POST /v1/payouts/{tracking_id}/approve` and `/reject`: the merchant's decision on a payout.

use axum::Json;
use axum::extract::State;
use edge_cashier::PayoutCheck;
use http::HeaderMap;

use super::App;
use super::extract::{Path, RequestId, WholeBody, is_json, tracking_id};
use super::merchant::Merchant;
use crate::payment::message::{Command, DecidePayout, Decided, Decision};
use crate::payment::{self, CallResult};
use crate::problem::{Code, Problem};

/// Three fields and some white space.
const MAX_BODY_BYTES: usize = 4096;

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
    let decided: CallResult<Decided> = payment::call(&app.env, id, &command, &request_id).await;
    Ok(Json(decided.map_err(|_| Problem::internal())??))
}

fn check(headers: &HeaderMap, body: &WholeBody) -> Result<PayoutCheck, Problem> {
    let too_large = || Problem::new(Code::PayloadTooLarge, "The body has at most 4096 bytes.");
    let refused = |detail| Problem::new(Code::InvalidBody, detail);
    let body = match body {
        WholeBody::Read(body) if body.len() > MAX_BODY_BYTES => return Err(too_large()),
        WholeBody::Read(body) if body.is_empty() => return Ok(PayoutCheck::default()),
        WholeBody::Read(body) => body,
        WholeBody::TooLarge => return Err(too_large()),
        WholeBody::Broken => return Err(refused("The body broke off.")),
    };
    if !is_json(headers) {
        return Err(refused("Send the body with Content-Type: application/json."));
    }
    let text = std::str::from_utf8(body).map_err(|_| refused("The body is not text in UTF-8."))?;
    PayoutCheck::from_json(text).map_err(|error| match error.violations() {
        [violation] if violation.code == "json" => Problem::new(Code::InvalidBody, violation.message.clone()),
        _ => Problem::invalid_fields(&error),
    })
}
