//! A card on its way to the gateway. It is never written down: not in a log, not in an error, not in storage.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The object `card_details` of a request, as the browser sent it; the core checks it. It prints as `[REDACTED]`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CardDetails(Value);

impl fmt::Debug for CardDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl CardDetails {
    /// The operation's whole request: the card beside the payment.
    pub(crate) fn beside(&self, request: &Value) -> Value {
        json!({ "request": request.get("request"), "card_details": self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_sent_and_not_printed() {
        let card = CardDetails(json!({ "card_number": "4111111111111111" }));
        assert_eq!(format!("{card:?}"), "[REDACTED]");
        assert_eq!(
            card.beside(&json!({ "request": { "amount": 1 } })).to_string(),
            r#"{"request":{"amount":1},"card_details":{"card_number":"4111111111111111"}}"#
        );
    }
}
