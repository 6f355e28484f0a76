//! The ledger of one payment: webhooks in any order, any number of times, become one state.
//!
//! The gateway repeats webhooks and does not promise an order, and its signature has neither a time nor an event id.
//! One payment (tracking id) may have several *attempts* (transaction ids): a declined card, then another one.
//!
//! # Which events count
//!
//! - Two events are the same when ids, status, money and type are; what else they carry does not count.
//! - An event that contradicts what was expected is a conflict: kept, shown, and part of no attempt.
//! - All other events belong to the attempt of their transaction id.
//!
//! # Finality is per attempt
//!
//! `successful` and `rejected` are final for their attempt and beat every other status of it ([`Attempt`]). Every
//! other status, known or not, leaves the attempt undecided.
//!
//! The payment's state is the first of these that applies:
//!
//! 1. a success is established ([`Ledger::success`]): `successful`, for ever;
//! 2. an attempt has two different finals: `conflict`;
//! 3. an attempt is undecided: `pending`, or the unknown status when no attempt is `pending`;
//! 4. every attempt is rejected: `rejected`;
//! 5. nothing that counts has arrived: `opened`.
//!
//! # What an event is when it arrives
//!
//! | event | before it | outcome | the payment's state after it |
//! |---|---|---|---|
//! | any | the same event | `duplicate` | unchanged |
//! | any that is not as expected | anything | `conflict` | unchanged |
//! | `pending`, unknown | a final of its attempt | `stale` | unchanged |
//! | `pending`, unknown | the success of another attempt | `stale` | unchanged: `successful` |
//! | `pending` | only rejections of other attempts | `first` | `pending` again |
//! | unknown | only rejections of other attempts | `first` | that status |
//! | `rejected` | nothing, or undecided events of its attempt | `first` | `rejected`, unless another attempt is undecided or in conflict |
//! | `rejected` | the success of another attempt | `stale` | unchanged: `successful` |
//! | `successful` | no final of its attempt, no success | `first` | `successful`, whatever the other attempts are |
//! | `successful` | the success of another attempt | `conflict` | unchanged: `successful` |
//! | any final | the success of its attempt, which differs | `conflict` | unchanged: `successful` |
//! | any final | a rejection of its attempt, which differs | `conflict` | `conflict`, or `successful` if another attempt has succeeded |
//!
//! A success that follows a rejection of its own attempt is therefore never a success of the payment. A later success
//! of another attempt still is one: it is not contradicted, and what came before stays listed as a conflict.
//!
//! # What depends on the order
//!
//! One thing: which success is established, since it is the first to arrive. Given that event, everything but the
//! order of lists is a function of the *set* of events. And the state itself depends on it in one case alone: when no
//! attempt has `successful` as its only final, and an attempt has `successful` among different ones. With the success
//! first the payment is `successful` and stays so; with the other final first it is `conflict`.

mod attempt;
mod delivery;
mod expected;
mod outcome;

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

pub use self::attempt::{Attempt, PaymentState};
pub use self::delivery::{Delivery, DeliveryKind};
pub use self::expected::Expected;
pub use self::outcome::{Conflict, Contradiction, Outcome};
use crate::transaction::TransactionStatus;
use crate::webhook::WebhookEvent;

/// All that the gateway has reported of one payment.
///
/// One ledger is for one tracking id; the caller looks up the ledger that an event belongs to. It serializes to plain
/// JSON (`expected`, and `events` in the order of arrival) and comes back the same.
///
/// *Attempts.* A payment may have several transaction ids, and finality is for each of them: a declined card and then
/// a successful one is a successful payment, in either order. A success is never taken back, and of two successful
/// attempts the first to arrive counts; the second one is a conflict.
///
/// *Order.* [`state`](Ledger::state), [`attempts`](Ledger::attempts), [`conflicts`](Ledger::conflicts) and
/// [`deliveries`](Ledger::deliveries) are the same for every order and repetition of the same events, except for what
/// follows from which [`success`](Ledger::success) came first. What [`apply`](Ledger::apply) answers depends on what
/// came before, as it must.
///
/// ```
/// use edge_cashier::{Ledger, Outcome, PaymentState, WebhookEvent};
///
/// let event = |attempt, status| {
///     WebhookEvent::from_json(format!(
///         r#"{{"transaction_id":"{attempt}","user_id":"u1","tracking_id":"p1","status":"{status}","currency":"EUR","amount":"10.05","transaction_type":"deposit"}}"#
///     ).as_bytes())
/// };
/// let mut ledger = Ledger::new(None);
/// assert_eq!(ledger.apply(&event("declined card", "rejected")?), Outcome::First);
/// assert_eq!(ledger.apply(&event("other card", "successful")?), Outcome::First);
/// assert_eq!(ledger.apply(&event("other card", "pending")?), Outcome::Stale);
/// assert_eq!(ledger.apply(&event("other card", "successful")?), Outcome::Duplicate);
/// assert_eq!(ledger.apply(&event("third card", "rejected")?), Outcome::Stale);
/// assert_eq!(ledger.apply(&event("fourth card", "successful")?), Outcome::Conflict);
/// assert_eq!(ledger.state(), PaymentState::Successful);
/// # Ok::<(), edge_cashier::ValidationError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    expected: Option<Expected>,
    /// No two of them are the same event.
    events: Vec<WebhookEvent>,
}

impl Ledger {
    /// Creates an empty ledger. Without an expectation only a second final or a second success can be a conflict.
    #[must_use]
    pub fn new(expected: Option<Expected>) -> Self {
        Self {
            expected,
            events: Vec::new(),
        }
    }

    /// Returns what the merchant opened the payment for.
    #[must_use]
    pub fn expected(&self) -> Option<&Expected> {
        self.expected.as_ref()
    }

