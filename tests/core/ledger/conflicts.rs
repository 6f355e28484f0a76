//! What contradicts an earlier event or the expectation: it is kept, named, and never delivered as a success.

use edge_cashier::{Contradiction, DeliveryKind, Expected, Ledger, PaymentState};
use serde_json::json;

use super::{applied, attempts, conflicts, event, expected, name, of, status, strict, told};

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
