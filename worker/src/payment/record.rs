//! Keeping a verified webhook: exactly once, whole, and before anybody is told that it is kept.

use edge_cashier::{Ledger, Outcome};
use worker::{Error, Result};

use super::Inner;
use super::message::Record;
use super::notice::notice;
use super::store::{NewWebhook, Store};
use crate::config::{Config, environment};
use crate::{analytics, clock};

impl Inner {
    /// Keeps the webhook, puts what the merchant is to hear of it into the outbox, and wakes those who wait. Up to the alarm it has no await, so equal webhooks that
    /// come together are handled one after the other; and it is one transaction, so either all of it is on disk or none. An error here becomes a 503, and the
    /// gateway sends the webhook again.
    pub(super) async fn record(&self, record: Record) -> Result<Outcome> {
        let config = environment::config(&self.env).map_err(|error| Error::RustError(error.to_string()))?;
        self.store.migrate()?;
        let event = record.event.clone();
        let outcome = self.store.transaction(|| keep(&self.store, &config, record))?;
        analytics::webhook(&self.env, &event, outcome);
        if outcome != Outcome::Duplicate {
            self.waiters.wake();
        }
        // For a duplicate too: the alarm of the first one may have failed after its rows were written, and the gateway sent it again for that reason.
        self.schedule(&config).await?;
        Ok(outcome)
    }
}

fn keep(store: &Store, config: &Config, record: Record) -> Result<Outcome> {
    // A session that was opened elsewhere, or not yet: the event is kept, and compared with the session as soon as that is known.
    let session = store.session()?;
    let operation = session.as_ref().map(|session| session.operation);
    let expected = session.map(|session| session.expected()).transpose()?;
    let now = clock::now_ms();
    let mut ledger = Ledger::new(expected);
    let mut same: Option<i64> = None;
    let mut is_new_attempt = true;
    for row in store.webhooks()? {
        let kept = row.event()?;
        if kept == record.event {
            same = Some(row.seq);
        }
        is_new_attempt &= kept.transaction_id != record.event.transaction_id;
        ledger.apply(&kept);
    }
    if let Some(seq) = same {
        store.count_copy(seq, now)?;
        return Ok(Outcome::Duplicate);
    }
    let outcome = ledger.apply(&record.event);
    if config.endpoint.is_some()
        && outcome != Outcome::Duplicate
        && let Some(notice) = notice(&ledger, &record.event, operation, now)?
    {
        let must_confirm = notice.is_success && config.confirm_with_gateway;
        store.enqueue(notice, must_confirm, now)?;
    }
    store.touch(record.event.tracking_id.as_str(), now)?;
    store.add_webhook(NewWebhook {
        event: serde_json::to_string(&record.event)?,
        body: record.body,
        signature: record.signature,
        matched: record.matched,
        password_id: record.password_id,
        outcome,
        request_id: record.request_id,
        received_at: now,
    })?;
    // The ledger calls it a duplicate although its row is new when only what the ledger does not look at is different (an attempt's number, say): evidence,
    // but no change.
    if outcome != Outcome::Duplicate {
        store.count_change()?;
    }
    // Nothing else that comes makes an exception or ends one.
    if is_new_attempt || outcome == Outcome::Conflict || store.has_exceptions()? {
        store.note_change(now)?;
    }
    Ok(outcome)
}
