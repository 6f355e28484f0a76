//! One exchange with the gateway: the core's request goes out, what comes back becomes the core's response, in bounded time and memory.

use std::time::Duration;

use edge_cashier::{Gateway, GatewayError, OperationName};
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
};

use crate::body::{self, BodyError};

/// Replies are a token or an address and a few words; the cap keeps a runaway reply out of the object's 128 MB.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// Sends `request` and reads the whole reply within `time_limit`, headers and body together.
///
/// A reply that is too long, never ends or breaks off is a [`GatewayError`] like one that never comes. Redirects are not followed: the API key goes to
/// the configured address and to no other.
pub(super) async fn exchange(
    gateway: &Gateway,
    operation: OperationName,
    request: http::Request<Vec<u8>>,
    time_limit: Duration,
) -> Result<http::Response<Vec<u8>>, GatewayError> {
    let controller = AbortController::default();
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
    request: http::Request<Vec<u8>>,
    signal: &AbortSignal,
) -> Result<http::Response<Vec<u8>>, GatewayError> {
    let failed = |error: worker::Error| gateway.transport_error(operation, &error.to_string());
    let outgoing = outgoing(request).map_err(failed)?;
    let mut incoming = Fetch::Request(outgoing)
        .send_with_signal(signal)
        .await
        .map_err(failed)?;

    let mut response = http::Response::builder().status(incoming.status_code());
    for (name, value) in incoming.headers().entries() {
        response = response.header(name, value);
    }
    // A status like 204 has no body at all.
    let body = match incoming.stream() {
        Err(_) => Vec::new(),
        Ok(stream) => body::read(stream, MAX_REPLY_BYTES)
            .await
            .map_err(|error| match error {
                BodyError::TooLarge => GatewayError::transport(operation, "the reply is longer than 1 MiB"),
                BodyError::Broken(error) => failed(error),
            })?,
    };
    response
        .body(body)
        .map_err(|error| gateway.transport_error(operation, &error.to_string()))
}

fn outgoing(request: http::Request<Vec<u8>>) -> worker::Result<Request> {
    let (parts, body) = request.into_parts();
    let headers = Headers::new();
    for (name, value) in &parts.headers {
        let value = value.to_str().map_err(|_| worker::Error::BadEncoding)?;
        headers.append(name.as_str(), value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::from(parts.method.as_str().to_owned()))
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual);
    if !body.is_empty() {
        init.with_body(Some(Uint8Array::from(body.as_slice()).into()));
    }
    Request::new_with_init(&parts.uri.to_string(), &init)
}
