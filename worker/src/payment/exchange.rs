//! One exchange with the gateway: the core's request goes out, the core reads what comes back, in bounded time and memory.

use std::time::Duration;

use edge_cashier::{Gateway, GatewayError, OperationName};
use futures_util::future::{Either, select};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use js_sys::{Array, Uint8Array};
use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit, RequestRedirect, Response};
use worker::Delay;

use crate::body::{self, BodyError};
use crate::host::{self, Failure};

/// Replies are a token or an address and a few words; the cap keeps a runaway reply out of the object's 128 MB.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// Sends `request` and reads the whole reply within `time_limit`, headers and body together.
///
/// A reply that is too long, never ends or breaks off is a [`GatewayError`] like one that never comes. Redirects are not followed: the API key goes to
/// the configured address and to no other.
pub(super) async fn exchange(
    gateway: &Gateway,
    operation: OperationName,
    request: Request<Vec<u8>>,
    time_limit: Duration,
) -> Result<Value, GatewayError> {
    let controller = AbortController::new()
        .map_err(|thrown| gateway.transport_error(operation, &Failure::from(thrown).to_string()))?;
    let signal = controller.signal();
    let exchanged = Box::pin(send(gateway, operation, request, &signal));
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
    request: Request<Vec<u8>>,
    signal: &AbortSignal,
) -> Result<Value, GatewayError> {
    let failed = |failure: Failure| gateway.transport_error(operation, &failure.to_string());
    let url = request.uri().to_string();
    let init = init(&request, signal).map_err(failed)?;
    let incoming = host::fetch(&url, &init).await.map_err(failed)?;
    // A status like 204 has no body at all.
    let body = match incoming.body() {
        None => Vec::new(),
        Some(stream) => body::read(&stream, MAX_REPLY_BYTES)
            .await
            .map_err(|error| match error {
                BodyError::TooLarge => GatewayError::transport(operation, "the reply is longer than 1 MiB"),
                BodyError::Broken(failure) => failed(failure),
            })?,
    };
    gateway.reply_for(operation, response(&incoming, body))
}

/// The core's request as the host has it.
fn init(request: &Request<Vec<u8>>, signal: &AbortSignal) -> Result<RequestInit, Failure> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        headers.append(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers(&headers);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    if !request.body().is_empty() {
        init.set_body(&Uint8Array::from(request.body().as_slice()));
    }
    Ok(init)
}

/// The host's response as the core reads it. A header that is none by the rules of HTTP is left out.
fn response(response: &Response, body: Vec<u8>) -> http::Response<Vec<u8>> {
    let mut read = http::Response::new(body);
    *read.status_mut() = StatusCode::from_u16(response.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for entry in response.headers().entries().into_iter().flatten() {
        let entry: Array = entry.unchecked_into();
        let (name, value) = (entry.get(0).as_string(), entry.get(1).as_string());
        let name = name.and_then(|name| name.parse::<HeaderName>().ok());
        let value = value.and_then(|value| HeaderValue::try_from(value).ok());
        if let (Some(name), Some(value)) = (name, value) {
            read.headers_mut().append(name, value);
        }
    }
    read
}
