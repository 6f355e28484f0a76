//! The platform's requests and responses as those of the crate `http`: for the router, and for what the Worker sends itself.
//!
//! `worker` converts them too, but fails as a whole on a header that is not ASCII (Cloudflare can add the name of the visitor's city), and writes every response
//! as a stream. Ours skips such headers and writes a body that is in memory in one piece.

use std::str::FromStr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use futures_util::future::{Either, ready, select};
use futures_util::stream;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName};
use http::{HeaderValue, Method, Uri};
use js_sys::Uint8Array;
use js_sys::futures::JsFuture;
use tower_service::Service;
use worker::{
    AbortController, AbortSignal, Delay, Error, Fetch, Headers, Request, RequestInit, RequestRedirect,
    Response, ResponseBuilder, Result, web_sys,
};

/// No body that the Worker reads is longer: a webhook has some 200 bytes, and strangers must not make us hash megabytes.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// Lets `router` answer the platform's request.
pub(crate) async fn answer(request: Request, mut router: Router) -> Result<Response> {
    match router.call(incoming(request).await).await {
        Ok(response) => outgoing(response).await,
        Err(never) => match never {},
    }
}

async fn incoming(mut request: Request) -> http::Request<Body> {
    let body = body(&mut request).await;
    let raw = request.inner();
    let mut converted = http::Request::new(body);
    // What is no address by the rules of HTTP is the root, where there is nothing.
    *converted.uri_mut() = Uri::from_str(&raw.url()).unwrap_or_default();
    *converted.method_mut() = Method::from_str(&raw.method()).unwrap_or_default();
    *converted.headers_mut() = header_map(request.headers());
    converted
}

/// A body that announces a length that we take is read in one piece: as a stream, the usual webhook would cost several times as much.
async fn body(request: &mut Request) -> Body {
    let Some(stream) = request.inner().body() else {
        return Body::empty();
    };
    let announced = request.headers().get("content-length").ok().flatten();
    let announced = announced.and_then(|length| length.parse::<usize>().ok());
    if announced.is_none_or(|length| length > MAX_BODY_BYTES) {
        return Body::new(worker::Body::new(stream));
    }
    match request.bytes().await {
        Ok(bytes) => Body::from(bytes),
        // Whoever reads it learns that the connection failed.
        Err(error) => Body::from_stream(stream::once(ready(Err::<Vec<u8>, _>(error)))),
    }
}

/// The headers that are ones by the rules of HTTP; the others are left out.
pub(crate) fn header_map(headers: &Headers) -> HeaderMap {
    let entries = headers.entries().filter_map(|(name, value)| {
        Some((
            HeaderName::from_str(&name).ok()?,
            HeaderValue::from_str(&value).ok()?,
        ))
    });
    let mut map = HeaderMap::new();
    for (name, value) in entries {
        map.append(name, value);
    }
    map
}

async fn outgoing(response: http::Response<Body>) -> Result<Response> {
    let (mut parts, body) = response.into_parts();
    // Every body of ours is in memory already.
    let body = to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Error::RustError(error.to_string()))?;
    // The platform counts for itself.
    parts.headers.remove(CONTENT_LENGTH);
    let builder = ResponseBuilder::new()
        .with_status(parts.status.as_u16())
        .with_headers(Headers::from(parts.headers));
    Ok(if body.is_empty() {
        builder.empty()
    } else {
        builder.fixed(body.into())
    })
}

/// The whole body as text, by the platform's own reading: `worker` reads it as a stream.
pub(crate) async fn text(response: Response) -> Result<String> {
    let response: web_sys::Response = response.into();
    let text = JsFuture::from(response.text()?).await?;
    text.as_string()
        .ok_or_else(|| Error::from("the body is not text"))
}

/// Why there is no answer to a request of ours.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    TimedOut,
    Failed(Error),
}

/// Sends a request and lets `read` take what it needs of the response, both within `time_limit`. Redirects are not followed.
pub(crate) async fn exchange<T>(
    request: &http::Request<Vec<u8>>,
    time_limit: Duration,
    read: impl AsyncFnOnce(Response) -> Result<T>,
) -> std::result::Result<T, NoAnswer> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchanged = Box::pin(async { read(send(request, &signal).await?).await });
    let outcome = match select(exchanged, Delay::from(time_limit)).await {
        Either::Left((outcome, _)) => outcome.map_err(NoAnswer::Failed),
        Either::Right(_) => Err(NoAnswer::TimedOut),
    };
    // Whatever is still open (a response that is too long or too slow) is closed; after a whole one this does nothing.
    controller.abort();
    outcome
}

async fn send(request: &http::Request<Vec<u8>>, signal: &AbortSignal) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(worker::Method::from(request.method().to_string()))
        .with_headers(Headers::from(request.headers()))
        .with_redirect(RequestRedirect::Manual);
    if !request.body().is_empty() {
        init.with_body(Some(Uint8Array::from(request.body().as_slice()).into()));
    }
    let request = Request::new_with_init(&request.uri().to_string(), &init)?;
    Fetch::Request(request).send_with_signal(signal).await
}
