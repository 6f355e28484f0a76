//! Approving and rejecting payouts that wait for the merchant.

use edge_cashier::TransactionStatus;
use serde_json::json;

use super::checks::Fields;
use super::payment::json_body;
use super::{Answer, Call};
use crate::store::{Stage, Transaction};
use crate::webhook::Event;

/// `approve_payout`, which names the payout by the merchant's id. The payout is pending until the provider has paid; the
/// webhook tells when.
pub(super) async fn approve(call: &Call<'_>) -> worker::Result<Answer> {
    let id = match transaction_id(call) {
        Ok(id) => id,
        Err(answer) => return Ok(answer),
    };
    let mut transaction = match waiting(call.store.transaction_by_tracking_id(&id)?) {
        Ok(transaction) => transaction,
        Err(answer) => return Ok(answer),
    };
    settle(call, &mut transaction, TransactionStatus::Successful, None).await?;
    let reply = json!({
        "message": "Transaction Withdrawal has been approved successfully",
        "transaction_status": TransactionStatus::Pending.as_str(),
    });
    Answer::json(200, &reply)
}

/// `reject_payout`, which names the payout by the gateway's id.
pub(super) async fn reject(call: &Call<'_>) -> worker::Result<Answer> {
    let id = match transaction_id(call) {
        Ok(id) => id,
        Err(answer) => return Ok(answer),
    };
    let mut transaction = match waiting(call.store.transaction_by_gateway_id(&id)?) {
        Ok(transaction) => transaction,
        Err(answer) => return Ok(answer),
    };
    let reason = Some("Rejected by the merchant");
    settle(call, &mut transaction, TransactionStatus::Rejected, reason).await?;
    Answer::json(200, &json!({}))
}

fn transaction_id(call: &Call<'_>) -> Result<String, Answer> {
    let body = json_body(call)?;
    let mut fields = Fields::of_body(&body);
    match fields.text("transaction_id", true) {
        Some(id) => Ok(id.to_owned()),
        None => Err(Answer::refused(&fields.into_problems())),
    }
}

/// The payout, if it waits for the merchant.
fn waiting(found: Option<Transaction>) -> Result<Transaction, Answer> {
    match found {
        Some(transaction) if transaction.is_payout() => match transaction.stage {
            Stage::AwaitingMerchant => Ok(transaction),
            Stage::Opened | Stage::Submitted => {
                Err(Answer::error(409, "the user has not confirmed this payout yet"))
            }
            Stage::Settled => Err(Answer::error(
                409,
                &format!("this payout is not pending: it is {}", transaction.status),
            )),
        },
        _ => Err(Answer::error(404, "no payout has this transaction_id")),
    }
}

async fn settle(
    call: &Call<'_>,
    transaction: &mut Transaction,
    status: TransactionStatus,
    reason: Option<&str>,
) -> worker::Result<()> {
    transaction.status = status.as_str().to_owned();
    transaction.stage = Stage::Settled;
    transaction.rejected_reason = reason.map(str::to_owned);
    call.store.update_transaction(transaction, call.now)?;
    call.outbox().queue(&Event::of(transaction), call.settings).await
}
