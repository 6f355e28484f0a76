//! What every answer has in common: a request id, safe headers, problems as problem+json, a line in the log; and CORS for browsers.

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    RETRY_AFTER, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use uuid::Uuid;

use super::App;
use super::extract;
use crate::config::Config;
use crate::platform::MAX_BODY_BYTES;
use crate::problem::{Code, Problem};
use crate::{clock, log};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long a browser may remember the answer to a preflight: ten minutes, so that a change of the list is soon seen.
const PREFLIGHT_MAX_AGE: std::time::Duration = std::time::Duration::from_secs(600);

/// Nothing that this Worker answers is a page: no script, no frame, no sniffing, no cache, no referrer.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// What bodies but a webhook's have at most: a card, a token of Turnstile (2048 characters) or a decision on a payout, with some white space.
pub(super) const MAX_SHORT_BODY_BYTES: usize = 4 * 1024;

/// Refuses longer bodies before they are read.
pub(super) fn limited(router: Router<App>, max_bytes: usize) -> Router<App> {
    router.layer(RequestBodyLimitLayer::new(max_bytes))
}

/// Adds what every answer has; the last layer is the outermost. They stand around the router and not within it, since it writes `Allow` outside its own layers.
pub(super) fn common(routes: Router) -> Router {
    Router::new()
        .fallback_service(routes.layer(from_fn(name_route)))
        .layer(from_fn(finish))
        .layer(PropagateRequestIdLayer::new(X_REQUEST_ID))
        .layer(SetRequestIdLayer::new(X_REQUEST_ID, RayOrUuid))
        .layer(from_fn(forget_their_request_id))
}

/// Lets the pages of `ALLOWED_ORIGINS` call these routes, and no others. There are no cookies and therefore no credentials; the ticket in `Authorization` is what
/// counts. Webhooks come from a server and have no CORS at all.
pub(super) fn cross_origin(router: Router<App>, config: &Config) -> Router<App> {
    let origins = config.allowed_origins.iter();
    let cors = CorsLayer::new()
        .allow_origin(
            origins
                .filter_map(|origin| origin.parse().ok())
                .collect::<Vec<HeaderValue>>(),
        )
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([X_REQUEST_ID, RETRY_AFTER])
        .max_age(PREFLIGHT_MAX_AGE);
    router.layer(cors).layer(from_fn(mend_preflight))
}

/// The layer answers a preflight with 200 and tells pages of other origins what they could do if they were allowed.
async fn mend_preflight(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if preflight {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    let headers = response.headers_mut();
    if !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.remove(ACCESS_CONTROL_ALLOW_METHODS);
        headers.remove(ACCESS_CONTROL_ALLOW_HEADERS);
    }
    response
}

/// Cloudflare's own id of the request, or a random one where there is none (locally).
#[derive(Debug, Clone)]
struct RayOrUuid;

impl MakeRequestId for RayOrUuid {
    fn make_request_id<B>(&mut self, request: &http::Request<B>) -> Option<RequestId> {
        let ray = request.headers().get("cf-ray").cloned();
        let random = || HeaderValue::try_from(Uuid::new_v4().to_string()).ok();
        ray.or_else(random).map(RequestId::new)
    }
}

/// What a client sends as its id is not taken over: it could be anything.
async fn forget_their_request_id(mut request: Request, next: Next) -> Response {
    request.headers_mut().remove(X_REQUEST_ID);
    next.run(request).await
}

/// Tells [`finish`] the pattern of the route, which holds nobody's id.
async fn name_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Writes problems, the safe headers, and the line in the log.
async fn finish(request: Request, next: Next) -> Response {
    let started = clock::now_ms();
    let extract::RequestId(request_id) = extract::RequestId::of(request.extensions());
    let method = request.method().clone();
    let mut response = next.run(request).await;

    let route = response.extensions_mut().remove::<MatchedPath>();
    let problem = problem(&mut response);
    if let Some(problem) = &problem {
        write(problem, &request_id, &mut response);
    }
    response.headers_mut().extend(SECURITY_HEADERS);
    log::Line::Request {
        request_id: &request_id,
        method: method.as_str(),
        route: route.as_ref().map_or("none", MatchedPath::as_str),
        status: response.status().as_u16(),
        code: problem.map(|problem| problem.code.name()),
        ms: clock::now_ms().saturating_sub(started),
    }
    .write();
    response
}

/// The problem of a handler, or the one that the router or a layer means by its bare status.
fn problem(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    Some(match response.status() {
        status if status.is_success() => return None,
        StatusCode::NOT_FOUND => Problem::new(Code::NotFound, "GET /openapi.yaml lists the addresses."),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allow = allowed(response);
            Problem::new(
                Code::MethodNotAllowed,
                format!("This address answers to {allow}."),
            )
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            Code::PayloadTooLarge,
            format!("A body has at most {MAX_SHORT_BODY_BYTES} bytes, and a webhook {MAX_BODY_BYTES}."),
        ),
        _ => Problem::internal(),
    })
}

/// The methods that the address answers to; the router writes them without spaces.
fn allowed(response: &mut Response) -> String {
    let allow = response
        .headers()
        .get(ALLOW)
        .and_then(|allow| allow.to_str().ok());
    let allow = allow.unwrap_or_default().replace(',', ", ");
    if let Ok(value) = HeaderValue::try_from(&allow) {
        response.headers_mut().insert(ALLOW, value);
    }
    allow
}

fn write(problem: &Problem, request_id: &str, response: &mut Response) {
    *response.status_mut() = problem.code.status();
    *response.body_mut() = Body::from(problem.body(request_id));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    // RFC 6750, 3: which credentials would be accepted, and what was wrong with those that came.
    let challenge = match problem.code {
        Code::MissingTicket | Code::MissingAdminToken => "Bearer",
        Code::InvalidTicket
        | Code::InvalidAdminToken
        | Code::ExpiredTicket
        | Code::TicketNotYetValid
        | Code::TicketLifetime
        | Code::WrongAudience => "Bearer error=\"invalid_token\"",
        _ => return,
    };
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
}
