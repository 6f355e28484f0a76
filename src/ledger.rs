//! The ledger of one payment: webhooks in any order, any number of times, become one state.
//!
//! The gateway repeats webhooks and does not promise an order, and its signature has neither a time nor an event id.
//! So nothing here depends on when an event arrived: the state is a function of the *set* of events and of what the
//! merchant expected.
//!
//! - Two events are the same when ids, status, money and type are; what else they carry does not count.
//! - An event that contradicts what was expected is a conflict. It is kept and shown, and never moves the state.
//! - A final status (`successful`, `rejected`) beats every other. Two different finals are a conflict of the whole
//!   payment, whichever came first: somebody has to look.
//! - A status that this version does not know is kept and delivered. It is never final.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha1::{Digest, Sha1};

use crate::id::UserId;
use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::transaction::{TransactionStatus, TransactionType};
use crate::webhook::WebhookEvent;

/// What the merchant opened the payment for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The amount; `None` when the user may choose it in the cashier.
    pub amount: Option<Amount>,
    /// The currency.
    pub currency: Currency,
    /// Who pays or is paid.
    pub user_id: UserId,
    /// Which way the money goes.
    pub transaction_type: TransactionType,
}

/// What an event was when it was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// New, and nothing speaks against it.
    First,
    /// Applied before; nothing has changed.
    Duplicate,
    /// New, but the payment already is in a final state, which stays.
    Stale,
    /// New, and it contradicts what was expected, or is a second, different final.
    Conflict,
}

impl Outcome {
    /// A stable word for programs: `first`, `duplicate`, `stale` or `conflict`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::Conflict => "conflict",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentState {
    /// Nothing has been heard that counts.
    Opened,
    /// The gateway has it, undecided.
    Pending,
    /// Money has moved.
    Successful,
    /// No money moves.
    Rejected,
    /// The gateway has said two different final things. Nothing may be credited before somebody has looked.
    Conflict,
    /// A status that this version has no name for, and nothing better known.
    Other(String),
}

impl PaymentState {
    /// The word for it: `opened`, `pending`, `successful`, `rejected`, `conflict`, or the gateway's own.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Opened => "opened",
            Self::Pending => "pending",
            Self::Successful => "successful",
            Self::Rejected => "rejected",
            Self::Conflict => "conflict",
            Self::Other(status) => status,
        }
    }

    /// Whether no webhook is awaited any more: successful, rejected or in conflict.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Successful | Self::Rejected | Self::Conflict)
    }

    fn of(status: &TransactionStatus) -> Self {
        match status {
            TransactionStatus::Pending => Self::Pending,
            TransactionStatus::Successful => Self::Successful,
            TransactionStatus::Rejected => Self::Rejected,
            other => Self::Other(other.as_str().to_owned()),
        }
    }
}

impl fmt::Display for PaymentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// In what an event contradicts the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contradiction {
    /// Another amount than expected.
    Amount,
    /// Another currency than expected.
    Currency,
    /// Another user than expected.
    UserId,
    /// A deposit where a withdrawal was expected, or the other way round.
    TransactionType,
    /// Another final event of the same payment says something else.
    SecondFinal,
}

impl Contradiction {
    /// A stable word for programs: the field's name, or `second_final`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::UserId => "user_id",
            Self::TransactionType => "transaction_type",
            Self::SecondFinal => "second_final",
        }
    }
}

/// An event that contradicts the payment, and in what. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict<'a> {
    /// The event.
    pub event: &'a WebhookEvent,
    /// All that it contradicts.
    pub contradictions: Vec<Contradiction>,
}

/// What the merchant is told about one event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery<'a> {
    /// Names the delivery, so that it is made once: the tracking id, the status, and a digest of the event's contents.
    /// The same event has the same key, whatever came before it.
    pub key: String,
    /// Whether it may be believed.
    pub kind: DeliveryKind,
    /// The event it tells of.
    pub event: &'a WebhookEvent,
    /// The state of the payment as all its events give it, which may be further on than the event.
    pub state: PaymentState,
    /// Whether a final event has overtaken this one. An unknown status is never said to be overtaken: it may be a
    /// later thing than the final, such as a refund.
    pub superseded: bool,
}

/// Whether a delivery may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryKind {
    /// The payment's state as the gateway told it.
    State,
    /// The event contradicts the payment: a case for a person, never a success.
    Conflict,
}

/// All that the gateway has said of one payment.
///
/// One ledger is for one tracking id; which one an event belongs to is for its keeper to know. It serializes to plain
/// JSON and comes back the same.
///
/// *Order.* [`state`](Ledger::state), [`conflicts`](Ledger::conflicts) and [`deliveries`](Ledger::deliveries) are the
/// same for every order and repetition of the same events. What [`apply`](Ledger::apply) answers depends on what came
/// before, as it must: of two different finals the one that comes first is `first` and may already have been
/// delivered as a state when the second turns up and both become conflicts. So at most one final of a payment is ever
/// delivered as its state.
///
/// ```
/// use edge_cashier::{Ledger, Outcome, PaymentState, WebhookEvent};
///
/// let event = |status| {
///     WebhookEvent::from_json(format!(
///         r#"{{"transaction_id":"t1","user_id":"u1","tracking_id":"p1","status":"{status}","currency":"EUR","amount":"10.05","transaction_type":"deposit"}}"#
///     ).as_bytes())
/// };
/// let mut ledger = Ledger::new(None);
/// assert_eq!(ledger.apply(&event("successful")?), Outcome::First);
/// assert_eq!(ledger.apply(&event("pending")?), Outcome::Stale);
/// assert_eq!(ledger.apply(&event("successful")?), Outcome::Duplicate);
/// assert_eq!(ledger.state(), PaymentState::Successful);
/// # Ok::<(), edge_cashier::ValidationError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    expected: Option<Expected>,
    /// No two of them are the same event.
    events: Vec<WebhookEvent>,
}

