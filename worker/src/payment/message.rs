//! What the Worker says to a payment's Durable Object and what it hears back.
//!
//! The object has no public address: only this Worker can call it, so a command is trusted. Both ways it is JSON with externally tagged enums (serde's
//! other tags buffer their contents, and an exact number does not survive that).

use edge_cashier::{Expected, WebhookEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::problem::Problem;

/// Something that a payment is told to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Command {
    Open(Open),
    Read(Read),
    Record(Record),
}

/// Open the session of a verified ticket, once.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) request_id: String,
    pub(crate) tracking_id: String,
    pub(crate) user_id: String,
    /// The gateway operation's name.
    pub(crate) operation: String,
    /// The operation's request in the core's form, valid, with the connection's `ip` in it.
    pub(crate) request: Value,
    /// Identifies the ticket's contents, see [`crate::ticket::launch`].
    pub(crate) digest: String,
    /// The ticket's amount, digit for digit.
    pub(crate) amount: String,
    /// What a webhook has to say for this payment to count as paid.
    pub(crate) expected: Expected,
}

/// Say how the payment stands, now or as soon as something changes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Read {
    pub(crate) user_id: String,
    /// How long to wait for a change, in milliseconds; 0 does not wait.
    pub(crate) wait_ms: u64,
    /// The version that the asker has seen; without one, the version at the time of the call.
    pub(crate) version: Option<i64>,
}

/// Keep a webhook whose signature was verified.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) request_id: String,
    /// What was read from the bytes that were signed.
    pub(crate) event: WebhookEvent,
    /// The body exactly as it came: the evidence, together with its signature.
    pub(crate) body: String,
    pub(crate) signature: String,
    /// Which form of the body was signed: `canonical` or `raw`.
    pub(crate) matched: String,
    /// Which password signed it, while passwords are being rotated.
    pub(crate) password_id: Option<String>,
}

/// A session that is open at the gateway.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// False when the same ticket had opened it before.
    pub(crate) created: bool,
    /// The public reply.
    pub(crate) session: Value,
}

/// The answer to [`Command::Open`].
pub(crate) type OpenReply = Result<Opened, Problem>;
/// The answer to [`Command::Read`]: the public view of the payment.
pub(crate) type ReadReply = Result<Value, Problem>;
/// The answer to [`Command::Record`]: it is on disk. The text is the outcome, for the log.
pub(crate) type RecordReply = Result<String, Problem>;
