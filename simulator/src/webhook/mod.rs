//! Webhooks to the merchant: what they say, how they are signed, and how they are sent until they are answered.

mod compose;
mod outbox;
mod schedule;

pub(crate) use compose::{Event, with_minor_units};
pub(crate) use outbox::Outbox;
