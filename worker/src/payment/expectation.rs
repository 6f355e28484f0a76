//! [`Expected`] as the text that goes to the object and into its row.

use edge_cashier::{Amount, Currency, Expected, TransactionType, UserId};
use serde_json::Value;

use crate::json;

/// The text of what a payment has to turn out to be; the amount is a JSON number, digit for digit.
#[inline(never)]
pub(crate) fn to_text(expected: &Expected) -> String {
    // Written from words and a decimal: it cannot fail, and memory takes it all.
    String::from_utf8(serde_json::to_vec(expected).unwrap_or_default()).unwrap_or_default()
}

/// Reads what [`to_text`] wrote.
#[inline(never)]
pub(super) fn from_text(text: &str) -> Option<Expected> {
    let mut members = json::parse_object(text.as_bytes())?;
    let amount = match members.value("amount") {
        None => None,
        Some(Value::Number(amount)) => Some(Amount::parse(amount.as_str()).ok()?),
        // An amount that cannot be read must not become "any amount".
        Some(_) => return None,
    };
    Some(Expected {
        amount,
        currency: Currency::carried(members.text("currency")?),
        user_id: UserId::new(members.text("user_id")?).ok()?,
        transaction_type: TransactionType::from(members.text("transaction_type")?),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_and_nothing_else_is() {
        for amount in [Some("10.05"), Some("200.00"), Some("0"), None] {
            let expected = Expected {
                amount: amount.map(|amount| Amount::parse(amount).unwrap()),
                currency: Currency::parse("EUR").unwrap(),
                user_id: UserId::new("128").unwrap(),
                transaction_type: TransactionType::Withdrawal,
            };
            let text = to_text(&expected);
            assert_eq!(from_text(&text), Some(expected), "{text}");
        }
        for text in [
            "",
            "{}",
            r#"{"amount":"x","currency":"EUR","user_id":"128","transaction_type":"deposit"}"#,
            r#"{"amount":1e2,"currency":"EUR","user_id":"128","transaction_type":"deposit"}"#,
            r#"{"amount":1,"user_id":"128","transaction_type":"deposit"}"#,
        ] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }
}
