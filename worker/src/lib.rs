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
mod log;
mod payment;
mod problem;
mod request_id;
mod respond;
mod route;
mod session;
mod ticket;
mod webhook;

use serde_json::json;
use worker::{Context, Env, Method, Request, Response, Result, event};

use crate::config::Config;
use crate::problem::{Code, Problem};
use crate::respond::{Answer, Outcome};
use crate::route::Route;

/// What `GET /openapi.yaml` gives.
const OPENAPI: &str = include_str!("../openapi.yaml");

#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: Context) -> Result<Response> {
    let started = clock::now_ms();
    let request_id = request_id::request_id(&request);
    let method = request.method();
    let route = Route::find(&request.path()).ok();
    let (outcome, extra) = answer(&mut request, &env, route.as_ref(), &request_id).await;
    let response = respond::respond(&outcome, &request_id, method == Method::Head, &extra)?;

    let code = outcome.as_ref().err().map(|problem| problem.code.as_string());
    let pattern = route.as_ref().map_or("none", Route::pattern);
    let elapsed = clock::now_ms().saturating_sub(started);
    log::request(
        &request_id,
        method.as_ref(),
        pattern,
        response.status_code(),
        code.as_deref(),
        elapsed,
    );
    Ok(response)
}

/// Headers beside those that every answer has.
type ExtraHeaders = Vec<(&'static str, String)>;

/// The answer to a request, and the route's own headers.
async fn answer(
    request: &mut Request,
    env: &Env,
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
    let origin = session::header(request, "origin");
    if request.method() == Method::Options && route.is_for_browsers() {
        let headers = cors::preflight_headers(origin.as_deref(), &config.allowed_origins, route.methods());
        return (Ok(Answer::Empty { status: 204 }), headers);
    }
    let headers = match route.is_for_browsers() {
        true => cors::headers(origin.as_deref(), &config.allowed_origins),
        false => ExtraHeaders::new(),
    };
    (handle(request, env, &config, route, request_id).await, headers)
}

/// One arm for each pair of address and method; every other pair is 405.
async fn handle(
    request: &mut Request,
    env: &Env,
    config: &Config,
    route: &Route,
    request_id: &str,
) -> Outcome {
    match (request.method(), route) {
        (Method::Post, Route::Sessions) => session::open(request, env, config, request_id).await,
        (Method::Get | Method::Head, Route::Session { tracking_id }) => {
            session::read(request, env, config, tracking_id, request_id).await
        }
        (Method::Post, Route::Webhooks) => webhook::receive(request, env, config, request_id).await,
        (Method::Get | Method::Head, Route::Health) => Ok(Answer::Json {
            status: 200,
            body: json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }),
        }),
        (Method::Get | Method::Head, Route::OpenApi) => Ok(Answer::Text {
            content_type: "application/yaml; charset=utf-8",
            body: OPENAPI,
        }),
        _ => {
            let allow = route.methods();
            let problem = Problem::new(
                Code::MethodNotAllowed,
                format!("This address answers to {allow}."),
            );
            Err(Problem {
                allow: Some(allow.to_owned()),
                ..problem
            })
        }
    }
}