impl Ledger {
    /// An empty ledger. Without an expectation only a second final can be a conflict.
    #[must_use]
    pub fn new(expected: Option<Expected>) -> Self {
        Self {
            expected,
            events: Vec::new(),
        }
    }

    /// What the merchant opened the payment for.
    #[must_use]
    pub fn expected(&self) -> Option<&Expected> {
        self.expected.as_ref()
    }

    /// Every different event, in the order of arrival.
    #[must_use]
    pub fn events(&self) -> &[WebhookEvent] {
        &self.events
    }

    /// Takes an event in, unless it is in already.
    pub fn apply(&mut self, event: &WebhookEvent) -> Outcome {
        if self.events.iter().any(|known| same(known, event)) {
            return Outcome::Duplicate;
        }
        let contradicts = !self.contradictions(event).is_empty();
        let settled = self.finals().next().is_some();
        self.events.push(event.clone());
        match (contradicts, settled) {
            (true, _) => Outcome::Conflict,
            (false, true) => Outcome::Stale,
            (false, false) => Outcome::First,
        }
    }

    /// Where the payment stands.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        let mut finals = self.finals();
        if let Some(event) = finals.next() {
            return if finals.next().is_some() {
                PaymentState::Conflict
            } else {
                PaymentState::of(&event.status)
            };
        }
        // A known status says more than an unknown one, and among unknown ones the choice must not depend on the order.
        let rank = |status: &TransactionStatus| *status != TransactionStatus::Pending;
        let open = self.accepted().map(|event| &event.status);
        open.min_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.as_str().cmp(b.as_str())))
            .map_or(PaymentState::Opened, PaymentState::of)
    }

    /// Every event that contradicts the payment, in the order of arrival.
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

    /// One delivery for each different event, ordered by key.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery<'_>> {
        let state = self.state();
        let settled = self.finals().next().is_some();
        let mut deliveries: Vec<_> = self
            .events
            .iter()
            .map(|event| {
                let conflict = !self.contradictions(event).is_empty();
                Delivery {
                    key: delivery_key(event),
                    kind: if conflict {
                        DeliveryKind::Conflict
                    } else {
                        DeliveryKind::State
                    },
                    event,
                    state: state.clone(),
                    superseded: !conflict && settled && event.status == TransactionStatus::Pending,
                }
            })
            .collect();
        deliveries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        deliveries
    }

    /// All in which an event, in the ledger or not, contradicts what was expected or another final.
    fn contradictions(&self, event: &WebhookEvent) -> Vec<Contradiction> {
        let mut found = self.unexpected(event);
        // An event that was not expected at all says nothing about this payment's end.
        if found.is_empty() && event.status.is_final() && self.finals().any(|other| !same(other, event)) {
            found.push(Contradiction::SecondFinal);
        }
        found
    }

    fn unexpected(&self, event: &WebhookEvent) -> Vec<Contradiction> {
        let Some(expected) = &self.expected else {
            return Vec::new();
        };
        [
            (
                expected.amount.is_none_or(|amount| amount == event.amount),
                Contradiction::Amount,
            ),
            (expected.currency == event.currency, Contradiction::Currency),
            (expected.user_id == event.user_id, Contradiction::UserId),
            (
                expected.transaction_type == event.transaction_type,
                Contradiction::TransactionType,
            ),
        ]
        .into_iter()
        .filter_map(|(agrees, contradiction)| (!agrees).then_some(contradiction))
        .collect()
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

/// Whether two events say the same. Amounts compare by value; unknown fields do not count, since a gateway may number
/// or date its attempts in them.
fn same(a: &WebhookEvent, b: &WebhookEvent) -> bool {
    a.tracking_id == b.tracking_id
        && a.transaction_id == b.transaction_id
        && a.status == b.status
        && a.amount == b.amount
        && a.currency == b.currency
        && a.user_id == b.user_id
        && a.transaction_type == b.transaction_type
}

/// Equal for events that are the [`same`], different for others. The user is only in the digest: a key ends up in logs.
fn delivery_key(event: &WebhookEvent) -> String {
    let amount = event.amount.to_string();
    let amount = if amount.contains('.') {
        amount.trim_end_matches('0').trim_end_matches('.')
    } else {
        &amount
    };
    let mut digest = Sha1::new();
    for part in [
        event.transaction_id.as_str(),
        event.user_id.as_str(),
        amount,
        event.currency.code(),
        event.transaction_type.as_str(),
        event.status.as_str(),
    ] {
        // Each part with its length before it, so that no two lists of parts run together into the same bytes.
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let mut hex = [0; 40];
    let digest = base16ct::lower::encode_str(&digest.finalize(), &mut hex)
        .map(str::to_owned)
        .unwrap_or_default();
    format!("{}:{}:{digest}", event.tracking_id, event.status)
}

#[derive(Serialize)]
struct Written<'a> {
    expected: &'a Option<Expected>,
    events: &'a [WebhookEvent],
}

#[derive(Deserialize)]
struct Read {
    expected: Option<Expected>,
    events: Vec<WebhookEvent>,
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            expected: &self.expected,
            events: &self.events,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    /// Applies the events again, so that what was written elsewhere cannot hold one twice.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { expected, events } = Read::deserialize(deserializer)?;
        let mut ledger = Self::new(expected);
        for event in &events {
            ledger.apply(event);
        }
        Ok(ledger)
    }
}