    /// Returns every different event, in the order of arrival.
    #[must_use]
    pub fn events(&self) -> &[WebhookEvent] {
        &self.events
    }

    /// Takes an event in, unless it is in already.
    pub fn apply(&mut self, event: &WebhookEvent) -> Outcome {
        if self.events.iter().any(|known| same(known, event)) {
            return Outcome::Duplicate;
        }
        self.events.push(event.clone());
        if !self.contradictions(event).is_empty() {
            Outcome::Conflict
        } else if self.is_overtaken(event) {
            Outcome::Stale
        } else {
            Outcome::First
        }
    }

    /// Returns the state of the payment, by the rules at the head of this module: a success beats a conflict, which
    /// beats undecided attempts, which beat rejected ones.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        if self.success().is_some() {
            return PaymentState::Successful;
        }
        let attempts = self.attempts().into_iter().map(|attempt| attempt.state);
        PaymentState::strongest(attempts).unwrap_or(PaymentState::Opened)
    }

    /// Returns the event that made the payment successful: the first success to arrive whose attempt had no other
    /// final before it. Once there is one, no other event changes it.
    #[must_use]
    pub fn success(&self) -> Option<&WebhookEvent> {
        let mut ended = BTreeSet::new();
        self.finals().find(|event| {
            ended.insert(&event.transaction_id) && event.status == TransactionStatus::Successful
        })
    }

    /// Returns the attempts, one for each transaction id of an expected event, in the order of their first events.
    ///
    /// An attempt's state is its own. It may be `conflict` while the payment is `successful`: the gateway reported
    /// something else after the success, and a person has to look.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt<'_>> {
        Attempt::group(self.accepted())
    }

    /// Returns every event that contradicts the payment, in the order of arrival. The established success is none of
    /// them; of an attempt with different finals all others are, whichever came first.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict<'_>> {
        let conflict = |event| Conflict {
            event,
            contradictions: self.contradictions(event),
        };
        self.events
            .iter()
            .map(conflict)
            .filter(|conflict| !conflict.contradictions.is_empty())
            .collect()
    }

    /// Returns one delivery for each different event, ordered by key.
    ///
    /// At most one `successful` event is ever of the kind [`DeliveryKind::State`]. A `rejected` event that was
    /// delivered as a state can become a conflict, when its attempt is reported successful afterwards. What the
    /// payment was opened for must be known before anything is delivered.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery<'_>> {
        let state = self.state();
        let delivery = |event| {
            let conflict = !self.contradictions(event).is_empty();
            let unknown = matches!(event.status, TransactionStatus::Other(_));
            Delivery {
                key: delivery::key(event),
                kind: if conflict {
                    DeliveryKind::Conflict
                } else {
                    DeliveryKind::State
                },
                event,
                state: state.clone(),
                superseded: !conflict && !unknown && self.is_overtaken(event),
            }
        };
        let mut deliveries: Vec<_> = self.events.iter().map(delivery).collect();
        deliveries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        deliveries
    }

    /// Returns everything that an event of the ledger contradicts.
    fn contradictions(&self, event: &WebhookEvent) -> Vec<Contradiction> {
        let mut found = self.unexpected(event);
        let success = self.success();
        // An event that was not expected at all says nothing about an attempt's end, and a success is never taken back.
        if !found.is_empty()
            || !event.status.is_final()
            || success.is_some_and(|success| same(success, event))
        {
            return found;
        }
        if self.has_other_final(event) {
            found.push(Contradiction::SecondFinal);
        }
        if event.status == TransactionStatus::Successful
            && success.is_some_and(|success| success.transaction_id != event.transaction_id)
        {
            found.push(Contradiction::SecondSuccess);
        }
        found
    }

    /// Tells whether an event without contradictions comes too late: its attempt has a final state, or another
    /// attempt has succeeded.
    fn is_overtaken(&self, event: &WebhookEvent) -> bool {
        match self.success() {
            Some(success) => !same(success, event),
            None => self.has_other_final(event),
        }
    }

    /// Tells whether the event's attempt has a final event that is not this one.
    fn has_other_final(&self, event: &WebhookEvent) -> bool {
        self.finals()
            .any(|other| other.transaction_id == event.transaction_id && !same(other, event))
    }

    fn unexpected(&self, event: &WebhookEvent) -> Vec<Contradiction> {
        let expected = self.expected.as_ref();
        expected.map_or_else(Vec::new, |expected| expected.contradictions(event))
    }

    fn accepted(&self) -> impl Iterator<Item = &WebhookEvent> {
        self.events
            .iter()
            .filter(|event| self.unexpected(event).is_empty())
    }

    fn finals(&self) -> impl Iterator<Item = &WebhookEvent> {
        self.accepted().filter(|event| event.status.is_final())
    }
}

/// Tells whether two events say the same. Amounts compare by value; unknown fields do not count, since a gateway may
/// number or date its deliveries in them.
fn same(a: &WebhookEvent, b: &WebhookEvent) -> bool {
    a.tracking_id == b.tracking_id
        && a.transaction_id == b.transaction_id
        && a.status == b.status
        && a.amount == b.amount
        && a.currency == b.currency
        && a.user_id == b.user_id
        && a.transaction_type == b.transaction_type
}

impl<'de> Deserialize<'de> for Ledger {
    /// Applies the events again, so that JSON from elsewhere cannot contain one twice.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Stored {
            expected: Option<Expected>,
            events: Vec<WebhookEvent>,
        }
        let Stored { expected, events } = Stored::deserialize(deserializer)?;
        let mut ledger = Self::new(expected);
        for event in &events {
            ledger.apply(event);
        }
        Ok(ledger)
    }
}
