//! Keeping a verified webhook: exactly once, whole, and before anybody is told that it is kept.

use edge_cashier::{Expected, Ledger, Outcome, WebhookEvent};
use serde_json::Value;

use super::Inner;
use super::expectation;
use super::message::{Record, Reply};
use super::store::{NewWebhook, Store};
use crate::clock;
use crate::host::Failure;

impl Inner {
    /// Keeps the webhook and wakes those who wait. It has no await, so equal webhooks that come together are handled one after the other; and it is one
    /// transaction, so either all of it is on disk or none. An error here becomes a 503, and the gateway sends the webhook again.
    pub(super) fn record(&self, record: Record) -> Result<Reply, Failure> {
        self.store.migrate()?;
        let store = self.store.clone();
        let outcome = self.store.transaction(move || keep(&store, record))?;
        if outcome != Outcome::Duplicate {
            self.waiters.wake();
        }
        Ok(Ok(Value::from(outcome.as_str())))
    }
}

#[inline(never)]
fn keep(store: &Store, record: Record) -> Result<Outcome, Failure> {
    let event = read_event(&record.event)?;
    let expected = match store.session()? {
        Some(session) => Some(read_expected(&session.expected)?),
        // A session that was opened elsewhere, or not yet: the event is kept, and compared with the session as soon as that is known.
        None => None,
    };
    let now = clock::now_ms();
    let mut ledger = Ledger::new(expected);
    let mut same: Option<i64> = None;
    for row in store.webhooks()? {
        let kept = read_event(&row.event)?;
        if kept == event {
            same = Some(row.seq);
        }
        ledger.apply(&kept);
    }
    if let Some(seq) = same {
        store.count_copy(seq, now)?;
        return Ok(Outcome::Duplicate);
    }
    let outcome = ledger.apply(&event);
    store.add_webhook(&NewWebhook {
        event: record.event,
        body: record.body,
        signature: record.signature,
        matched: record.matched,
        password_id: record.password_id,
        outcome: outcome.as_str(),
        request_id: record.request_id,
        received_at: now,
    })?;
    // The ledger calls it a duplicate although its row is new when only what the ledger does not look at is different (an attempt's number, say): evidence,
    // but no change.
    if outcome != Outcome::Duplicate {
        store.count_change()?;
    }
    Ok(outcome)
}

/// An event of ours, as it stands in a command or a row.
#[inline(never)]
pub(super) fn read_event(text: &str) -> Result<WebhookEvent, Failure> {
    WebhookEvent::from_json(text.as_bytes()).map_err(|_| Failure::new("an event of ours cannot be read"))
}

/// What a row of a session says is expected.
pub(super) fn read_expected(text: &str) -> Result<Expected, Failure> {
    expectation::from_text(text).ok_or_else(|| Failure::new("the row of the session says nothing expected"))
}
