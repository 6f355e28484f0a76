//! One exchange with the gateway: the core's request goes out, the core reads what comes back, in bounded time and memory.

use std::time::Duration;

use edge_cashier::{
    ErrorClass, Gateway, GatewayError, Operation, OperationName, TrackingId, TransactionStatus,
    TransactionStatusQuery,
};
use futures_util::TryStreamExt;
use http::StatusCode;
use serde_json::Value;
use worker::{Response, ResponseBody, Result};

use crate::config::Config;
use crate::log;
use crate::platform::{self, NoAnswer};
use crate::problem::{Code, Problem};

/// Replies are a token or an address and a few words; the cap keeps a runaway reply out of the object's 128 MB.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// A list has some 350 bytes a row, so that this is a busy day.
pub(crate) const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

/// Sends `request` and reads the reply as JSON; see [`send`].
pub(crate) async fn exchange(
    gateway: &Gateway,
    operation: OperationName,
    request: http::Request<Vec<u8>>,
    time_limit: Duration,
) -> std::result::Result<Value, GatewayError> {
    let reply = send(gateway, operation, request, time_limit).await?;
    gateway.reply_for(operation, reply.ok_or_else(|| too_long(operation))?)
}

/// Asks for a list as [`exchange`] does. `None` when it is longer than [`MAX_LIST_BYTES`]: asking again would bring the same, asking for fewer days would not.
pub(crate) async fn list(
    gateway: &Gateway,
    request: http::Request<Vec<u8>>,
    time_limit: Duration,
) -> std::result::Result<Option<Value>, GatewayError> {
    let operation = OperationName::ListTransactions;
    let reply = send(gateway, operation, request, time_limit).await?;
    reply.map(|reply| gateway.reply_for(operation, reply)).transpose()
}

/// Sends the request of an operation and reads its reply; see [`send`].
pub(crate) async fn call<O: Operation>(
    gateway: &Gateway,
    request: http::Request<Vec<u8>>,
    time_limit: Duration,
) -> std::result::Result<O::Reply, GatewayError> {
    let reply = send(gateway, O::NAME, request, time_limit).await?;
    gateway.reply::<O>(reply.ok_or_else(|| too_long(O::NAME))?)
}

/// Asks for the latest state of a payment, or says why it is not known; a failure of the gateway is in the log, under `request_id`.
pub(crate) async fn transaction_status(
    config: &Config,
    tracking_id: &str,
    request_id: &str,
) -> std::result::Result<TransactionStatus, &'static str> {
    let id = TrackingId::new(tracking_id).ok();
    let request = id.and_then(|id| config.gateway.request(&TransactionStatusQuery::new(id)).ok());
    let request = request.ok_or("the gateway cannot be asked about this tracking id")?;
    let reply = call::<TransactionStatusQuery>(&config.gateway, request, config.gateway_timeout).await;
    let reply = reply.map_err(|error| {
        log::gateway_failure(request_id, tracking_id, &error);
        "the gateway could not be asked"
    });
    Ok(reply?.transaction_status)
}

/// Sends `request` and receives the whole reply within `time_limit`, headers and body together.
///
/// A reply that never ends or breaks off is a [`GatewayError`] like one that never comes; one that is longer than [`max_bytes`] is `None`. Redirects are not
/// followed: the API key goes to the configured address and to no other.
async fn send(
    gateway: &Gateway,
    operation: OperationName,
    request: http::Request<Vec<u8>>,
    time_limit: Duration,
) -> std::result::Result<Option<http::Response<Vec<u8>>>, GatewayError> {
    let max_bytes = max_bytes(operation);
    let read = async |response| whole(response, max_bytes).await;
    match platform::exchange(&request, time_limit, read).await {
        Ok(reply) => Ok(reply),
        Err(NoAnswer::TimedOut) => Err(GatewayError::timeout(operation, time_limit)),
        Err(NoAnswer::Failed(error)) => Err(gateway.transport_error(operation, &error.to_string())),
    }
}

fn max_bytes(operation: OperationName) -> usize {
    match operation {
        OperationName::ListTransactions => MAX_LIST_BYTES,
        _ => MAX_REPLY_BYTES,
    }
}

fn too_long(operation: OperationName) -> GatewayError {
    let mebibytes = max_bytes(operation) >> 20;
    GatewayError::transport(operation, format!("the reply is longer than {mebibytes} MiB"))
}

/// What a client hears of a failed call: the kind of failure and the status. The gateway's body stays here: it may repeat what was sent.
///
/// `nothing` says what did not happen, `again` whether the client may try again; both are parts of a sentence.
pub(crate) fn problem(error: &GatewayError, nothing: &str, again: &str) -> Problem {
    let (code, what) = failure(error);
    let then = match code {
        Code::GatewayRefused => "the Worker's log names the cause by the request id",
        _ => again,
    };
    let problem = Problem::new(code, format!("{what}{nothing}; {then}."));
    match error.retry_after() {
        Some(wait) => problem.with_retry_after(wait.as_secs()),
        None => problem,
    }
}

/// The kind of failure, and a sentence with what the gateway answered.
pub(crate) fn failure(error: &GatewayError) -> (Code, String) {
    let answered = |status| format!("The gateway answered with status {status}. ");
    match (error.class(), error.status()) {
        (ErrorClass::Caller, status) => (Code::GatewayRefused, answered(status.unwrap_or_default())),
        (ErrorClass::Timeout, _) => (Code::GatewayTimeout, String::new()),
        (ErrorClass::Gateway, Some(status)) => (Code::GatewayError, answered(status)),
        (ErrorClass::Unreadable, _) => (
            Code::GatewayError,
            String::from("The gateway's reply is not what its API promises. "),
        ),
        _ => (
            Code::GatewayError,
            String::from("The gateway could not be reached or broke off. "),
        ),
    }
}

/// The whole reply, or `None` when it is longer than the cap.
async fn whole(mut response: Response, max_bytes: usize) -> Result<Option<http::Response<Vec<u8>>>> {
    let mut body = Vec::new();
    // A status like 204 has no body at all.
    if !matches!(response.body(), ResponseBody::Empty) {
        let mut stream = response.stream()?;
        while let Some(chunk) = stream.try_next().await? {
            if body.len() + chunk.len() > max_bytes {
                return Ok(None);
            }
            body.extend(chunk);
        }
    }
    let mut reply = http::Response::new(body);
    *reply.status_mut() =
        StatusCode::from_u16(response.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *reply.headers_mut() = platform::header_map(&response.headers().0);
    Ok(Some(reply))
}
