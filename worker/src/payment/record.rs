//! Keeping a verified webhook: exactly once, whole, and before it is acknowledged.

use edge_cashier::{Ledger, Outcome, WebhookEvent};
use worker::Result;

use super::Inner;
use super::message::Record;
use super::notice::notice;
use super::store::{NewWebhook, PaymentRow, Store, read_event};
use crate::config::{Config, environment};
use crate::{analytics, clock};

/// How much later the attempt and its count are reported ([`super::attempts`]), so that a burst of webhooks is answered first; an alarm that comes earlier for another
/// reason takes it along. Shorter than the ten seconds after which an idle object leaves memory.
const REPORT_AFTER_MS: i64 = 5_000;

impl Inner {
    /// Keeps the webhook, puts what the merchant is to hear of it into the outbox, and wakes those who wait. Up to the alarm it has no await, so equal webhooks that
    /// come together are handled one after the other; and it is one transaction, so either all of it is on disk or none. An error here becomes a 503, and the
    /// gateway sends the webhook again.
    pub(super) async fn record(&self, record: Record) -> Result<()> {
        let config = environment::config(&self.env)?;
        let event = read_event(&record.event)?;
        let (outcome, payment) = self
            .store
            .transaction(|| keep(&self.store, &config, &event, record))?;
        analytics::webhook(&self.env, &event, outcome);
        if outcome != Outcome::Duplicate {
            self.waiters.wake();
        }
        // For a duplicate too: the alarm of the first one may have failed after its rows were written, and the gateway sent it again for that reason.
        self.schedule_for(&config, &payment).await
    }
}

/// Returns the payment's row as it is then.
fn keep(
    store: &Store,
    config: &Config,
    event: &WebhookEvent,
    record: Record,
) -> Result<(Outcome, PaymentRow)> {
    let mut payment = store.payment()?;
    let now = clock::now_ms();
    // A session that was opened elsewhere, or not yet: the event is kept, and compared with the session as soon as that is known.
    let mut ledger = Ledger::new(payment.expected()?);
    let mut same: Option<i64> = None;
    for row in store.webhooks()? {
        let kept = row.event()?;
        if kept == *event {
            same = Some(row.seq);
        }
        ledger.apply(&kept);
    }
    if let Some(seq) = same {
        store.count_copy(seq, now)?;
        payment.note_change(now.saturating_add(REPORT_AFTER_MS));
        store.keep_payment(&payment, event.tracking_id.as_str(), false)?;
        return Ok((Outcome::Duplicate, payment));
    }
    let outcome = ledger.apply(event);
    if config.endpoint.is_some()
        && outcome != Outcome::Duplicate
        && let Some(notice) = notice(&ledger, event, payment.operation, now)?
    {
        let must_confirm = notice.says_successful && config.confirm_with_gateway;
        store.enqueue(notice, must_confirm, now)?;
        payment.deliver_at.get_or_insert(now);
    }
    payment.touched_at = now;
    // Nothing else that comes makes an exception or ends one.
    let is_urgent = outcome == Outcome::Conflict || payment.has_exceptions();
    payment.note_change(if is_urgent {
        now
    } else {
        now.saturating_add(REPORT_AFTER_MS)
    });
    // The ledger calls it a duplicate although its row is new when only what the ledger does not look at is different (an attempt's number, say): evidence,
    // but no change.
    let is_visible = outcome != Outcome::Duplicate;
    store.keep_payment(&payment, event.tracking_id.as_str(), is_visible)?;
    store.add_webhook(NewWebhook {
        event: record.event,
        body: record.body,
        signature: record.signature,
        matched: record.matched,
        password_id: record.password_id,
        outcome,
        request_id: record.request_id,
        received_at: now,
    })?;
    Ok((outcome, payment))
}
