//! One exchange with the gateway: the core's request goes out, the core reads what comes back, in bounded time and memory.

use std::time::Duration;

use edge_cashier::{Gateway, GatewayError, OperationName};
use futures_util::TryStreamExt;
use futures_util::future::{Either, select};
use http::StatusCode;
use js_sys::Uint8Array;
use serde_json::Value;
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
    Response,
};

use crate::platform;

/// Replies are a token or an address and a few words; the cap keeps a runaway reply out of the object's 128 MB.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// Sends `request` and reads the whole reply within `time_limit`, headers and body together.
///
/// A reply that is too long, never ends or breaks off is a [`GatewayError`] like one that never comes. Redirects are not followed: the API key goes to
/// the configured address and to no other.
pub(crate) async fn exchange(
    gateway: &Gateway,
    operation: OperationName,
    request: http::Request<Vec<u8>>,
    time_limit: Duration,
) -> Result<Value, GatewayError> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchanged = Box::pin(send(gateway, operation, &request, &signal));
    let outcome = match select(exchanged, Delay::from(time_limit)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(GatewayError::timeout(operation, time_limit)),
    };
    // Whatever is still open (a reply that is too long or too slow) is closed; after a whole reply this does nothing.
    controller.abort();
    outcome
}

async fn send(
    gateway: &Gateway,
    operation: OperationName,
    request: &http::Request<Vec<u8>>,
    signal: &AbortSignal,
) -> Result<Value, GatewayError> {
    let failed = |error: worker::Error| gateway.transport_error(operation, &error.to_string());
    let request = outgoing(request).map_err(failed)?;
    let mut response = Fetch::Request(request)
        .send_with_signal(signal)
        .await
        .map_err(failed)?;
    let body = body(&mut response)
        .await
        .map_err(failed)?
        .ok_or_else(|| GatewayError::transport(operation, "the reply is longer than 1 MiB"))?;
    let mut reply = http::Response::new(body);
    *reply.status_mut() =
        StatusCode::from_u16(response.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *reply.headers_mut() = platform::header_map(response.headers());
    gateway.reply_for(operation, reply)
}

fn outgoing(request: &http::Request<Vec<u8>>) -> worker::Result<Request> {
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method().to_string()))
        .with_headers(Headers::from(request.headers()))
        .with_redirect(RequestRedirect::Manual);
    if !request.body().is_empty() {
        init.with_body(Some(Uint8Array::from(request.body().as_slice()).into()));
    }
    Request::new_with_init(&request.uri().to_string(), &init)
}

/// The whole body, or `None` when it is longer than the cap.
async fn body(response: &mut Response) -> worker::Result<Option<Vec<u8>>> {
    // A status like 204 has no body at all.
    if matches!(response.body(), worker::ResponseBody::Empty) {
        return Ok(Some(Vec::new()));
    }
    let mut stream = response.stream()?;
    let mut body = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        if body.len() + chunk.len() > MAX_REPLY_BYTES {
            return Ok(None);
        }
        body.extend(chunk);
    }
    Ok(Some(body))
}
