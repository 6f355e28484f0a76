//! What one event means to the payment when it arrives.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::webhook::WebhookEvent;

/// What an event was when it was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// New, and it counts.
    First,
    /// Applied before; nothing has changed.
    Duplicate,
    /// New, but too late to move anything: its attempt already has a final state, or another attempt has succeeded.
    Stale,
    /// New, and it contradicts what was expected, an earlier final of its attempt, or the success of another attempt.
    Conflict,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::First, Self::Duplicate, Self::Stale, Self::Conflict];

    /// Returns a stable word for programs: `first`, `duplicate`, `stale` or `conflict`.
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
    /// Another final event of the same attempt says something else.
    SecondFinal,
    /// Another attempt of the payment has already succeeded: the user may have been charged twice.
    SecondSuccess,
}

impl Contradiction {
    /// Returns a stable word for programs: the field's name, `second_final` or `second_success`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::UserId => "user_id",
            Self::TransactionType => "transaction_type",
            Self::SecondFinal => "second_final",
            Self::SecondSuccess => "second_success",
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
