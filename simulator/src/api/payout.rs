//! Approving and rejecting payouts that wait for the merchant.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use edge_cashier::TransactionStatus;
use serde_json::json;

use super::fields::{Fields, json_body};
use crate::clock;
use crate::reply::{ErrorReply, Reply};
use crate::store::{Stage, Transaction};
use crate::webhook::{Event, Outbox};

/// Answers `approve_payout`, which names the payout by the merchant's id. The payout is pending until the provider has
/// paid; the webhook tells when.
#[worker::send]
pub(crate) async fn approve_payout(State(outbox): State<Outbox>, body: String) -> Reply {
    let id = transaction_id(&body)?;
    let transaction = waiting(outbox.store.transaction_by_tracking_id(&id)?)?;
    settle(&outbox, transaction, TransactionStatus::Successful, None).await?;
    Ok(Json(json!({
        "message": "Transaction Withdrawal has been approved successfully",
        "transaction_status": TransactionStatus::Pending.as_str(),
    })))
}

/// Answers `reject_payout`, which names the payout by the gateway's id.
#[worker::send]
pub(crate) async fn reject_payout(State(outbox): State<Outbox>, body: String) -> Reply {
    let id = transaction_id(&body)?;
    let transaction = waiting(outbox.store.transaction_by_gateway_id(&id)?)?;
    let reason = Some("Rejected by the merchant");
    settle(&outbox, transaction, TransactionStatus::Rejected, reason).await?;
    Ok(Json(json!({})))
}

fn transaction_id(body: &str) -> Result<String, ErrorReply> {
    let body = json_body(body)?;
    let mut fields = Fields::of_body(&body);
    let id = fields.text("transaction_id", true).map(str::to_owned);
    id.ok_or_else(|| fields.into_problems().into())
}

/// Returns the payout, if it waits for the merchant.
fn waiting(found: Option<Transaction>) -> Result<Transaction, ErrorReply> {
    let missing = || ErrorReply::not_found("no payout has this transaction_id");
    let payout = found.filter(Transaction::is_payout).ok_or_else(missing)?;
    let error = match payout.stage {
        Stage::AwaitingMerchant => return Ok(payout),
        Stage::Opened | Stage::Submitted => "the user has not confirmed this payout yet".to_owned(),
        Stage::Settled => format!("this payout is not pending: it is {}", payout.status),
    };
    Err(ErrorReply::new(StatusCode::CONFLICT, error))
}

async fn settle(
    outbox: &Outbox,
    mut transaction: Transaction,
    status: TransactionStatus,
    reason: Option<&str>,
) -> worker::Result<()> {
    transaction.settle(status, reason);
    outbox.store.update_transaction(&transaction, clock::now())?;
    outbox.queue(&[Event::of(&transaction)]).await
}
