//! One attempt at the payment, and the states of attempts and payments.

use std::fmt;

use crate::id::TransactionId;
use crate::transaction::TransactionStatus;
use crate::webhook::WebhookEvent;

/// The state of a payment, or of one attempt at it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentState {
    /// No event counts yet. An attempt is never in this state.
    Opened,
    /// The gateway has it, undecided.
    Pending,
    /// Money has moved.
    Successful,
    /// No money has moved. A payment can leave this state: the user may try again with another card.
    Rejected,
    /// The gateway has reported two different final states of one attempt, and no success can be relied on.
    /// Nothing may be credited before a person has looked.
    Conflict,
    /// A status that this version has no name for, and nothing better known.
    Other(String),
}

impl PaymentState {
    /// Returns the state's word: `opened`, `pending`, `successful`, `rejected`, `conflict`, or the gateway's own.
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

    /// Tells whether no webhook is awaited: successful, rejected or in conflict. Only a success is for ever: a rejected
    /// payment may be tried again, and a success that nothing contradicts ends a conflict.
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

    /// Returns the state that says most, whatever the order. Among undecided states a known one says more than an
    /// unknown one; among unknown ones the first by alphabet is taken, so that the choice does not depend on arrival.
    pub(super) fn strongest(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        let rank = |state: &Self| match state {
            Self::Conflict => 0,
            Self::Pending => 1,
            Self::Other(_) => 2,
            Self::Successful | Self::Rejected | Self::Opened => 3,
        };
        states
            .into_iter()
            .min_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.as_str().cmp(b.as_str())))
    }
}

impl fmt::Display for PaymentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One attempt at the payment: all expected events with the same transaction id.
///
/// Its state is a function of the set of its events:
/// - one final event (`successful` or `rejected`): that state, whatever else was reported and in whatever order;
/// - two different finals (another status, amount, currency, user or type): [`PaymentState::Conflict`];
/// - no final: `pending` when it was reported, else the unknown status.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The gateway's id of the attempt.
    pub transaction_id: &'a TransactionId,
    /// The attempt's own state, regardless of the other attempts. Never [`PaymentState::Opened`].
    pub state: PaymentState,
    /// Its different events in the order of arrival. Never empty.
    pub events: Vec<&'a WebhookEvent>,
}

impl<'a> Attempt<'a> {
    /// Groups events by transaction id, in the order of each attempt's first event.
    pub(super) fn group(events: impl Iterator<Item = &'a WebhookEvent>) -> Vec<Self> {
        let mut groups: Vec<(&TransactionId, Vec<&WebhookEvent>)> = Vec::new();
        for event in events {
            match groups.iter_mut().find(|(id, _)| **id == event.transaction_id) {
                Some((_, group)) => group.push(event),
                None => groups.push((&event.transaction_id, vec![event])),
            }
        }
        groups
            .into_iter()
            .map(|(transaction_id, events)| Self {
                transaction_id,
                state: state(&events),
                events,
            })
            .collect()
    }
}

fn state(events: &[&WebhookEvent]) -> PaymentState {
    let mut finals = events.iter().filter(|event| event.status.is_final());
    match (finals.next(), finals.next()) {
        (Some(_), Some(_)) => PaymentState::Conflict,
        (Some(only), None) => PaymentState::of(&only.status),
        _ => {
            let open = events.iter().map(|event| PaymentState::of(&event.status));
            PaymentState::strongest(open).unwrap_or(PaymentState::Opened)
        }
    }
}
