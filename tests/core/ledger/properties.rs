//! The rules of the ledger for any set of events in any order.

use std::collections::{BTreeMap, BTreeSet};

use edge_cashier::{DeliveryKind, Expected, Ledger, Outcome, PaymentState, WebhookEvent};
use proptest::prelude::*;
use serde_json::json;

use super::{applied, attempts, conflicts, event, expected, told};
use crate::support::cases;

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
    #![proptest_config(ProptestConfig { cases: cases(2000), failure_persistence: None, ..ProptestConfig::default() })]

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
