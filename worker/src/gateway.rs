//! One exchange with the gateway: the core's request goes out, the core reads what comes back, in bounded time and memory.

use std::time::Duration;

use edge_cashier::{Gateway, GatewayError, ListTransactions, OperationName, Transaction};
use futures_util::TryStreamExt;
use http::StatusCode;
use serde_json::Value;
use worker::{Response, ResponseBody, Result};

use crate::platform::{self, NoAnswer};

/// Replies are a token or an address and a few words; the cap keeps a runaway reply out of the object's 128 MB.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// A list has some 350 bytes a row, so that this is a busy day.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

/// Sends `request` and reads the whole reply within `time_limit`, headers and body together.
///
/// A reply that is too long, never ends or breaks off is a [`GatewayError`] like one that never comes. Redirects are not followed: the API key goes to
/// the configured address and to no other.
pub(crate) async fn exchange(
    gateway: &Gateway,
    operation: OperationName,
    request: http::Request<Vec<u8>>,
    time_limit: Duration,
) -> std::result::Result<Value, GatewayError> {
    let reply = send(gateway, operation, &request, time_limit, MAX_REPLY_BYTES).await?;
    gateway.reply_for(operation, reply)
}

/// Lists transactions, in the same way.
pub(crate) async fn list(
    gateway: &Gateway,
    window: ListTransactions,
    time_limit: Duration,
) -> std::result::Result<Vec<Transaction>, GatewayError> {
    let operation = OperationName::ListTransactions;
    let request = gateway
        .request(&window)
        .map_err(|error| GatewayError::transport(operation, error.to_string()))?;
    let reply = send(gateway, operation, &request, time_limit, MAX_LIST_BYTES).await?;
    gateway.reply::<ListTransactions>(reply)
}

async fn send(
    gateway: &Gateway,
    operation: OperationName,
    request: &http::Request<Vec<u8>>,
    time_limit: Duration,
    max_bytes: usize,
) -> std::result::Result<http::Response<Vec<u8>>, GatewayError> {
    let read = async |response| whole(response, max_bytes).await;
    match platform::exchange(request, time_limit, read).await {
        Ok(Some(reply)) => Ok(reply),
        Ok(None) => Err(GatewayError::transport(
            operation,
            format!("the reply is longer than {} MiB", max_bytes >> 20),
        )),
        Err(NoAnswer::TimedOut) => Err(GatewayError::timeout(operation, time_limit)),
        Err(NoAnswer::Failed(error)) => Err(gateway.transport_error(operation, &error.to_string())),
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
    *reply.headers_mut() = platform::header_map(response.headers());
    Ok(Some(reply))
}
