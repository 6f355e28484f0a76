//! What others store: the keys of deliveries, the ledger itself, and the words.

use std::collections::BTreeSet;

use edge_cashier::{DeliveryKind, Expected, Ledger, Outcome, PaymentState};
use serde_json::{Value, json};

use super::{applied, event, expected, of, status, strict, told};

#[test]
fn the_same_event_is_the_same_however_it_is_written() {
    let plain = event(json!({ "status": "successful", "amount": "10.50" }));
    let free = Expected {
        amount: None,
        ..expected()
    };
    for changes in [
        json!({ "amount": "10.5" }),
        json!({ "amount": "10.500" }),
        json!({ "amount": "10.50", "attempt": 2, "sent_at": "2026-01-01T00:00:00Z" }),
    ] {
        let mut changes = changes;
        changes["status"] = json!("successful");
        let again = event(changes);
        let (ledger, outcomes) = applied(Ledger::new(Some(free.clone())), &[plain.clone(), again.clone()]);
        assert_eq!(outcomes, "first duplicate");
        let (other, _) = applied(Ledger::new(Some(free.clone())), &[again]);
        assert_eq!(told(&ledger), told(&other));
    }
    // An amount of whole units keeps its zeros: 100 is not 1.
    let key = |amount: &str| {
        applied(Ledger::new(None), &[event(json!({ "amount": amount }))])
            .0
            .deliveries()[0]
            .key
            .clone()
    };
    assert_eq!(key("100"), key("100.00"));
    assert_ne!(key("100"), key("1"));
    assert_ne!(key("100"), key("10"));
}

#[test]
fn keys_differ_when_events_differ_and_tell_no_one_who_paid() {
    let mut keys = BTreeSet::new();
    let mut ledger = Ledger::new(None);
    let changes = [
        json!({}),
        json!({ "status": "successful" }),
        json!({ "transaction_id": "t2" }),
        json!({ "transaction_id": "t1u", "user_id": "1" }),
        json!({ "user_id": "u2" }),
        json!({ "currency": "USD" }),
        json!({ "amount": "10.06" }),
        json!({ "transaction_type": "withdrawal" }),
        json!({ "tracking_id": "p2" }),
    ];
    for change in &changes {
        assert_ne!(
            ledger.apply(&event(change.clone())),
            Outcome::Duplicate,
            "{change}"
        );
    }
    for delivery in ledger.deliveries() {
        assert!(delivery.key.starts_with(&format!(
            "{}:{}:",
            delivery.event.tracking_id, delivery.event.status
        )));
        keys.insert(delivery.key);
    }
    assert_eq!(keys.len(), changes.len());
    let named = event(json!({ "user_id": "jane.roe@example.com" }));
    assert!(
        !applied(Ledger::new(None), &[named]).0.deliveries()[0]
            .key
            .contains("jane")
    );
}

/// A key is stored by whoever delivers, so it may not change from version to version or from machine to machine.
/// The digest is `sha1sum` of: each part behind its length as eight bytes, little endian.
#[test]
fn keys_are_for_ever() {
    let (ledger, _) = applied(Ledger::new(None), &[status("successful")]);
    assert_eq!(
        ledger.deliveries()[0].key,
        "p1:successful:0e3e7eb53ebdf124ac62e98c5592653d8b5fe54d"
    );
}

#[test]
fn it_survives_storage() {
    let wrong = event(json!({ "amount": "1000000000000.01", "status": "successful", "extra_number": 1 }));
    let (ledger, _) = applied(strict(), &[status("pending"), wrong.clone(), status("rejected")]);
    let stored = serde_json::to_string(&ledger).unwrap();
    let mut read: Ledger = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, ledger);
    assert_eq!(told(&read), told(&ledger));
    assert_eq!(read.apply(&wrong), Outcome::Duplicate);
    let empty: Ledger = serde_json::from_str(&serde_json::to_string(&Ledger::default()).unwrap()).unwrap();
    assert_eq!(empty, Ledger::default());
    // What was written by other hands may hold an event twice.
    let mut doubled: Value = serde_json::from_str(&stored).unwrap();
    let first = doubled["events"][0].clone();
    doubled["events"].as_array_mut().unwrap().push(first);
    assert_eq!(serde_json::from_value::<Ledger>(doubled).unwrap(), ledger);
}

/// As version 0.1.0 wrote it, before attempts had a finality of their own.
#[test]
fn a_stored_ledger_is_read_for_ever() {
    let stored = r#"{"expected":{"amount":10.05,"currency":"EUR","user_id":"u1","transaction_type":"deposit"},"events":[
        {"transaction_id":"t2","user_id":"u1","tracking_id":"p1","status":"successful","currency":"EUR","amount":"10.05","transaction_type":"deposit"},
        {"transaction_id":"t1","user_id":"u1","tracking_id":"p1","status":"rejected","currency":"EUR","amount":"10.05","transaction_type":"deposit","attempt":2}]}"#;
    let ledger: Ledger = serde_json::from_str(stored).unwrap();
    assert_eq!(ledger.expected(), Some(&expected()));
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert_eq!(ledger.success(), Some(&of("t2", "successful")));
    assert_eq!(
        serde_json::to_value(&ledger).unwrap(),
        serde_json::from_str::<Value>(stored).unwrap()
    );
    assert!(serde_json::from_str::<Ledger>(r#"{"events":[{}]}"#).is_err());
}

#[test]
fn words_are_stable() {
    let outcomes = [
        Outcome::First,
        Outcome::Duplicate,
        Outcome::Stale,
        Outcome::Conflict,
    ];
    assert_eq!(
        outcomes.map(|outcome| outcome.to_string()),
        ["first", "duplicate", "stale", "conflict"]
    );
    assert_eq!(
        serde_json::to_value(outcomes).unwrap(),
        json!(["first", "duplicate", "stale", "conflict"])
    );
    let states = [
        PaymentState::Opened,
        PaymentState::Pending,
        PaymentState::Successful,
        PaymentState::Rejected,
        PaymentState::Conflict,
    ];
    assert_eq!(
        states.map(|state| state.to_string()),
        ["opened", "pending", "successful", "rejected", "conflict"]
    );
    assert_eq!(
        serde_json::to_value([DeliveryKind::State, DeliveryKind::Conflict]).unwrap(),
        json!(["state", "conflict"])
    );
}
