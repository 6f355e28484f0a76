use edge_cashier::{Expected, UserId, WebhookEvent};

use super::*;

const BOTH: [Decision; 2] = [Decision::Approved, Decision::Rejected];

fn event(attempt: &str, status: &str, amount: &str, kind: &str) -> WebhookEvent {
    let event = serde_json::json!({
        "transaction_id": attempt, "user_id": "128", "tracking_id": "order-1", "status": status,
        "currency": "EUR", "amount": amount, "transaction_type": kind,
    });
    WebhookEvent::from_json(event.to_string().as_bytes()).unwrap()
}

fn withdrawal(attempt: &str, status: &str) -> WebhookEvent {
    event(attempt, status, "200.00", "withdrawal")
}

/// What the session was opened for, and the ledger that expects it.
fn ledger(session: bool, events: &[WebhookEvent]) -> Ledger {
    let expected = session.then(|| Expected {
        amount: Some(Amount::parse("200").unwrap()),
        currency: Currency::unchecked("EUR"),
        user_id: UserId::new("128").unwrap(),
        transaction_type: TransactionType::Withdrawal,
    });
    let mut ledger = Ledger::new(expected);
    for event in events {
        ledger.apply(event);
    }
    ledger
}

fn opened(is_withdrawal: bool) -> OpenedFor {
    OpenedFor {
        is_withdrawal,
        amount: Amount::parse("200").unwrap(),
        currency: Currency::unchecked("EUR"),
    }
}

fn check(text: &str) -> PayoutCheck {
    PayoutCheck::from_json(text).unwrap()
}

fn code(chosen: Reply<Subject>) -> Code {
    chosen.unwrap_err().code
}

#[test]
fn the_pending_attempt_is_decided() {
    let events = [withdrawal("first", "rejected"), withdrawal("second", "pending")];
    for (session, decision) in [
        (true, BOTH[0]),
        (true, BOTH[1]),
        (false, BOTH[0]),
        (false, BOTH[1]),
    ] {
        let chosen = choose(
            session.then(|| opened(true)),
            &ledger(session, &events),
            decision,
            &PayoutCheck::default(),
        );
        assert_eq!(chosen.unwrap().transaction_id.as_deref(), Some("second"));
    }
}

#[test]
fn before_the_first_webhook_only_an_approval_has_something_to_name() {
    let chosen = |decision| {
        choose(
            Some(opened(true)),
            &ledger(true, &[]),
            decision,
            &PayoutCheck::default(),
        )
    };
    let subject = chosen(Decision::Approved).unwrap();
    assert_eq!(
        (subject.transaction_id, subject.amount.to_string()),
        (None, String::from("200"))
    );
    assert_eq!(code(chosen(Decision::Rejected)), Code::PayoutNotPending);
}

#[test]
fn what_is_no_payout_is_not_found() {
    let deposit = [event("one", "pending", "200.00", "deposit")];
    for decision in BOTH {
        let none = PayoutCheck::default();
        assert_eq!(
            code(choose(None, &ledger(false, &[]), decision, &none)),
            Code::PayoutNotFound
        );
        assert_eq!(
            code(choose(None, &ledger(false, &deposit), decision, &none)),
            Code::PayoutNotFound
        );
        // A withdrawal is reported of a payment that was opened as a deposit.
        let withdrawal = [withdrawal("one", "pending")];
        assert_eq!(
            code(choose(
                Some(opened(false)),
                &ledger(false, &withdrawal),
                decision,
                &none
            )),
            Code::PayoutNotFound
        );
    }
}

#[test]
fn what_is_final_or_ambiguous_or_unknown_is_not_pending() {
    let cases: [(&str, Vec<WebhookEvent>); 5] = [
        ("successful", vec![withdrawal("one", "successful")]),
        (
            "successful",
            vec![withdrawal("one", "successful"), withdrawal("two", "pending")],
        ),
        ("rejected", vec![withdrawal("one", "rejected")]),
        (
            "Several",
            vec![withdrawal("one", "pending"), withdrawal("two", "pending")],
        ),
        ("on_hold", vec![withdrawal("one", "on_hold")]),
    ];
    for (said, events) in cases {
        for decision in BOTH {
            let problem = choose(
                Some(opened(true)),
                &ledger(true, &events),
                decision,
                &PayoutCheck::default(),
            )
            .unwrap_err();
            assert_eq!(problem.code, Code::PayoutNotPending, "{said}");
            assert!(problem.detail.contains(said), "{}", problem.detail);
        }
    }
}

#[test]
fn what_is_contradicted_is_not_approved() {
    // Another amount than the session's; nobody means 2000.
    let events = [
        withdrawal("one", "pending"),
        event("two", "pending", "2000.00", "withdrawal"),
    ];
    let chosen = |decision| {
        choose(
            Some(opened(true)),
            &ledger(true, &events),
            decision,
            &PayoutCheck::default(),
        )
    };
    assert_eq!(code(chosen(Decision::Approved)), Code::PayoutNotPending);
    assert_eq!(
        chosen(Decision::Rejected).unwrap().transaction_id.as_deref(),
        Some("one")
    );
}

#[test]
fn the_amount_and_the_currency_are_compared_exactly() {
    let pending = [withdrawal("one", "pending")];
    for (text, agrees) in [
        (r#"{"expected_amount":"200"}"#, true),
        (r#"{"expected_amount":200.000}"#, true),
        (r#"{"expected_amount":"200.00","expected_currency":"EUR"}"#, true),
        (r#"{"expected_currency":"EUR"}"#, true),
        (r#"{"expected_amount":"200.01"}"#, false),
        (r#"{"expected_amount":"200.0000000000000000000000001"}"#, false),
        (r#"{"expected_currency":"USD"}"#, false),
        (r#"{"expected_amount":"200.00","expected_currency":"USD"}"#, false),
    ] {
        let chosen = |events| {
            choose(
                Some(opened(true)),
                &ledger(true, events),
                Decision::Approved,
                &check(text),
            )
        };
        let reported = chosen(&pending[..]);
        assert_eq!(reported.is_ok(), agrees, "{text}");
        if let Err(problem) = reported {
            assert_eq!(problem.code, Code::AmountMismatch, "{text}");
        }
        // The ticket's amount is not what the gateway pays.
        assert_eq!(code(chosen(&[])), Code::PayoutNotPending, "{text}");
    }
}

#[test]
fn every_webhook_of_the_attempt_must_be_of_the_amount() {
    let events = [
        event("one", "pending", "100.00", "withdrawal"),
        event("one", "pending", "200.00", "withdrawal"),
    ];
    let chosen = choose(
        None,
        &ledger(false, &events),
        Decision::Approved,
        &check(r#"{"expected_amount":"200.00"}"#),
    );
    assert_eq!(code(chosen), Code::AmountMismatch);
}
