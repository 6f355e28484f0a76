//! The Payments API: eight operations, each behind an API key, each recorded, and each with the faults that were asked for.

mod card;
mod faulty;
mod fields;
mod payment;
mod payout;
mod record;
mod transactions;

pub(crate) use card::card_payment;
pub(crate) use payment::{direct_payment, hosted_deposit, hosted_withdrawal};
pub(crate) use payout::{approve_payout, reject_payout};
pub(crate) use transactions::{list_transactions, transaction_status};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodRouter;
use edge_cashier::OperationName;

use crate::reply::{ErrorReply, wrong_method};
use crate::store::Store;
use crate::webhook::Outbox;

/// Puts in front of an operation what all of them have. From the outside in: the call is recorded; its method is checked
/// by axum, and then its key; the fault is last, so that a call without a key does not count for it.
pub(crate) fn operation(
    name: OperationName,
    store: &Store,
    handler: MethodRouter<Outbox>,
) -> MethodRouter<Outbox> {
    handler
        .route_layer(from_fn_with_state((store.clone(), name), faulty::inject_fault))
        .route_layer(from_fn_with_state(store.clone(), require_key))
        .fallback(wrong_method)
        .layer(from_fn_with_state((store.clone(), name), record::keep))
}

async fn require_key(
    State(store): State<Store>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorReply> {
    let keys = store.settings()?.api_keys;
    let key = request.headers().get("x-api-key");
    if keys.iter().any(|accepted| key.is_some_and(|key| key == accepted)) {
        return Ok(next.run(request).await);
    }
    let error = "x-api-key is missing or not a key of this merchant";
    Err(ErrorReply::new(StatusCode::UNAUTHORIZED, error))
}
