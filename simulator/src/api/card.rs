//! `card_payment`. Of a card number only the last four digits are kept, of the security code nothing.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use edge_cashier::{CardNumber, TransactionStatus, TransactionType};
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::fields::{Fields, json_body};
use super::payment::{Payment, open, page_url};
use crate::cards::{Outcome, TIMEOUT_MS, ending};
use crate::clock;
use crate::fault::FaultKind;
use crate::reply::ErrorReply;
use crate::store::{PageKind, Stage};
use crate::transport;
use crate::webhook::{Event, Outbox};

/// What `card_payment` answers.
#[skip_serializing_none]
#[derive(Serialize)]
pub(crate) struct Paid {
    url: String,
    transaction_status: TransactionStatus,
    error: Option<String>,
}

/// Answers `card_payment`.
#[worker::send]
pub(crate) async fn card_payment(
    State(outbox): State<Outbox>,
    uri: Uri,
    body: String,
) -> Result<Response, ErrorReply> {
    let body = json_body(&body)?;
    let mut card_number = "";
    let kind = TransactionType::Deposit;
    let payment = Payment::read(&body, kind, Some("routing_id"), |all| card_number = card(all))?;
    let store = &outbox.store;
    let settings = store.settings()?;
    let mut new = payment.transaction;
    new.payment_provider = settings.provider_name(payment.provider);
    new.stage = Stage::Submitted;
    new.card_last_four = CardNumber::parse(card_number)
        .ok()
        .map(|number| number.last_four().to_owned());
    let (mut transaction, mut checkout) = open(store, &settings, new, PageKind::Challenge)?;

    let mut url = String::new();
    let (outcome, reason) = ending(card_number);
    match outcome {
        Outcome::Challenge => {
            checkout.payer = payment.payer;
            store.add_checkout(&checkout)?;
            url = page_url(&uri, &checkout);
        }
        Outcome::Approved | Outcome::Timeout => transaction.settle(TransactionStatus::Successful, None),
        Outcome::Declined => transaction.settle(TransactionStatus::Rejected, reason),
        Outcome::Pending => {}
    }
    store.update_transaction(&transaction, clock::now())?;
    if outcome != Outcome::Challenge {
        outbox.queue(&[Event::of(&transaction)]).await?;
    }
    let mut reply = Json(Paid {
        url,
        transaction_status: transaction.status,
        error: transaction.rejected_reason,
    })
    .into_response();
    if outcome == Outcome::Timeout {
        transport::leave_with(&mut reply, FaultKind::Slow, Some(TIMEOUT_MS));
        reply.extensions_mut().insert(FaultKind::Slow);
    }
    Ok(reply)
}

/// Checks `card_details` and gives the card number, which only decides the ending.
fn card<'a>(all: &mut Fields<'a>) -> &'a str {
    let mut details = all.object("card_details", true);
    details.text("holder_name", true);
    let number = details.formed("card_number", true, "must be a card number", |text| {
        is_digits(text) && CardNumber::parse(text).is_ok()
    });
    details.formed("cvc", true, "must be 3 or 4 digits", |text| {
        (3..=4).contains(&text.len()) && is_digits(text)
    });
    details.formed("exp_month", true, "must be two digits, 01 to 12", |text| {
        text.len() == 2 && is_digits(text) && text.parse::<u8>().is_ok_and(|month| (1..=12).contains(&month))
    });
    details.formed("exp_year", true, "must be four digits", |text| {
        text.len() == 4 && is_digits(text)
    });
    all.absorb(details);
    number.unwrap_or_default()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
