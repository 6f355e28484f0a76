//! The Worker of edge-cashier: opens a gateway's hosted cashier from tickets that the merchant signed, and keeps the gateway's webhooks.
//! The API key stays in here and never reaches a browser.
//!
//! # Guarantees
//! - Money and identity come from the signed ticket, never from a browser's body.
//! - A ticket, shown any number of times at any instant, makes one gateway call and one session. After a declined card the same ticket may pay by another.
//! - A webhook that was answered 2xx is on disk; repeated ones make one record; the state does not depend on their order ([`payment`]).
//! - A missing or malformed variable is named in the first answer and in `/healthz`, without its value.
//! - An error is `application/problem+json` ([RFC 9457]) with a request id, and holds no secret, no gateway body and nobody's data.
//!
//! The route table is in [`routes`]. The Worker only translates between HTTP and the core (crate `edge-cashier`, which has the requests, the signature and the
//! ledger).
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

// By layer: each module uses only what is listed below it.
mod reconcile;
mod routes;

mod payment;

mod config;

mod admin;
mod analytics;
mod attempt;
mod card;
mod delivery;
mod gateway;
mod index;
mod ticket;
mod turnstile;

mod problem;

mod clock;
mod log;
mod microtask;
mod object;
mod platform;
mod sql_transaction;

use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent, event, web_sys};

#[event(start)]
fn start() {
    microtask::queue_by_promises();
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, _context: Context) -> Result<web_sys::Response> {
    platform::answer(request, routes::router(&env)).await
}

/// Runs by the cron of wrangler.jsonc.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    reconcile::run(&env).await;
}
