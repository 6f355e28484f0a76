//! The Worker of edge-cashier: opens a gateway's hosted cashier from tickets that the merchant signed, and keeps the gateway's webhooks.
//! The API key stays in here and never reaches a browser.
//!
//! # Routes
//! - `POST /v1/sessions` — opens the session of a launch ticket, once ([`session::open`]).
//! - `GET /v1/sessions/{tracking_id}?wait=&version=` — how the payment stands, now or as soon as it changes ([`session::read`]).
//! - `POST /v1/webhooks` — verifies a webhook and keeps it, exactly once ([`webhook::receive`]).
//! - `GET /healthz`, `GET /openapi.yaml`.
//!
//! # Guarantees
//! - Money and identity come from the signed ticket, never from a browser's body.
//! - A ticket, shown any number of times at any instant, makes one gateway call and one session.
//! - A webhook that was answered 2xx is on disk; repeated ones make one record; the state does not depend on their order ([`payment`]).
//! - A missing or malformed variable is named in the first answer and in `/healthz`, without its value.
//! - An error is `application/problem+json` ([RFC 9457]) with a request id, and holds no secret, no gateway body and nobody's data.
//!
//! The Worker only translates between HTTP and the core (crate `edge-cashier`, which has the requests, the signature and the ledger).
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

mod body;
mod clock;
mod config;
mod cors;
mod environment;
mod host;
mod json;
mod log;
mod payment;
mod problem;
mod request_id;
mod respond;
mod route;
mod session;
mod ticket;
mod webhook;

use std::convert::Infallible;

use serde_json::Value;
use wasm_bindgen::JsValue;
use web_sys::{Request, Response};
use worker::{Context, Env, event};

use crate::config::Config;
use crate::problem::{Code, Problem};
use crate::respond::{Answer, Outcome};
use crate::route::Route;

/// A third of the size of the allocator that Rust brings for wasm, and as fast. The npm package has the same.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// What `GET /openapi.yaml` gives.
const OPENAPI: &str = include_str!("../openapi.yaml");

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response, Infallible> {
    let started = clock::now_ms();
    let request_id = request_id::request_id(&request);
    let method = request.method();
    let route = Route::find(path(&request.url())).ok();
    let (outcome, extra) = answer(&request, &method, &env, route.as_ref(), &request_id).await;
    Ok(finish(
        &outcome,
        &extra,
        &request_id,
        &method,
        route.as_ref(),
        started,
    ))
}

/// Writes the answer and the line in the log.
#[inline(never)]
fn finish(
    outcome: &Outcome,
    extra: &ExtraHeaders,
    request_id: &str,
    method: &str,
    route: Option<&Route>,
    started: i64,
) -> Response {
    let response = respond::respond(outcome, request_id, method == "HEAD", extra).unwrap_or_else(|failure| {
        log::failure(request_id, "response", &failure.to_string());
        // Of this the runtime makes a 500 of its own.
        Response::error()
    });
    let code = outcome.as_ref().err().map(|problem| problem.code.as_string());
    log::request(
        request_id,
        method,
        route.map_or("none", Route::pattern),
        response.status(),
        code.as_deref(),
        clock::now_ms().saturating_sub(started),
    );
    response
}

/// The path of an absolute address.
fn path(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.find('/').and_then(|start| after_scheme.get(start..));
    path.unwrap_or("/").split(['?', '#']).next().unwrap_or_default()
}

/// Headers beside those that every answer has.
type ExtraHeaders = Vec<(&'static str, String)>;

/// The answer to a request, and the route's own headers.
async fn answer(
    request: &Request,
    method: &str,
    env: &JsValue,
    route: Option<&Route>,
    request_id: &str,
) -> (Outcome, ExtraHeaders) {
    let config = match environment::config(env) {
        Ok(config) => config,
        Err(error) => return (Err(error.problem()), ExtraHeaders::new()),
    };
    let Some(route) = route else {
        let problem = Problem::new(Code::NotFound, "GET /openapi.yaml lists the addresses.");
        return (Err(problem), ExtraHeaders::new());
    };
    let (preflight, headers) = cross_origin(request, method, &config, route);
    match preflight {
        Some(answer) => (Ok(answer), headers),
        None => (
            handle(request, method, env, &config, route, request_id).await,
            headers,
        ),
    }
}

/// The answer to a preflight, and the headers that pages of other origins need.
#[inline(never)]
fn cross_origin(
    request: &Request,
    method: &str,
    config: &Config,
    route: &Route,
) -> (Option<Answer>, ExtraHeaders) {
    if !route.is_for_browsers() {
        return (None, ExtraHeaders::new());
    }
    let origin = host::header(request, "origin");
    if method == "OPTIONS" {
        let headers = cors::preflight_headers(origin.as_deref(), &config.allowed_origins, route.methods());
        return (Some(Answer::Empty { status: 204 }), headers);
    }
    (None, cors::headers(origin.as_deref(), &config.allowed_origins))
}

/// One arm for each pair of address and method; every other pair is 405.
async fn handle(
    request: &Request,
    method: &str,
    env: &JsValue,
    config: &Config,
    route: &Route,
    request_id: &str,
) -> Outcome {
    match (method, route) {
        ("POST", Route::Sessions) => session::open(request, env, config, request_id).await,
        ("GET" | "HEAD", Route::Session { tracking_id }) => {
            session::read(request, env, config, tracking_id, request_id).await
        }
        ("POST", Route::Webhooks) => webhook::receive(request, env, config, request_id).await,
        ("GET" | "HEAD", Route::Health) => Ok(Answer::Json {
            status: 200,
            body: json::object(vec![
                ("status", Value::from("ok")),
                ("version", Value::from(env!("CARGO_PKG_VERSION"))),
            ]),
        }),
        ("GET" | "HEAD", Route::OpenApi) => Ok(Answer::Text {
            content_type: "application/yaml; charset=utf-8",
            body: OPENAPI,
        }),
        _ => {
            let allow = route.methods();
            let detail = ["This address answers to ", allow, "."].concat();
            Err(Problem {
                allow: Some(allow.to_owned()),
                ..Problem::new(Code::MethodNotAllowed, detail)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn the_path_of_an_address_is_without_host_query_and_fragment() {
        for (url, expected) in [
            (
                "https://shop.example.com/v1/sessions/a%2Fb?wait=25#x",
                "/v1/sessions/a%2Fb",
            ),
            ("http://localhost:8787/", "/"),
            ("http://localhost:8787/a?b=/c", "/a"),
            ("http://localhost:8787", "/"),
        ] {
            assert_eq!(path(url), expected, "{url}");
        }
    }
}
