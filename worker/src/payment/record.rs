//! Keeping a verified webhook: exactly once, whole, and before anybody is told that it is kept.

use edge_cashier::{Ledger, Outcome, WebhookEvent};
use worker::Result;

use super::Inner;
use super::message::{Record, RecordReply};
use super::store::{NewWebhook, Store};
use crate::clock;

impl Inner {
    /// Keeps the webhook and wakes those who wait. It has no await, so equal webhooks that come together are handled one after the other; and it is one
    /// transaction, so either all of it is on disk or none. An error here becomes a 503, and the gateway sends the webhook again.
    pub(super) fn record(&self, record: Record) -> Result<RecordReply> {
        self.store.migrate()?;
        let store = self.store.clone();
        let outcome = self.store.transaction(move || keep(&store, record))?;
        if outcome != Outcome::Duplicate {
            self.waiters.wake();
        }
        Ok(Ok(outcome.as_str().to_owned()))
    }
}

fn keep(store: &Store, record: Record) -> Result<Outcome> {
    let event = record.event;
    let expected = match store.session()? {
        Some(session) => Some(serde_json::from_str(&session.expected)?),
        // A session that was opened elsewhere, or not yet: the event is kept, and judged again when the session is known.
        None => None,
    };
    let now = clock::now_ms();
    let mut ledger = Ledger::new(expected);
    let mut same: Option<i64> = None;
    for row in store.webhooks()? {
        let kept: WebhookEvent = serde_json::from_str(&row.event)?;
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
        event: serde_json::to_string(&event)?,
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
