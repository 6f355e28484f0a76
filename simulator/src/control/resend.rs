//! Further webhooks on demand: again, out of order, or contradicting what was told before.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use edge_cashier::{Amount, TransactionStatus};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::clock;
use crate::reply::ErrorReply;
use crate::store::{Stage, Store, Transaction, Webhook};
use crate::webhook::{Event, Outbox};

/// The most webhooks that one call sends.
const MOST_TIMES: u32 = 1000;

/// What `POST /control/webhooks` asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    tracking_id: String,
    /// Without it: the transaction's own status.
    status: Option<String>,
    /// Another amount than the transaction's; a number or a decimal string, sent digit for digit.
    amount: Option<Value>,
    currency: Option<String>,
    user_id: Option<String>,
    transaction_type: Option<String>,
    transaction_id: Option<String>,
    times: Option<u32>,
    /// Whether the transaction takes the status. Without it: as long as it has no final one.
    update: Option<bool>,
}

/// Reads the request.
fn read(body: &str) -> Result<Resend, String> {
    let resend: Resend = serde_json::from_str(body).map_err(|error| error.to_string())?;
    if resend
        .times
        .is_some_and(|times| !(1..=MOST_TIMES).contains(&times))
    {
        return Err(format!("times: from 1 to {MOST_TIMES}"));
    }
    if let Some(amount) = &resend.amount
        && Amount::parse(&digits(amount)).is_err()
    {
        return Err("amount: a number or a decimal string".to_owned());
    }
    Ok(resend)
}

/// Writes a text as it is and a number digit for digit.
fn digits(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Answers `POST /control/webhooks`: puts the webhooks into the outbox.
#[worker::send]
pub(crate) async fn resend(
    State(outbox): State<Outbox>,
    body: String,
) -> Result<(StatusCode, Json<Event>), ErrorReply> {
    let resend = read(&body).map_err(ErrorReply::unprocessable)?;
    let store = &outbox.store;
    let missing = || ErrorReply::not_found("no transaction has this tracking_id");
    let mut transaction = store
        .transaction_by_tracking_id(&resend.tracking_id)?
        .ok_or_else(missing)?;
    let is_settled = TransactionStatus::from(transaction.status.as_str()).is_final();
    if let Some(status) = &resend.status
        && resend.update.unwrap_or(!is_settled)
    {
        set_status(store, &mut transaction, status)?;
    }
    let mut event = Event::of(&transaction);
    let fields = [
        (&mut event.status, resend.status),
        (&mut event.amount, resend.amount.as_ref().map(digits)),
        (&mut event.currency, resend.currency),
        (&mut event.user_id, resend.user_id),
        (&mut event.transaction_type, resend.transaction_type),
        (&mut event.transaction_id, resend.transaction_id),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            *field = value;
        }
    }
    for _ in 0..resend.times.unwrap_or(1) {
        // Read anew each time: a fault that counts down changes them.
        outbox.queue(&event, &store.settings()?).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(event)))
}

/// Returns what a webhook told, whatever its form: it is signed and written anew, as the settings say now.
pub(super) fn event_of(webhook: &Webhook) -> worker::Result<Event> {
    // The one form that JSON does not allow.
    let body = webhook.body.trim_start_matches('\u{feff}');
    let body: Map<String, Value> = serde_json::from_str(body)?;
    let text = |name: &str| body.get(name).map(digits).unwrap_or_default();
    Ok(Event {
        transaction_id: text("transaction_id"),
        user_id: text("user_id"),
        tracking_id: text("tracking_id"),
        status: text("status"),
        currency: text("currency"),
        amount: text("amount"),
        transaction_type: text("transaction_type"),
    })
}

/// Gives a transaction the status that its provider reports.
pub(super) fn set_status(store: &Store, transaction: &mut Transaction, status: &str) -> worker::Result<()> {
    let is_final = TransactionStatus::from(status).is_final();
    transaction.status = status.to_owned();
    transaction.stage = match transaction.stage {
        _ if is_final => Stage::Settled,
        Stage::Opened => Stage::Submitted,
        stage => stage,
    };
    if status == TransactionStatus::Rejected.as_str() && transaction.rejected_reason.is_none() {
        transaction.rejected_reason = Some("Rejected by the provider".to_owned());
    }
    store.update_transaction(transaction, clock::now())
}
