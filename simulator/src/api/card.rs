//! `card_payment`: the test cards, each with its own ending. Of a card number only the last four digits are kept, of the
//! security code nothing.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use edge_cashier::{CardNumber, TransactionStatus, TransactionType};
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::fields::{Fields, json_body};
use super::payment::{Payment, open, page_url};
use crate::clock;
use crate::reply::Reply;
use crate::store::{Kind, Stage};
use crate::webhook::{Event, Outbox};

/// How a test card ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Approved,
    Rejected(&'static str),
    Challenge,
}

/// Tells how a card ends. The expiry date is checked for its form and not against today, so that a fixture is good for
/// ever; one card is expired by its number.
fn ending(card_number: &str) -> Ending {
    match card_number {
        "4000000000000002" => Ending::Rejected("Do not honour"),
        "4000000000009995" => Ending::Rejected("Insufficient funds"),
        "4000000000000069" => Ending::Rejected("Expired card"),
        "4000000000000127" => Ending::Rejected("Incorrect security code"),
        "4000000000003220" | "4000000000003063" => Ending::Challenge,
        _ => Ending::Approved,
    }
}

/// What `card_payment` answers.
#[skip_serializing_none]
#[derive(Serialize)]
pub(crate) struct Paid {
    url: String,
    transaction_status: String,
    error: Option<String>,
}

/// Answers `card_payment`.
#[worker::send]
pub(crate) async fn card_payment(State(outbox): State<Outbox>, uri: Uri, body: String) -> Reply<Paid> {
    let body = json_body(&body)?;
    let mut card_number = "";
    let kind = TransactionType::Deposit;
    let payment = Payment::read(&body, kind, Some("routing_id"), |all| card_number = card(all))?;
    let store = &outbox.store;
    let settings = store.settings()?;
    let mut new = payment.transaction;
    new.payment_provider = settings.provider_name(payment.provider);
    new.stage = Stage::Submitted;
    new.card_last_four = card_number
        .len()
        .checked_sub(4)
        .and_then(|at| card_number.get(at..))
        .map(str::to_owned);
    let (mut transaction, mut checkout) = open(store, &settings, new, Kind::Challenge)?;

    let mut url = String::new();
    match ending(card_number) {
        Ending::Challenge => {
            checkout.payer = payment.payer;
            store.add_checkout(&checkout)?;
            url = page_url(&uri, &checkout);
        }
        Ending::Approved => transaction.settle(&TransactionStatus::Successful, None),
        Ending::Rejected(reason) => transaction.settle(&TransactionStatus::Rejected, Some(reason)),
    }
    if transaction.stage == Stage::Settled {
        store.update_transaction(&transaction, clock::now())?;
        outbox.queue(&Event::of(&transaction), &settings).await?;
    }
    Ok(Json(Paid {
        url,
        transaction_status: transaction.status,
        error: transaction.rejected_reason,
    }))
}

/// Checks `card_details` and gives the card number, which goes nowhere but into [`ending`].
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

#[cfg(test)]
mod tests {
    use edge_cashier::CardNumber;

    use super::{Ending, ending};

    #[test]
    fn test_cards_are_well_formed_and_end_as_documented() {
        for (number, expected) in [
            ("4111111111111111", Ending::Approved),
            ("5555555555554444", Ending::Approved),
            ("4000000000000002", Ending::Rejected("Do not honour")),
            ("4000000000009995", Ending::Rejected("Insufficient funds")),
            ("4000000000000069", Ending::Rejected("Expired card")),
            ("4000000000000127", Ending::Rejected("Incorrect security code")),
            ("4000000000003220", Ending::Challenge),
            ("4000000000003063", Ending::Challenge),
        ] {
            assert!(CardNumber::parse(number).is_ok(), "{number}");
            assert_eq!(ending(number), expected, "{number}");
        }
    }
}
