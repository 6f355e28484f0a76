//! The ledger: finality is per attempt, a success is never taken back, and beyond the first success order and repetition do not matter.

mod attempts;
mod conflicts;
mod properties;
mod storage;

use std::collections::BTreeMap;

use edge_cashier::{
    Amount, Attempt, Conflict, Currency, Delivery, DeliveryKind, Expected, Ledger, PaymentState,
    TransactionType, UserId, WebhookEvent,
};
use serde_json::{Value, json};

fn event(changes: Value) -> WebhookEvent {
    let mut fields = json!({
        "transaction_id": "t1", "user_id": "u1", "tracking_id": "p1", "status": "pending",
        "currency": "EUR", "amount": "10.05", "transaction_type": "deposit",
    });
    for (name, value) in changes.as_object().unwrap() {
        fields[name] = value.clone();
    }
    WebhookEvent::from_json(fields.to_string().as_bytes()).unwrap()
}

fn status(status: &str) -> WebhookEvent {
    event(json!({ "status": status }))
}

/// An event of the attempt `transaction_id`.
fn of(transaction_id: &str, status: &str) -> WebhookEvent {
    event(json!({ "transaction_id": transaction_id, "status": status }))
}

fn expected() -> Expected {
    Expected {
        amount: Some(Amount::parse("10.05").unwrap()),
        currency: Currency::parse("EUR").unwrap(),
        user_id: UserId::new("u1").unwrap(),
        transaction_type: TransactionType::Deposit,
    }
}

/// A ledger that knows what to expect.
fn strict() -> Ledger {
    Ledger::new(Some(expected()))
}

/// The ledger after these events, and their outcomes in words.
fn applied(mut ledger: Ledger, events: &[WebhookEvent]) -> (Ledger, String) {
    let outcomes: Vec<_> = events
        .iter()
        .map(|event| ledger.apply(event).to_string())
        .collect();
    (ledger, outcomes.join(" "))
}

/// An attempt and a status.
fn name(event: &WebhookEvent) -> String {
    format!("{} {}", event.transaction_id, event.status)
}

/// What each conflict is about: `t1 rejected: second_final`.
fn conflicts(ledger: &Ledger) -> Vec<String> {
    let flat = |conflict: Conflict<'_>| {
        let why: Vec<_> = conflict.contradictions.iter().map(|one| one.as_str()).collect();
        format!("{}: {}", name(conflict.event), why.join(", "))
    };
    ledger.conflicts().into_iter().map(flat).collect()
}

/// The attempts by id, since only their order may depend on arrival.
fn attempts(ledger: &Ledger) -> BTreeMap<String, (PaymentState, usize)> {
    let flat = |attempt: Attempt<'_>| {
        (
            attempt.transaction_id.to_string(),
            (attempt.state, attempt.events.len()),
        )
    };
    ledger.attempts().into_iter().map(flat).collect()
}

/// The events that are superseded.
fn superseded(ledger: &Ledger) -> Vec<String> {
    let deliveries = ledger
        .deliveries()
        .into_iter()
        .filter(|delivery| delivery.superseded);
    let mut names: Vec<_> = deliveries.map(|delivery| name(delivery.event)).collect();
    names.sort();
    names
}

/// A delivery without its borrow: key, kind, the event's status, the payment's state, superseded.
fn told(ledger: &Ledger) -> Vec<(String, DeliveryKind, String, PaymentState, bool)> {
    let flat = |delivery: Delivery<'_>| {
        (
            delivery.key,
            delivery.kind,
            delivery.event.status.to_string(),
            delivery.state,
            delivery.superseded,
        )
    };
    ledger.deliveries().into_iter().map(flat).collect()
}
