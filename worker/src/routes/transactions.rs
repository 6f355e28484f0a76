//! `GET /v1/transactions/{id}` and `GET /v1/transactions`: what the gateway knows, for the merchant's backend.

mod range;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use edge_cashier::retry::{Retry, RetryPolicy, decide};
use edge_cashier::{
    GatewayError, ListTransactions, OperationName, TransactionStatusQuery, ValidationError, Windows,
};
use http::Request;
use serde::Serialize;
use serde_json::Value;
use worker::Delay;

use self::range::{Range, RangeQuery};
use super::App;
use super::extract::{Path, Query, RequestId, tracking_id};
use super::merchant::Merchant;
use crate::config::Config;
use crate::gateway::{self, call, exchange};
use crate::problem::Problem;
use crate::{clock, log};

/// The fields of a row that are money; see [`exact`].
const AMOUNTS: [&str; 3] = ["amount", "user_amount", "fx_amount"];

/// The latest state of a payment.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    id: String,
    transaction_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_reason: Option<String>,
}

/// Asks the gateway for the latest state of a payment, by the merchant's id of it.
#[worker::send]
pub(super) async fn status(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
) -> Result<Json<Status>, Problem> {
    let config = &app.config;
    let request = config
        .gateway
        .request(&TransactionStatusQuery::new(tracking_id(&id)?));
    let request = sendable(request)?;
    let reply = call::<TransactionStatusQuery>(&config.gateway, request, config.gateway_timeout).await;
    let reply = reply.map_err(|error| failed(&error, &request_id, &id))?;
    Ok(Json(Status {
        id,
        transaction_status: reply.transaction_status.as_str().to_owned(),
        rejected_reason: reply.rejected_reason,
    }))
}

#[derive(Debug, Serialize)]
pub(super) struct List {
    transactions: Vec<Value>,
}

/// Lists the transactions of any range of days.
///
/// 1. Read the range; today without one.
/// 2. Ask for one window after the other: the gateway lists at most seven days.
/// 3. Keep each transaction once.
///
/// A year is 53 calls, and up to 106 when each is repeated. Cloudflare allows a request 50 on the free plan (some 50 weeks) and 10,000 on the paid ones;
/// beyond that the runtime fails the call, which is answered like a gateway that cannot be reached.
#[worker::send]
pub(super) async fn list(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    query: Result<Query<RangeQuery>, Problem>,
) -> Result<Json<List>, Problem> {
    // (1)
    let Query(query) = query?;
    let Range { from, to } = Range::read(&query, clock::today())?;
    let mut seen = BTreeSet::new();
    let mut transactions = Vec::new();
    // (2)
    for window in ListTransactions::windows(from, to) {
        let mut rows = rows(&app.config, &window, &request_id).await?;
        // (3)
        Windows::keep_new(&mut rows, |id| seen.insert(id.to_owned()));
        transactions.extend(rows.into_iter().map(exact));
    }
    Ok(Json(List { transactions }))
}

/// The rows of one window, in the gateway's form; a failed call is repeated once if the core allows it.
async fn rows(config: &Config, window: &ListTransactions, request_id: &str) -> Result<Vec<Value>, Problem> {
    let operation = OperationName::ListTransactions;
    let policy = RetryPolicy::with_max_retries(1);
    let request = sendable(config.gateway.request(window))?;
    let mut attempt = 1;
    loop {
        let sent = exchange(
            &config.gateway,
            operation,
            request.clone(),
            config.gateway_timeout,
        );
        let error = match sent.await {
            Ok(Value::Array(rows)) => return Ok(rows),
            // The core reads nothing else as a list.
            Ok(_) => return Err(Problem::internal()),
            Err(error) => error,
        };
        match decide(operation, attempt, &error, &policy, js_sys::Math::random()) {
            Retry::After(wait) => Delay::from(wait).await,
            Retry::GiveUp => return Err(failed(&error, request_id, "")),
        }
        attempt += 1;
    }
}

/// Makes texts of the amounts, of exactly their digits: a JSON number is rounded by most readers.
fn exact(mut row: Value) -> Value {
    for name in AMOUNTS {
        if let Some(amount) = row.get_mut(name).filter(|amount| amount.is_number()) {
            *amount = Value::String(amount.to_string());
        }
    }
    row
}

fn sendable(request: Result<Request<Vec<u8>>, ValidationError>) -> Result<Request<Vec<u8>>, Problem> {
    request.map_err(|error| Problem::invalid_fields(&error))
}

fn failed(error: &GatewayError, request_id: &str, tracking_id: &str) -> Problem {
    log::gateway_failure(request_id, tracking_id, error);
    gateway::problem(error, "Nothing was read", "the same request may try again")
}
