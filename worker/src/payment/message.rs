//! What the Worker says to a payment's Durable Object and what it hears back, both as JSON.
//!
//! The object has no public address: only this Worker can call it, so a command is trusted. What cannot be read all the same (two versions of the Worker, while one
//! replaces the other) is an error on either side, and nothing is done.

use edge_cashier::{Amount, Currency, Expected, OperationName, PayoutCheck, TrackingId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::card::CardDetails;
use crate::problem::Problem;

/// A command to a payment. Each but [`Command::Record`] is answered with a [`Reply`] of the type that is named with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one of them for each call, never a list"
)]
pub(crate) enum Command {
    /// Answered with an [`Opened`].
    Open(Open),
    /// Answered with the public view of the payment.
    Read(Read),
    /// Answered with success and no body, and the webhook is on disk: whatever its outcome is, the gateway hears the same.
    Record(Record),
    /// Answered with a [`DeliveryRecord`].
    Delivery(FindDelivery),
    /// Answered with nothing.
    Replay(Replay),
    /// Answered with a [`super::Compared`].
    Compare(Compare),
    /// Answered with a [`Decided`].
    DecidePayout(DecidePayout),
    /// Never answered.
    #[cfg(feature = "panic-route")]
    Panic,
}

/// Open the session of a verified ticket, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) request_id: String,
    pub(crate) tracking_id: TrackingId,
    pub(crate) user_id: UserId,
    pub(crate) operation: OperationName,
    /// The operation's request in the core's form, valid, with the connection's `ip` in it; without the card.
    pub(crate) request: Value,
    /// For a card payment. It is in no row.
    pub(crate) card_details: Option<CardDetails>,
    /// Identifies the ticket's contents, see [`crate::ticket::launch`].
    pub(crate) digest: String,
    /// The ticket's amount, digit for digit.
    pub(crate) amount: String,
    /// What a webhook has to say for this payment to count as paid.
    pub(crate) expected: Expected,
}

/// Say what the state of the payment is, now or as soon as something changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Read {
    pub(crate) user_id: String,
    /// How long to wait for a change, in milliseconds; 0 does not wait.
    pub(crate) wait_ms: u64,
    /// The version that the asker has seen; without one, the version at the time of the call.
    pub(crate) version: Option<i64>,
}

/// Keep a webhook whose signature was verified.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) request_id: String,
    /// What was read from the bytes that were signed, as JSON again. As text within the command's JSON: only the core reads every event that it verifies, also one whose
    /// fields nest as deep as may be.
    pub(crate) event: String,
    /// The body exactly as it came: the evidence, together with its signature.
    pub(crate) body: String,
    pub(crate) signature: String,
    /// Which form of the body was signed: `canonical` or `raw`.
    pub(crate) matched: String,
    /// Which password signed it, while passwords are being rotated.
    pub(crate) password_id: Option<String>,
}

/// Say what became of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FindDelivery {
    pub(crate) id: String,
}

/// Deliver a message again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) id: String,
}

/// Approve or reject the payout, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DecidePayout {
    pub(crate) request_id: String,
    pub(crate) tracking_id: TrackingId,
    pub(crate) decision: Decision,
    /// What the merchant takes the payout to be.
    pub(crate) check: PayoutCheck,
}

/// The merchant's decision on a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    Approved,
    Rejected,
}

impl Decision {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// Compare what the gateway's list says with what its webhooks reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Compare {
    pub(crate) listing: Listing,
}

/// A transaction of the gateway's list that is in a final state; without the customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Listing {
    pub(crate) transaction_id: String,
    pub(crate) status: String,
    pub(crate) amount: Option<Amount>,
    pub(crate) currency: Option<Currency>,
    pub(crate) user_amount: Option<Amount>,
    pub(crate) user_currency: Option<Currency>,
    pub(crate) provider: Option<String>,
}

/// The answer to a command.
pub(crate) type Reply<T> = Result<T, Problem>;

