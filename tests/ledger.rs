//! The ledger: any order and repetition of the same events is one state and one set of deliveries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use edge_cashier::{
    Amount, Contradiction, Currency, Delivery, DeliveryKind, Expected, Ledger, Outcome, PaymentState,
    TransactionType, UserId, WebhookEvent,
};
use proptest::prelude::*;
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

fn expected() -> Expected {
    Expected {
        amount: Some(Amount::parse("10.05").unwrap()),
        currency: Currency::parse("EUR").unwrap(),
        user_id: UserId::new("u1").unwrap(),
        transaction_type: TransactionType::Deposit,
    }
}

fn applied(ledger: Ledger, events: &[WebhookEvent]) -> (Ledger, Vec<Outcome>) {
    let mut ledger = ledger;
    let outcomes = events.iter().map(|event| ledger.apply(event)).collect();
    (ledger, outcomes)
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

#[test]
fn an_empty_ledger_is_opened() {
    let ledger = Ledger::default();
    assert_eq!(ledger.state(), PaymentState::Opened);
    assert!(!ledger.state().is_settled());
    assert!(ledger.deliveries().is_empty() && ledger.conflicts().is_empty() && ledger.events().is_empty());
    assert_eq!(ledger.expected(), None);
    assert_eq!(Ledger::new(Some(expected())).expected(), Some(&expected()));
}

#[test]
fn pending_then_final() {
    for (last, state) in [
        ("successful", PaymentState::Successful),
        ("rejected", PaymentState::Rejected),
    ] {
        let (ledger, outcomes) = applied(Ledger::new(Some(expected())), &[status("pending")]);
        assert_eq!(
            (ledger.state(), outcomes),
            (PaymentState::Pending, vec![Outcome::First])
        );
        assert!(!ledger.state().is_settled());
        let (ledger, outcomes) = applied(ledger, &[status(last)]);
        assert_eq!((ledger.state(), outcomes), (state.clone(), vec![Outcome::First]));
        assert!(ledger.state().is_settled());
        let superseded: Vec<_> = ledger
            .deliveries()
            .iter()
            .map(|d| (d.event.status.to_string(), d.superseded))
            .collect();
        assert!(
            superseded.contains(&("pending".to_owned(), true))
                && superseded.contains(&(last.to_owned(), false))
        );
        assert!(
            ledger
                .deliveries()
                .iter()
                .all(|d| d.state == state && d.kind == DeliveryKind::State)
        );
    }
}

#[test]
fn a_final_is_not_unsettled() {
    let (ledger, outcomes) = applied(
        Ledger::new(None),
        &[status("successful"), status("pending"), status("successful")],
    );
    assert_eq!(outcomes, [Outcome::First, Outcome::Stale, Outcome::Duplicate]);
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert_eq!(ledger.events().len(), 2);
}

#[test]
fn two_finals_are_a_conflict_in_either_order() {
    for order in [["successful", "rejected"], ["rejected", "successful"]] {
        let (ledger, outcomes) = applied(Ledger::new(Some(expected())), &order.map(status));
        assert_eq!(outcomes, [Outcome::First, Outcome::Conflict]);
        assert_eq!(ledger.state(), PaymentState::Conflict);
        assert!(ledger.state().is_settled());
        assert!(
            ledger
                .deliveries()
                .iter()
                .all(|d| d.kind == DeliveryKind::Conflict && !d.superseded)
        );
        let conflicts = ledger.conflicts();
        assert_eq!(conflicts.len(), 2);
        assert!(
            conflicts
                .iter()
                .all(|conflict| conflict.contradictions == [Contradiction::SecondFinal])
        );
    }
}

/// The same success twice, but of another transaction or another amount, is money that would be counted twice.
#[test]
fn a_second_success_with_other_contents_is_a_conflict() {
    for other in [
        json!({ "transaction_id": "t2" }),
        json!({ "amount": "99.00" }),
        json!({ "currency": "USD" }),
        json!({ "user_id": "u2" }),
    ] {
        let mut second = other.clone();
        second["status"] = json!("successful");
        let (ledger, outcomes) = applied(Ledger::new(None), &[status("successful"), event(second)]);
        assert_eq!(outcomes, [Outcome::First, Outcome::Conflict], "{other}");
        assert_eq!(ledger.state(), PaymentState::Conflict, "{other}");
    }
}

#[test]
fn what_contradicts_the_expectation_never_moves_the_state() {
    for (changes, contradiction) in [
        (json!({ "amount": "10.06" }), Contradiction::Amount),
        (json!({ "amount": "1005" }), Contradiction::Amount),
        (json!({ "currency": "USD" }), Contradiction::Currency),
        (json!({ "user_id": "u2" }), Contradiction::UserId),
        (
            json!({ "transaction_type": "withdrawal" }),
            Contradiction::TransactionType,
        ),
    ] {
        for told_status in ["pending", "successful", "rejected", "on_hold"] {
            let mut changes = changes.clone();
            changes["status"] = json!(told_status);
            let wrong = event(changes);
            let (ledger, outcomes) = applied(Ledger::new(Some(expected())), &[wrong.clone(), wrong.clone()]);
            assert_eq!(outcomes, [Outcome::Conflict, Outcome::Duplicate]);
            assert_eq!(ledger.state(), PaymentState::Opened);
            assert_eq!(ledger.conflicts().len(), 1);
            assert_eq!(ledger.conflicts()[0].contradictions, [contradiction]);
            assert_eq!(ledger.conflicts()[0].event, &wrong);
            assert_eq!(ledger.deliveries()[0].kind, DeliveryKind::Conflict);
            assert!(!ledger.deliveries()[0].superseded);
            // The true event still counts, and a wrong one before or after it is no second final.
            let (ledger, outcomes) = applied(ledger, &[status("successful")]);
            assert_eq!(outcomes, [Outcome::First]);
            assert_eq!(ledger.state(), PaymentState::Successful);
            let (after, outcomes) = applied(Ledger::new(Some(expected())), &[status("successful"), wrong]);
            assert_eq!(outcomes, [Outcome::First, Outcome::Conflict]);
            assert_eq!(told(&after), told(&ledger));
            assert!(after.deliveries().iter().all(|d| !d.superseded));
        }
    }
}

#[test]
fn every_contradiction_is_named_at_once() {
    let wrong = event(
        json!({ "amount": "1", "currency": "USD", "user_id": "u2", "transaction_type": "withdrawal", "status": "successful" }),
    );
    let (ledger, _) = applied(Ledger::new(Some(expected())), &[wrong]);
    let words: Vec<_> = ledger.conflicts()[0]
        .contradictions
        .iter()
        .map(|contradiction| contradiction.as_str())
        .collect();
    assert_eq!(words, ["amount", "currency", "user_id", "transaction_type"]);
    assert_eq!(Contradiction::SecondFinal.as_str(), "second_final");
}

#[test]
fn an_amount_that_the_user_may_choose_is_not_expected() {
    let free = Expected {
        amount: None,
        ..expected()
    };
    let (ledger, outcomes) = applied(
        Ledger::new(Some(free)),
        &[event(json!({ "amount": "77.00", "status": "successful" }))],
    );
    assert_eq!(
        (outcomes, ledger.state()),
        (vec![Outcome::First], PaymentState::Successful)
    );
}

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
        assert_eq!(outcomes, [Outcome::First, Outcome::Duplicate]);
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
    let mut keys = std::collections::BTreeSet::new();
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
fn unknown_statuses_are_kept_and_never_final() {
    let (ledger, outcomes) = applied(Ledger::new(None), &[status("on_hold")]);
    assert_eq!(outcomes, [Outcome::First]);
    assert_eq!(ledger.state(), PaymentState::Other("on_hold".to_owned()));
    assert_eq!(ledger.state().as_str(), "on_hold");
    assert!(!ledger.state().is_settled());
    for order in [["on_hold", "pending"], ["pending", "on_hold"]] {
        assert_eq!(
            applied(Ledger::new(None), &order.map(status)).0.state(),
            PaymentState::Pending
        );
    }
    for order in [["in_review", "on_hold"], ["on_hold", "in_review"]] {
        assert_eq!(
            applied(Ledger::new(None), &order.map(status)).0.state().as_str(),
            "in_review"
        );
    }
    // A refund comes after a success: the state stays, but nobody may say that it has been overtaken.
    let (ledger, outcomes) = applied(Ledger::new(None), &[status("successful"), status("refunded")]);
    assert_eq!(outcomes, [Outcome::First, Outcome::Stale]);
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert!(ledger.deliveries().iter().all(|d| !d.superseded));
}

#[test]
fn it_survives_storage() {
    let wrong = event(json!({ "amount": "1000000000000.01", "status": "successful", "extra_number": 1 }));
    let (ledger, _) = applied(
        Ledger::new(Some(expected())),
        &[status("pending"), wrong.clone(), status("rejected")],
    );
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

fn any_event() -> impl Strategy<Value = WebhookEvent> {
    let status = prop_oneof![3 => Just("pending"), 3 => Just("successful"), 2 => Just("rejected"), 1 => Just("on_hold"), 1 => Just("refunded")];
    (status, 0..6_u8).prop_map(|(status, odd)| {
        let mut fields = json!({ "status": status });
        match odd {
            0 => fields["amount"] = json!("99.99"),
            1 => fields["transaction_id"] = json!("t2"),
            2 => fields["user_id"] = json!("u2"),
            _ => {}
        }
        event(fields)
    })
}

fn any_expectation() -> impl Strategy<Value = Option<Expected>> {
    prop_oneof![
        Just(None),
        Just(Some(expected())),
        Just(Some(Expected {
            amount: None,
            ..expected()
        }))
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_and_repetition_do_not_matter(
        expectation in any_expectation(),
        (events, shuffled) in prop::collection::vec(any_event(), 0..7).prop_flat_map(|events| {
            let again = events.clone();
            // The same events, some of them twice, in another order.
            let shuffled = prop::collection::vec(any::<bool>(), again.len()).prop_flat_map(move |twice| {
                let repeated = again.iter().zip(&twice).filter(|(_, twice)| **twice).map(|(event, _)| event.clone());
                let all: Vec<_> = again.iter().cloned().chain(repeated).collect();
                Just(all).prop_shuffle()
            });
            (Just(events), shuffled)
        }),
    ) {
        let (one, outcomes) = applied(Ledger::new(expectation.clone()), &events);
        let (other, other_outcomes) = applied(Ledger::new(expectation), &shuffled);
        prop_assert_eq!(one.state(), other.state());
        prop_assert_eq!(told(&one), told(&other));
        prop_assert_eq!(one.conflicts().len(), other.conflicts().len());
        let different = |outcomes: &[Outcome]| outcomes.iter().filter(|outcome| **outcome != Outcome::Duplicate).count();
        prop_assert_eq!(different(&outcomes), different(&other_outcomes));
        prop_assert_eq!(different(&outcomes), one.deliveries().len());
    }

    /// Along the way: a settled payment is never unsettled, and at most one final is told as the payment's state.
    #[test]
    fn along_the_way(expectation in any_expectation(), events in prop::collection::vec(any_event(), 0..10)) {
        let mut ledger = Ledger::new(expectation);
        let mut finals_told = std::collections::BTreeSet::new();
        for event in &events {
            let before = ledger.state();
            let known = ledger.deliveries().len();
            let outcome = ledger.apply(event);
            let after = ledger.state();
            if before.is_settled() {
                prop_assert!(after == before || after == PaymentState::Conflict);
            }
            match outcome {
                Outcome::Duplicate => prop_assert_eq!((&after, ledger.deliveries().len()), (&before, known)),
                Outcome::Stale => prop_assert!(after == before && before.is_settled()),
                Outcome::Conflict => prop_assert!(after == before || after == PaymentState::Conflict),
                _ => prop_assert!(!before.is_settled()),
            }
            let told = ledger.deliveries().into_iter().find(|delivery| delivery.event == event);
            if let Some(told) = told && told.kind == DeliveryKind::State && event.status.is_final() {
                prop_assert_eq!(told.state.as_str(), event.status.as_str());
                finals_told.insert(told.key);
            }
            prop_assert!(finals_told.len() <= 1);
            prop_assert_eq!(ledger.state() == PaymentState::Successful, ledger.deliveries().iter().any(|delivery| {
                delivery.kind == DeliveryKind::State && delivery.event.status.as_str() == "successful"
            }));
        }
    }
}
