//! The message to the merchant about a change of the payment.

use edge_cashier::{
    Delivery, DeliveryKind, Ledger, OperationName, PaymentState, TransactionStatus, WebhookEvent,
};
use serde::Serialize;
use worker::Result;

use crate::clock;

/// A message to the merchant, as it is sent every time.
#[derive(Debug)]
pub(super) struct Notice {
    /// Names the change: however often and from whichever isolate it is sent, the id is the same.
    pub(super) id: String,
    pub(super) body: String,
    /// Whether it says that the payment is successful: also a conflict with the success or a refund does.
    pub(super) says_successful: bool,
}

/// The message of Standard Webhooks.
#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    /// When the Worker took the gateway's webhook; RFC 3339, UTC.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    tracking_id: &'a str,
    transaction_id: &'a str,
    user_id: &'a str,
    /// `null` for a payment that this Worker did not open.
    operation: Option<OperationName>,
    transaction_type: &'a str,
    /// The attempt's status, in the gateway's word.
    status: &'a str,
    /// The payment's state after this.
    state: &'a str,
    /// A decimal text, in units of the currency.
    amount: String,
    currency: &'a str,
}

/// Writes the message about `event`, which the ledger has just taken; `None` when it has not, or when later news had overtaken the event before it came.
pub(super) fn notice(
    ledger: &Ledger,
    event: &WebhookEvent,
    operation: Option<OperationName>,
    at: i64,
) -> Result<Option<Notice>> {
    let deliveries = ledger.deliveries();
    let mut current = deliveries.iter().filter(|delivery| !delivery.superseded);
    let Some(delivery) = current.find(|delivery| delivery.event == event) else {
        return Ok(None);
    };
    let message = Message {
        r#type: kind(delivery),
        timestamp: clock::rfc3339(at),
        data: Data {
            tracking_id: event.tracking_id.as_str(),
            transaction_id: event.transaction_id.as_str(),
            user_id: event.user_id.as_str(),
            operation,
            transaction_type: event.transaction_type.as_str(),
            status: event.status.as_str(),
            state: delivery.state.as_str(),
            amount: event.amount.to_string(),
            currency: event.currency.code(),
        },
    };
    Ok(Some(Notice {
        id: id(event.tracking_id.as_str(), &delivery.key),
        body: serde_json::to_string(&message)?,
        says_successful: delivery.state == PaymentState::Successful,
    }))
}

fn kind(delivery: &Delivery<'_>) -> &'static str {
    match (delivery.kind, &delivery.state) {
        // It says nothing about the state that it is in: a refund comes after the success.
        (DeliveryKind::State, _) if matches!(delivery.event.status, TransactionStatus::Other(_)) => {
            "payment.updated"
        }
        (DeliveryKind::State, PaymentState::Successful) => "payment.successful",
        (DeliveryKind::State, PaymentState::Rejected) => "payment.rejected",
        (DeliveryKind::State, PaymentState::Pending) => "payment.pending",
        (DeliveryKind::Conflict, _) | (_, PaymentState::Conflict) => "payment.conflict",
        _ => "payment.updated",
    }
}

/// The id has the tracking id in it, so that the payment's object is found by it, and the digest of the event. The scheme allows no full stop in an id.
fn id(tracking_id: &str, key: &str) -> String {
    let digest = key.rsplit(':').next().unwrap_or_default();
    format!("msg_{}_{digest}", hex::encode(tracking_id))
}

/// Reads the tracking id out of what [`id`] wrote.
pub(crate) fn tracking_id(id: &str) -> Option<String> {
    let (tracking_id, _) = id.strip_prefix("msg_")?.split_once('_')?;
    String::from_utf8(hex::decode(tracking_id).ok()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn event(transaction_id: &str, status: &str) -> WebhookEvent {
        let event = serde_json::json!({
            "transaction_id": transaction_id, "user_id": "128", "tracking_id": "order/1: ü", "status": status,
            "currency": "EUR", "amount": "10.05", "transaction_type": "deposit",
        });
        WebhookEvent::from_json(event.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_change_is_told_by_the_state_after_it_and_under_an_id_of_its_own() {
        let mut ledger = Ledger::new(None);
        let mut ids = Vec::new();
        for (event, kind, says_successful) in [
            (event("declined", "pending"), "payment.pending", false),
            (event("declined", "rejected"), "payment.rejected", false),
            (event("other", "successful"), "payment.successful", true),
            (event("other", "refunded"), "payment.updated", true),
            (event("third", "successful"), "payment.conflict", true),
        ] {
            ledger.apply(&event);
            let notice = notice(&ledger, &event, Some(OperationName::HostedDeposit), 0)
                .unwrap()
                .unwrap();
            assert!(
                notice
                    .body
                    .starts_with(&format!(r#"{{"type":"{kind}","timestamp":"1970"#)),
                "{}",
                notice.body
            );
            assert_eq!(notice.says_successful, says_successful, "{kind}");
            assert_eq!(tracking_id(&notice.id).as_deref(), Some("order/1: ü"));
            assert!(!notice.id.contains('.') && notice.id.is_ascii());
            ids.push(notice.id);
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 5);
        let overtaken = event("other", "pending");
        ledger.apply(&overtaken);
        for silent in [overtaken, event("never seen", "pending")] {
            assert!(notice(&ledger, &silent, None, 0).unwrap().is_none());
        }
        for other in ["", "msg_", "msg_zz_1", "msg_ff_1"] {
            assert_eq!(tracking_id(other), None, "{other}");
        }
    }
}