/// A session that is open at the gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// False when the same ticket had opened it before.
    pub(crate) created: bool,
    /// The public reply.
    pub(crate) session: Value,
}

/// What became of a message. Times are RFC 3339, UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeliveryRecord {
    pub(crate) id: String,
    /// `waiting`, `delivered`, `parked` or `withheld`.
    pub(crate) state: String,
    pub(crate) tracking_id: String,
    /// When it was made, or last replayed.
    pub(crate) at: String,
    /// How often it was sent, or held back because the gateway had not confirmed it, since `at`.
    pub(crate) tries: u32,
    /// When it is tried again, while it waits.
    pub(crate) next_at: Option<String>,
    pub(crate) delivered_at: Option<String>,
    /// What the last try came to.
    pub(crate) last_answer: Option<String>,
}

/// A payout on which the merchant has decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decided {
    pub(crate) tracking_id: String,
    pub(crate) decision: Decision,
    /// The gateway's id, if a webhook had named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_id: Option<String>,
    /// What the gateway said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_status: Option<String>,
    /// The gateway's sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::problem::Code;

    #[test]
    fn a_command_arrives_as_it_was_sent() {
        let text = |text: &str| text.to_owned();
        let request = serde_json::from_str(r#"{"request":{"amount":200.00,"user_id":"128"}}"#).unwrap();
        let expected = r#"{"amount":200.00,"currency":"EUR","user_id":"128","transaction_type":"deposit"}"#;
        let event = concat!(
            r#"{"transaction_id":"t","user_id":"128","tracking_id":"order-1","status":"successful","#,
            r#""currency":"EUR","amount":"200.00","transaction_type":"deposit","id":12345678901234567890}"#
        );
        let commands = [
            Command::Open(Open {
                request_id: text("r-1"),
                tracking_id: TrackingId::new("order-1").unwrap(),
                user_id: UserId::new("128").unwrap(),
                operation: OperationName::HostedDeposit,
                request,
                card_details: None,
                digest: text("d"),
                amount: text("200.00"),
                expected: serde_json::from_str(expected).unwrap(),
            }),
            Command::Read(Read {
                user_id: text("128"),
                wait_ms: 25_000,
                version: Some(0),
            }),
            Command::Record(Record {
                request_id: text("r-1"),
                event: text(event),
                body: text("{ \"ü\": 1.0 }"),
                signature: text("AB"),
                matched: text("raw"),
                password_id: None,
            }),
            Command::DecidePayout(DecidePayout {
                request_id: text("r-1"),
                tracking_id: TrackingId::new("order-1").unwrap(),
                decision: Decision::Rejected,
                check: PayoutCheck::from_json(
                    r#"{"expected_amount":"79228162514264337593543950.335","expected_currency":"EUR","resend":true}"#,
                )
                .unwrap(),
            }),
            Command::Compare(Compare {
                listing: serde_json::from_str(
                    r#"{"transaction_id":"t","status":"rejected","amount":1234567890123.45,"user_currency":"EUR"}"#,
                )
                .unwrap(),
            }),
        ];
        for command in commands {
            let sent = serde_json::to_string(&command).unwrap();
            assert_eq!(serde_json::from_str::<Command>(&sent).unwrap(), command, "{sent}");
            assert!(
                !matches!(command, Command::Open(_)) || sent.contains(r#""amount":200.00,"user_id""#),
                "{sent}"
            );
        }
        assert!(serde_json::from_str::<Command>(r#"{"forget":{}}"#).is_err());
    }

    #[test]
    fn a_reply_arrives_as_it_was_sent() {
        for reply in [
            Ok(Opened {
                created: true,
                session: serde_json::json!({ "token": "abc" }),
            }),
            Err(Problem::new(Code::TicketReused, "Mint a fresh jti.")),
        ] {
            let sent = serde_json::to_string(&reply).unwrap();
            assert_eq!(
                serde_json::from_str::<Reply<Opened>>(&sent).unwrap(),
                reply,
                "{sent}"
            );
        }
    }
}
