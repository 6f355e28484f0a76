//! What the merchant's system is sent about each event.

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::attempt::PaymentState;
use crate::webhook::WebhookEvent;

/// What the merchant is sent about one event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery<'a> {
    /// Names the delivery, so that it is made once: the tracking id, the status, and a digest of the event's contents.
    /// The same event has the same key, whatever came before it.
    pub key: String,
    /// Whether the event may be relied on.
    pub kind: DeliveryKind,
    /// The event that is reported.
    pub event: &'a WebhookEvent,
    /// The state of the payment as all its events give it, which may be further on than the event.
    pub state: PaymentState,
    /// Whether later news has overtaken the event: a `pending` whose attempt has a final state, or a `pending` or
    /// `rejected` of a payment in which another attempt has succeeded. A success is never superseded. Neither is a
    /// conflict, nor an unknown status, which may come later than any final one: a refund, for example.
    pub superseded: bool,
}

/// Whether a delivered event may be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryKind {
    /// A state of the payment as the gateway reported it.
    State,
    /// The event contradicts the payment: a case for a person, never a success.
    Conflict,
}

/// Returns equal keys for events that are the [`same`](super::same), different ones for others. The user is only in
/// the digest: a key ends up in logs.
pub(super) fn key(event: &WebhookEvent) -> String {
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
    let digest = hex::encode(digest.finalize());
    format!("{}:{}:{digest}", event.tracking_id, event.status)
}
