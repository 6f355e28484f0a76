//! Attempts that do not contradict one another: each one's state, the payment's, and what is superseded.

use edge_cashier::{DeliveryKind, Ledger, PaymentState};
use serde_json::json;

use super::{applied, attempts, event, expected, of, status, strict, superseded, told};

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
