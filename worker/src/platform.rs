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
use js_sys::futures::JsFuture;
use js_sys::{Array, JSON, Uint8Array};
use tower_service::Service;
use wasm_bindgen::JsValue;
use worker::web_sys::{self, ResponseInit};
use worker::{
    AbortController, AbortSignal, Delay, Error, Fetch, Headers, Request, RequestInit, RequestRedirect,
    Response, Result,
};

/// No body that the Worker reads is longer: a webhook has some 200 bytes, and strangers must not make us hash megabytes.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// How the Worker names itself to the gateway and to the merchant's endpoint.
pub(crate) const USER_AGENT: &str = concat!("edge-cashier-worker/", env!("CARGO_PKG_VERSION"));

/// How long a body may take to come: a client that sends a byte now and then must not hold a request for ever, and the platform lets it.
pub(crate) const BODY_TIME_LIMIT: Duration = Duration::from_secs(10);

/// Lets `router` answer the platform's request.
pub(crate) async fn answer(request: web_sys::Request, mut router: Router) -> Result<web_sys::Response> {
    match router.call(incoming(&request).await).await {
        Ok(response) => outgoing(response).await,
        Err(never) => match never {},
    }
}

/// Reads the platform's own request: `worker`'s reads more of it than the router needs.
async fn incoming(request: &web_sys::Request) -> http::Request<Body> {
    let headers = header_map(&request.headers());
    let mut converted = http::Request::new(body(request, &headers).await);
    // What is no address by the rules of HTTP is the root, where there is nothing.
    *converted.uri_mut() = Uri::from_str(&request.url()).unwrap_or_default();
    *converted.method_mut() = Method::from_str(&request.method()).unwrap_or_default();
    *converted.headers_mut() = headers;
    converted
}

/// A body that announces a length that we take is read in one piece: as a stream, the usual webhook would cost several times as much.
async fn body(request: &web_sys::Request, headers: &HeaderMap) -> Body {
    let Some(stream) = request.body() else {
        return Body::empty();
    };
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    let announced = announced.and_then(|length| length.parse::<usize>().ok());
    if announced.is_none_or(|length| length > MAX_BODY_BYTES) {
        return Body::new(worker::Body::new(stream));
    }
    let error = match select(Box::pin(bytes(request)), Delay::from(BODY_TIME_LIMIT)).await {
        Either::Left((Ok(bytes), _)) => return Body::from(bytes),
        Either::Left((Err(error), _)) => error,
        Either::Right(_) => Error::from("the body took too long"),
    };
    // Whoever reads it learns that the connection failed.
    Body::from_stream(stream::once(ready(Err::<Vec<u8>, _>(error))))
}

async fn bytes(request: &web_sys::Request) -> Result<Vec<u8>> {
    let buffer = JsFuture::from(request.array_buffer()?).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// The headers that are ones by the rules of HTTP; the others are left out. They cross as one text: one by one, each took several calls.
pub(crate) fn header_map(headers: &web_sys::Headers) -> HeaderMap {
    let entries = JSON::stringify(&Array::from(headers)).map(String::from);
    let entries = entries.ok().and_then(|text| serde_json::from_str(&text).ok());
    let entries: Vec<(String, String)> = entries.unwrap_or_default();
    let mut map = HeaderMap::new();
    for (name, value) in entries {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            map.append(name, value);
        }
    }
    map
}

/// The headers as `Response` takes them, also in one piece.
fn header_list(headers: &HeaderMap) -> Result<JsValue> {
    let list: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    Ok(JSON::parse(&serde_json::to_string(&list)?)?)
}

async fn outgoing(response: http::Response<Body>) -> Result<web_sys::Response> {
    let (mut parts, body) = response.into_parts();
    // Every body of ours is in memory already.
    let body = to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Error::RustError(error.to_string()))?;
    // The platform counts for itself.
    parts.headers.remove(CONTENT_LENGTH);
    let init = ResponseInit::new();
    init.set_status(parts.status.as_u16());
    init.set_headers(&header_list(&parts.headers)?);
    let body = (!body.is_empty()).then(|| Uint8Array::from(&*body));
    Ok(web_sys::Response::new_with_opt_buffer_source_and_init(
        body.as_deref(),
        &init,
    )?)
}

/// The whole body as text, by the platform's own reading: `worker` reads it as a stream.
pub(crate) async fn text(response: &web_sys::Response) -> Result<String> {
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
