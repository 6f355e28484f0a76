//! `card_payment`: the test cards, each with its own ending. Of a card number only the last four digits are kept, of the
//! security code nothing.

use edge_cashier::{TransactionStatus, TransactionType};
use serde_json::{Value, json};

use super::checks::Fields;
use super::payment::{Payment, json_body, open, page_url};
use super::{Answer, Call, Operation};
use crate::store::{Kind, Stage};
use crate::webhook::Event;

/// How a test card ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Approved,
    Rejected(&'static str),
    Challenge,
}

/// The expiry date is checked for its form and not against today, so that a fixture is good for ever; one card is
/// expired by its number.
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

/// The operation.
pub(super) async fn pay(call: &Call<'_>) -> worker::Result<Answer> {
    let body = match json_body(call) {
        Ok(body) => body,
        Err(answer) => return Ok(answer),
    };
    let mut card_number = "";
    let read = Payment::read(&body, Operation::CardPayment, |all| card_number = card(all));
    let payment = match read {
        Ok(payment) => payment,
        Err(problems) => return Ok(Answer::refused(&problems)),
    };
    let provider = call.settings.provider_name(payment.provider.unwrap_or_default());
    let mut new = payment.transaction(TransactionType::Deposit, provider);
    new.stage = Stage::Submitted;
    new.card_last_four = card_number
        .len()
        .checked_sub(4)
        .and_then(|at| card_number.get(at..))
        .map(str::to_owned);
    let (mut transaction, mut checkout) = open(call, new, Kind::Challenge)?;

    let (status, reason) = match ending(card_number) {
        Ending::Challenge => {
            checkout.payer = payment.payer;
            call.store.add_checkout(&checkout)?;
            let url = page_url(call, &checkout);
            return Answer::json(
                200,
                &json!({ "url": url, "transaction_status": transaction.status }),
            );
        }
        Ending::Approved => (TransactionStatus::Successful, None),
        Ending::Rejected(reason) => (TransactionStatus::Rejected, Some(reason)),
    };
    transaction.status = status.as_str().to_owned();
    transaction.stage = Stage::Settled;
    transaction.rejected_reason = reason.map(str::to_owned);
    call.store.update_transaction(&transaction, call.now)?;
    call.outbox()
        .queue(&Event::of(&transaction), call.settings)
        .await?;

    let mut reply = json!({ "url": "", "transaction_status": transaction.status });
    if let (Some(reason), Value::Object(reply)) = (reason, &mut reply) {
        reply.insert("error".to_owned(), reason.into());
    }
    Answer::json(200, &reply)
}

/// Checks `card_details` and gives the card number, which goes nowhere but into [`ending`].
fn card<'a>(all: &mut Fields<'a>) -> &'a str {
    let mut details = all.object("card_details", true);
    details.text("holder_name", true);
    let number = details.formed("card_number", true, "must be a card number", |text| {
        (12..=19).contains(&text.len()) && passes_luhn(text)
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

/// The check digit of ISO/IEC 7812-1, annex B.
pub(super) fn passes_luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match digit * if place % 2 == 1 { 2 } else { 1 } {
                two_digits if two_digits > 9 => two_digits - 9,
                one_digit => one_digit,
            }
        })
        .fold(0, u32::saturating_add);
    is_digits(number) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::{Ending, ending, passes_luhn};

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
            assert!(passes_luhn(number), "{number}");
            assert_eq!(ending(number), expected, "{number}");
        }
    }

    #[test]
    fn a_wrong_digit_does_not_pass() {
        for number in ["4111111111111112", "411111111111111a", "4111 1111 1111 1111"] {
            assert!(!passes_luhn(number), "{number}");
        }
    }
}
