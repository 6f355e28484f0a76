//! Further webhooks on demand: again, out of order, or contradicting what was told before.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use edge_cashier::Amount;
use serde::Deserialize;
use serde_json::Value;

use crate::clock;
use crate::json::plain_text;
use crate::reply::ErrorReply;
use crate::webhook::{Event, Outbox};

/// The most webhooks that one call sends.
const MOST_TIMES: usize = 1000;

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
    times: Option<usize>,
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
        && Amount::parse(&plain_text(amount)).is_err()
    {
        return Err("amount: a number or a decimal string".to_owned());
    }
    Ok(resend)
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
    if let Some(status) = &resend.status
        && resend.update.unwrap_or(!transaction.status.is_final())
    {
        transaction.report(status.as_str().into());
        store.update_transaction(&transaction, clock::now())?;
    }
    let mut event = Event::of(&transaction);
    let fields = [
        (&mut event.status, resend.status),
        (&mut event.amount, resend.amount.as_ref().map(plain_text)),
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
    let times = resend.times.unwrap_or(1);
    outbox.queue(&vec![event.clone(); times]).await?;
    Ok((StatusCode::ACCEPTED, Json(event)))
}
