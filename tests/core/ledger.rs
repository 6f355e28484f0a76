//! The ledger: finality is per attempt, a success is never taken back, and beyond the first success order and repetition do not matter.
use std::collections::{BTreeMap, BTreeSet};

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
    let flat = |conflict: edge_cashier::Conflict<'_>| {
        let why: Vec<_> = conflict.contradictions.iter().map(|one| one.as_str()).collect();
        format!("{}: {}", name(conflict.event), why.join(", "))
    };
    ledger.conflicts().into_iter().map(flat).collect()
}

/// The attempts by id, since only their order may depend on arrival.
fn attempts(ledger: &Ledger) -> BTreeMap<String, (PaymentState, usize)> {
    let flat = |attempt: edge_cashier::Attempt<'_>| {
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

#[test]
fn an_empty_ledger_is_opened() {
    let ledger = Ledger::default();
    assert_eq!(ledger.state(), PaymentState::Opened);
    assert!(!ledger.state().is_settled());
    assert!(ledger.deliveries().is_empty() && ledger.conflicts().is_empty() && ledger.events().is_empty());
    assert!(ledger.attempts().is_empty() && ledger.success().is_none());
    assert_eq!(ledger.expected(), None);
    assert_eq!(strict().expected(), Some(&expected()));
}

#[test]
fn pending_then_final() {
    for (last, state) in [
        ("successful", PaymentState::Successful),
        ("rejected", PaymentState::Rejected),
    ] {
        let (ledger, outcomes) = applied(strict(), &[status("pending")]);
        assert_eq!(outcomes, "first");
        assert_eq!(ledger.state(), PaymentState::Pending);
        assert!(!ledger.state().is_settled());
        let (ledger, outcomes) = applied(ledger, &[status(last)]);
        assert_eq!(outcomes, "first");
        assert_eq!(ledger.state(), state.clone());
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
    assert_eq!(outcomes, "first stale duplicate");
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert_eq!(ledger.events().len(), 2);
}

#[test]
fn a_declined_card_and_then_another_is_a_success_in_either_order() {
    let (declined, paid) = (of("t1", "rejected"), of("t2", "successful"));
    let (ledger, outcomes) = applied(strict(), &[declined.clone(), paid.clone()]);
    assert_eq!(outcomes, "first first");
    let (late, outcomes) = applied(strict(), &[paid.clone(), declined]);
    assert_eq!(outcomes, "first stale");
    for ledger in [&ledger, &late] {
        assert_eq!(ledger.state(), PaymentState::Successful);
        assert!(ledger.state().is_settled());
        assert_eq!(ledger.success(), Some(&paid));
        assert!(ledger.conflicts().is_empty());
        // The failure is known to be overtaken, and every delivery says that the payment is successful.
        assert_eq!(superseded(ledger), ["t1 rejected"]);
        assert!(ledger.deliveries().iter().all(
            |delivery| delivery.kind == DeliveryKind::State && delivery.state == PaymentState::Successful
        ));
    }
    assert_eq!(told(&ledger), told(&late));
}

#[test]
fn a_new_attempt_after_rejections_is_pending_again() {
    let (ledger, outcomes) = applied(strict(), &[of("t1", "rejected"), of("t2", "rejected")]);
    assert_eq!(outcomes, "first first");
    assert_eq!(ledger.state(), PaymentState::Rejected);
    let (ledger, outcomes) = applied(ledger, &[of("t3", "pending"), of("t1", "pending")]);
    assert_eq!(outcomes, "first stale");
    assert_eq!(ledger.state(), PaymentState::Pending);
    assert!(!ledger.state().is_settled());
    assert_eq!(superseded(&ledger), ["t1 pending"]);
    // Another attempt that is declined meanwhile decides nothing.
    let (ledger, outcomes) = applied(ledger, &[of("t4", "rejected")]);
    assert_eq!(outcomes, "first");
    assert_eq!(ledger.state(), PaymentState::Pending);
    let (ledger, outcomes) = applied(ledger, &[of("t3", "rejected")]);
    assert_eq!(outcomes, "first");
    assert_eq!(ledger.state(), PaymentState::Rejected);
    assert_eq!(
        attempts(&ledger)
            .values()
            .filter(|one| one.0 == PaymentState::Rejected)
            .count(),
        4
    );
}

#[test]
fn an_undecided_attempt_is_late_once_another_has_succeeded() {
    let (ledger, outcomes) = applied(
        Ledger::new(None),
        &[
            of("t1", "pending"),
            of("t2", "successful"),
            of("t3", "pending"),
            of("t3", "on_hold"),
            of("t3", "rejected"),
        ],
    );
    assert_eq!(outcomes, "first first stale stale stale");
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert_eq!(superseded(&ledger), ["t1 pending", "t3 pending", "t3 rejected"]);
}

#[test]
fn attempts_have_their_own_states() {
    let (ledger, _) = applied(
        strict(),
        &[
            of("t2", "on_hold"),
            of("t1", "rejected"),
            of("t2", "pending"),
            of("t3", "successful"),
            of("t4", "on_hold"),
            of("t1", "pending"),
            of("t5", "rejected"),
            of("t5", "successful"),
            event(json!({ "transaction_id": "t6", "amount": "99.99" })),
        ],
    );
    let states: Vec<_> = ledger
        .attempts()
        .into_iter()
        .map(|attempt| {
            (
                attempt.transaction_id.as_str(),
                attempt.state.to_string(),
                attempt.events.len(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("t2", "pending".to_owned(), 2),
            ("t1", "rejected".to_owned(), 2),
            ("t3", "successful".to_owned(), 1),
            ("t4", "on_hold".to_owned(), 1),
            ("t5", "conflict".to_owned(), 2),
        ],
        "an event that was not expected is part of no attempt"
    );
    for attempt in ledger.attempts() {
        assert!(
            attempt
                .events
                .iter()
                .all(|event| &event.transaction_id == attempt.transaction_id)
        );
    }
}

#[test]
fn a_success_is_not_taken_back_by_a_rejection_of_the_same_attempt() {
    let (ledger, outcomes) = applied(strict(), &[status("successful"), status("rejected")]);
    assert_eq!(outcomes, "first conflict");
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert_eq!(ledger.success(), Some(&status("successful")));
    assert_eq!(conflicts(&ledger), ["t1 rejected: second_final"]);
    assert_eq!(attempts(&ledger)["t1"].0, PaymentState::Conflict);
    for delivery in ledger.deliveries() {
        let kind = if delivery.event.status.as_str() == "successful" {
            DeliveryKind::State
        } else {
            DeliveryKind::Conflict
        };
        assert_eq!((delivery.kind, delivery.superseded), (kind, false));
        assert_eq!(delivery.state, PaymentState::Successful);
    }
}

#[test]
fn a_success_after_a_rejection_of_the_same_attempt_is_no_success() {
    let (ledger, outcomes) = applied(strict(), &[status("rejected"), status("successful")]);
    assert_eq!(outcomes, "first conflict");
    assert_eq!((ledger.state(), ledger.success()), (PaymentState::Conflict, None));
    assert!(ledger.state().is_settled());
    assert_eq!(conflicts(&ledger).len(), 2);
    assert!(
        conflicts(&ledger)
            .iter()
            .all(|conflict| conflict.ends_with(": second_final"))
    );
    assert!(
        ledger
            .deliveries()
            .iter()
            .all(|delivery| delivery.kind == DeliveryKind::Conflict && !delivery.superseded)
    );
    // Undecided attempts do not hide it; only a success that nothing contradicts does.
    let (ledger, outcomes) = applied(
        ledger,
        &[of("t2", "pending"), of("t3", "on_hold"), of("t4", "rejected")],
    );
    assert_eq!(outcomes, "first first first");
    assert_eq!(ledger.state(), PaymentState::Conflict);
    let (ledger, outcomes) = applied(ledger, &[of("t2", "successful")]);
    assert_eq!(outcomes, "first");
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert_eq!(ledger.success(), Some(&of("t2", "successful")));
    assert_eq!(
        conflicts(&ledger),
        [
            "t1 rejected: second_final",
            "t1 successful: second_final, second_success",
        ]
    );
}

#[test]
fn two_finals_of_an_attempt_after_the_success_of_another_are_conflicts() {
    let (ledger, outcomes) = applied(
        strict(),
        &[
            of("t2", "successful"),
            of("t1", "rejected"),
            of("t1", "successful"),
        ],
    );
    assert_eq!(outcomes, "first stale conflict");
    assert_eq!(ledger.state(), PaymentState::Successful);
    let before = applied(
        strict(),
        &[
            of("t1", "rejected"),
            of("t1", "successful"),
            of("t2", "successful"),
        ],
    );
    assert_eq!(before.1, "first conflict first");
    assert_eq!(told(&before.0), told(&ledger));
    assert_eq!(conflicts(&before.0), conflicts(&ledger));
}

#[test]
fn the_first_of_two_successful_attempts_counts() {
    for (first, second) in [("t1", "t2"), ("t2", "t1")] {
        let (ledger, outcomes) = applied(
            strict(),
            &[
                of(first, "successful"),
                of(second, "successful"),
                of(second, "rejected"),
            ],
        );
        assert_eq!(outcomes, "first conflict conflict");
        assert_eq!(ledger.state(), PaymentState::Successful);
        assert_eq!(ledger.success(), Some(&of(first, "successful")));
        let delivered: Vec<_> = ledger
            .deliveries()
            .iter()
            .filter(|delivery| delivery.kind == DeliveryKind::State)
            .map(|delivery| delivery.event.transaction_id.to_string())
            .collect();
        assert_eq!(delivered, [first]);
        assert_eq!(
            conflicts(&ledger),
            [
                format!("{second} successful: second_final, second_success"),
                format!("{second} rejected: second_final"),
            ]
        );
    }
}

/// The same success twice, but of another transaction or with other contents, is money that would be counted twice.
#[test]
fn a_second_success_with_other_contents_is_a_conflict() {
    for (other, contradiction) in [
        (json!({ "transaction_id": "t2" }), "second_success"),
        (json!({ "amount": "99.00" }), "second_final"),
        (json!({ "currency": "USD" }), "second_final"),
        (json!({ "user_id": "u2" }), "second_final"),
        (json!({ "transaction_type": "withdrawal" }), "second_final"),
    ] {
        let mut second = other.clone();
        second["status"] = json!("successful");
        let second = event(second);
        for order in [
            [status("successful"), second.clone()],
            [second, status("successful")],
        ] {
            let (ledger, outcomes) = applied(Ledger::new(None), &order);
            assert_eq!(outcomes, "first conflict", "{other}");
            assert_eq!(ledger.state(), PaymentState::Successful, "{other}");
            assert_eq!(ledger.success(), Some(&order[0]), "{other}");
            assert_eq!(ledger.conflicts().len(), 1);
            assert_eq!(ledger.conflicts()[0].event, &order[1], "{other}");
            assert_eq!(
                conflicts(&ledger),
                [format!("{}: {contradiction}", name(&order[1]))],
                "{other}"
            );
        }
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
            let (ledger, outcomes) = applied(strict(), &[wrong.clone(), wrong.clone()]);
            assert_eq!(outcomes, "conflict duplicate");
            assert_eq!(ledger.state(), PaymentState::Opened);
            assert!(ledger.attempts().is_empty() && ledger.success().is_none());
            assert_eq!(ledger.conflicts().len(), 1);
            assert_eq!(ledger.conflicts()[0].contradictions, [contradiction]);
            assert_eq!(ledger.conflicts()[0].event, &wrong);
            assert_eq!(ledger.deliveries()[0].kind, DeliveryKind::Conflict);
            assert!(!ledger.deliveries()[0].superseded);
            // The true event still counts, and a wrong one before or after it is no second final.
            let (ledger, outcomes) = applied(ledger, &[status("successful")]);
            assert_eq!(outcomes, "first");
            assert_eq!(ledger.state(), PaymentState::Successful);
            let (after, outcomes) = applied(strict(), &[status("successful"), wrong]);
            assert_eq!(outcomes, "first conflict");
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
    let (ledger, _) = applied(strict(), &[wrong]);
    let words: Vec<_> = ledger.conflicts()[0]
        .contradictions
        .iter()
        .map(|contradiction| contradiction.as_str())
        .collect();
    assert_eq!(words, ["amount", "currency", "user_id", "transaction_type"]);
    assert_eq!(Contradiction::SecondFinal.as_str(), "second_final");
    assert_eq!(Contradiction::SecondSuccess.as_str(), "second_success");
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
    assert_eq!(outcomes, "first");
    assert_eq!(ledger.state(), PaymentState::Successful);
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
fn unknown_statuses_are_kept_and_never_final() {
    let (ledger, outcomes) = applied(Ledger::new(None), &[status("on_hold")]);
    assert_eq!(outcomes, "first");
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
    // The same over several attempts, after a rejection too.
    for order in [["t1", "t2"], ["t2", "t1"]] {
        let words = |id: &str| if id == "t1" { "on_hold" } else { "in_review" };
        let (ledger, outcomes) = applied(
            Ledger::new(None),
            &[
                of("t0", "rejected"),
                of(order[0], words(order[0])),
                of(order[1], words(order[1])),
            ],
        );
        assert_eq!(outcomes, "first first first");
        assert_eq!(ledger.state().as_str(), "in_review");
        let (ledger, outcomes) = applied(ledger, &[of("t3", "pending")]);
        assert_eq!(outcomes, "first");
        assert_eq!(ledger.state(), PaymentState::Pending);
        assert!(superseded(&ledger).is_empty());
    }
    // A refund comes after a success: the state stays, but nobody may say that it has been overtaken.
    let (ledger, outcomes) = applied(Ledger::new(None), &[status("successful"), status("refunded")]);
    assert_eq!(outcomes, "first stale");
    assert_eq!(ledger.state(), PaymentState::Successful);
    assert!(ledger.deliveries().iter().all(|d| !d.superseded));
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

/// Events of three attempts. With a chosen amount both amounts are as expected, so that one attempt can have two successes.
fn any_event() -> impl Strategy<Value = WebhookEvent> {
    let status = prop_oneof![3 => Just("pending"), 4 => Just("successful"), 4 => Just("rejected"), 1 => Just("on_hold"), 1 => Just("refunded")];
    let attempt = prop_oneof![3 => Just("t1"), 3 => Just("t2"), 1 => Just("t3")];
    (status, attempt, 0..8_u8).prop_map(|(status, attempt, odd)| {
        let mut fields = json!({ "status": status, "transaction_id": attempt });
        match odd {
            0 => fields["amount"] = json!("99.99"),
            1 => fields["user_id"] = json!("u2"),
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

/// An event as text: the generated ones differ in nothing else than what makes them different.
fn text(event: &WebhookEvent) -> String {
    serde_json::to_string(event).unwrap()
}

/// Which states a set of events allows, by the rules alone and without an order: more than one only where the documentation says that
/// the first success decides.
fn allowed(expectation: Option<&Expected>, events: &[WebhookEvent]) -> Vec<PaymentState> {
    let as_expected = |event: &&WebhookEvent| {
        expectation.is_none_or(|expected| {
            event.user_id == expected.user_id && expected.amount.is_none_or(|amount| amount == event.amount)
        })
    };
    let mut finals: BTreeMap<&str, BTreeMap<String, bool>> = BTreeMap::new();
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for event in events.iter().filter(as_expected) {
        let attempt = event.transaction_id.as_str();
        match event.status.as_str() {
            "successful" => drop(finals.entry(attempt).or_default().insert(text(event), true)),
            "rejected" => drop(finals.entry(attempt).or_default().insert(text(event), false)),
            other => drop(open.entry(attempt).or_default().insert(other)),
        }
    }
    open.retain(|attempt, _| !finals.contains_key(attempt));
    let open: BTreeSet<&str> = open.into_values().flatten().collect();
    if finals
        .values()
        .any(|finals| finals.values().all(|success| *success))
    {
        // An attempt with nothing but successes: whichever comes first, one is established.
        vec![PaymentState::Successful]
    } else if finals.values().flat_map(BTreeMap::values).any(|success| *success) {
        vec![PaymentState::Successful, PaymentState::Conflict]
    } else if finals.values().any(|finals| finals.len() > 1) {
        vec![PaymentState::Conflict]
    } else if open.contains("pending") {
        vec![PaymentState::Pending]
    } else if let Some(word) = open.first() {
        vec![PaymentState::Other((*word).to_owned())]
    } else if finals.is_empty() {
        vec![PaymentState::Opened]
    } else {
        vec![PaymentState::Rejected]
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any set of events in two orders, with some of them twice.
    #[test]
    fn only_the_first_success_depends_on_the_order(
        expectation in any_expectation(),
        (events, shuffled) in prop::collection::vec(any_event(), 0..8).prop_flat_map(|events| {
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
        let (other, other_outcomes) = applied(Ledger::new(expectation.clone()), &shuffled);
        let allowed = allowed(expectation.as_ref(), &events);
        for ledger in [&one, &other] {
            prop_assert!(allowed.contains(&ledger.state()), "{} is none of {:?}", ledger.state(), allowed);
            prop_assert_eq!(ledger.state() == PaymentState::Successful, ledger.success().is_some());
        }
        // What each attempt came to, and that each different event is delivered once, is a function of the set.
        prop_assert_eq!(attempts(&one), attempts(&other));
        let keys = |ledger: &Ledger| told(ledger).into_iter().map(|delivery| delivery.0).collect::<Vec<_>>();
        prop_assert_eq!(keys(&one), keys(&other));
        let different: BTreeSet<_> = events.iter().map(text).collect();
        prop_assert_eq!(keys(&one).into_iter().collect::<BTreeSet<_>>().len(), different.len());
        prop_assert_eq!(one.deliveries().len(), different.len());
        for outcomes in [outcomes, other_outcomes] {
            prop_assert_eq!(outcomes.split_whitespace().filter(|outcome| *outcome != "duplicate").count(), different.len());
        }
        // All the rest follows from the set and the first success.
        let sorted = |ledger: &Ledger| { let mut all = conflicts(ledger); all.sort(); all };
        if one.success() == other.success() {
            prop_assert_eq!(one.state(), other.state());
            prop_assert_eq!(told(&one), told(&other));
            prop_assert_eq!(sorted(&one), sorted(&other));
        }
        let read: Ledger = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
        prop_assert_eq!(told(&read), told(&one));
        prop_assert_eq!(read, one);
    }

    /// Event by event: what may change and what never does.
    #[test]
    fn along_the_way(expectation in any_expectation(), events in prop::collection::vec(any_event(), 0..12)) {
        let mut ledger = Ledger::new(expectation.clone());
        let mut successes_delivered = BTreeSet::new();
        let mut ever_conflict = BTreeSet::new();
        let mut ever_superseded = BTreeSet::new();
        for (index, event) in events.iter().enumerate() {
            let before = ledger.clone();
            let outcome = ledger.apply(event);
            let (state, earlier) = (ledger.state(), before.state());
            prop_assert!(allowed(expectation.as_ref(), &events[..=index]).contains(&state));
            // A success is never taken back, nor exchanged for another.
            if before.success().is_some() {
                prop_assert_eq!(ledger.success(), before.success());
                prop_assert_eq!(&state, &PaymentState::Successful);
            }
            match outcome {
                Outcome::Duplicate => prop_assert_eq!(&ledger, &before),
                Outcome::Stale => prop_assert_eq!(&state, &earlier),
                Outcome::Conflict => {
                    prop_assert!(state == earlier || state == PaymentState::Conflict);
                    ever_conflict.insert(text(event));
                }
                _ => if event.status.as_str() == "successful" {
                    prop_assert_eq!(ledger.success(), Some(event));
                },
            }
            if outcome != Outcome::First {
                prop_assert_eq!(ledger.success(), before.success());
            }
            for delivery in ledger.deliveries() {
                let text = text(delivery.event);
                let success = delivery.event.status.as_str() == "successful";
                prop_assert_eq!(&delivery.state, &state);
                if delivery.kind == DeliveryKind::State && success {
                    prop_assert_eq!(ledger.success(), Some(delivery.event));
                    successes_delivered.insert(delivery.key.clone());
                }
                // A conflict stays one, and what is superseded stays so unless it becomes a conflict.
                prop_assert!(delivery.kind == DeliveryKind::Conflict || !ever_conflict.contains(&text));
                prop_assert!(delivery.kind == DeliveryKind::Conflict || delivery.superseded || !ever_superseded.contains(&text));
                if delivery.superseded {
                    prop_assert!(delivery.kind == DeliveryKind::State && !success);
                    ever_superseded.insert(text);
                } else if delivery.event == event && outcome == Outcome::Stale {
                    prop_assert!(!["pending", "rejected"].contains(&event.status.as_str()));
                }
                let listed = ledger.conflicts().iter().any(|conflict| conflict.event == delivery.event);
                prop_assert_eq!(listed, delivery.kind == DeliveryKind::Conflict);
            }
            prop_assert!(successes_delivered.len() <= 1);
        }
    }
}
