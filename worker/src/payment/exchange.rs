//! One exchange with the gateway: the core's request goes out, the core reads what comes back, in bounded time and memory.

use std::borrow::Cow;
use std::time::Duration;

use edge_cashier::{Gateway, GatewayError, Incoming, OperationName, Outgoing};
use futures_util::future::{Either, select};
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
    request: Outgoing,
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
    request: Outgoing,
    signal: &AbortSignal,
) -> Result<Value, GatewayError> {
    let failed = |failure: Failure| gateway.transport_error(operation, &failure.to_string());
    let init = outgoing(&request, signal).map_err(failed)?;
    let incoming = host::fetch(&request.url, &init).await.map_err(failed)?;
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
    read(gateway, operation, &incoming, &body)
}

/// The core's request as the host has it.
#[inline(never)]
fn outgoing(request: &Outgoing, signal: &AbortSignal) -> Result<RequestInit, Failure> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    if !request.body.is_empty() {
        init.set_body(&Uint8Array::from(request.body.as_slice()));
    }
    Ok(init)
}

/// The core's reading of the host's response.
#[inline(never)]
fn read(
    gateway: &Gateway,
    operation: OperationName,
    response: &Response,
    body: &[u8],
) -> Result<Value, GatewayError> {
    let mut headers = Vec::new();
    for entry in response.headers().entries().into_iter().flatten() {
        let entry: Array = entry.unchecked_into();
        headers.extend(entry.get(0).as_string().zip(entry.get(1).as_string()));
    }
    let text = String::from_utf8_lossy(body);
    let find = |name: &str| headers.iter().find(|(one, _)| one == name);
    let reply = Incoming {
        status: response.status(),
        headers: &|name| find(name).map(|(_, value)| value.as_str()),
        body: &text,
        is_utf8: matches!(text, Cow::Borrowed(_)),
    };
    gateway.incoming(operation, &reply)
}
