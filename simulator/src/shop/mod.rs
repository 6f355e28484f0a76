//! The backend of the demo shop: who its users are, the signing of launch tickets, the endpoint for the Worker's deliveries,
//! and the merchant's console. A real merchant has this in a backend of their own; it is never part of the deployed Worker.
//!
//! `faults` is the demo's own: it makes the simulated gateway and this shop's endpoint fail, and counts what became of it.

mod console;
mod deliveries;
mod faults;
mod session;
mod ticket;
mod token;
mod users;

pub(crate) use console::{approve, reject, replay};
pub(crate) use deliveries::{list, receive};
pub(crate) use faults::{change, resend, show};
pub(crate) use session::{sign_in, users};
pub(crate) use ticket::ticket;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::ShopConfig;
use crate::reply::ErrorReply;

/// Refuses the pages of every origin but the storefront's; what has no origin is no page.
pub(crate) async fn storefront_alone(
    State(shop): State<ShopConfig>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorReply> {
    let origin = request.headers().get(header::ORIGIN);
    if origin.is_some_and(|origin| origin.as_bytes() != shop.origin.as_bytes()) {
        let error = "this shop answers its own storefront alone";
        return Err(ErrorReply::new(StatusCode::FORBIDDEN, error));
    }
    let is_preflight = request.method() == Method::OPTIONS;
    let mut reply = next.run(request).await;
    if is_preflight {
        // `CorsLayer` says 200 of an empty reply.
        *reply.status_mut() = StatusCode::NO_CONTENT;
    }
    Ok(reply)
}
