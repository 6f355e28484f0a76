//! The payment's exceptions, and keeping the index in D1 up to date with them.
//!
//! Which exceptions are open is computed from the rows. The table `told` holds what was last written to the index; the alarm writes the difference and notes it afterwards, so an
//! index that cannot be reached gets it later, and a payment without an exception writes nothing to it.

use std::collections::BTreeMap;

use edge_cashier::{Ledger, WebhookEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use worker::Result;

use super::Inner;
use super::deliver::{ALARM, RETRY_MS};
use super::listed::Compared;
use super::outbox::wait;
use super::store::{PaymentRow, Store};
use crate::index::{Change, Exception, Index, Kind};
use crate::{clock, log};

impl Inner {
    /// Brings the index up to date if something changed. A failure delays it and nothing else. An alarm that comes early for another reason does it too, unless it
    /// has failed and waits.
    pub(super) async fn index(&self) -> Result<()> {
        let payment = self.store.payment()?;
        let Some(at) = payment.index_at() else {
            return Ok(());
        };
        if payment.index_tries > 0 && at > clock::now_ms() {
            return Ok(());
        }
        // What comes from here on is reported in its own time, and not at once because this is due. The time is for an object that stops meanwhile.
        self.store.index_begins(clock::now_ms() + RETRY_MS)?;
        let attempts = self.report_attempts(&payment).await;
        let exceptions = self.index_exceptions().await;
        for error in [attempts.as_ref().err(), exceptions.as_ref().err()]
            .into_iter()
            .flatten()
        {
            log::failure(ALARM, "index", error);
        }
        if let (Ok(attempts_told), Ok(true)) = (attempts, exceptions) {
            return self.store.indexed(payment.changes, attempts_told);
        }
        let wait = wait(payment.index_tries, js_sys::Math::random()).as_millis();
        self.store
            .index_later(clock::now_ms() + i64::try_from(wait).unwrap_or(i64::MAX))
    }

    /// Writes to the index what is new and what is resolved. False when there is something to write and no index.
    async fn index_exceptions(&self) -> Result<bool> {
        let payment = self.store.payment()?;
        let open = self.store.exceptions(&payment)?;
        let indexed = if payment.has_exceptions() {
            self.store.indexed_exceptions()?
        } else {
            BTreeMap::new()
        };
        let changed = open
            .iter()
            .filter(|(id, (_, text))| indexed.get(*id) != Some(text));
        let resolved = indexed.keys().filter(|id| !open.contains_key(*id));
        let changes: Vec<Change> = changed
            .map(|(_, (exception, _))| Change::Open(exception.clone()))
            .chain(resolved.map(|id| Change::Resolved(id.clone())))
            .collect();
        if changes.is_empty() {
            return Ok(true);
        }
        let Some(index) = Index::open(&self.env).await? else {
            return Ok(false);
        };
        // Noted without a text before they are written: an entry whose write was not answered is taken off like any other.
        let mut added = open.keys().filter(|id| !indexed.contains_key(*id));
        self.store
            .transaction(|| added.try_for_each(|id| self.store.note_indexed(id, "")))?;
        index.write(&changes).await?;
        self.store.transaction(|| {
            changes.iter().try_for_each(|change| match change {
                Change::Open(Exception { id, .. }) => {
                    let text = open.get(id).map_or("", |(_, text)| text);
                    self.store.note_indexed(id, text)
                }
                Change::Resolved(id) => self.store.forget_indexed(id),
            })
        })?;
        Ok(true)
    }

    /// Takes the payment's exceptions out of the index, before the payment itself is deleted.
    pub(super) async fn leave_index(&self) -> Result<()> {
        let indexed = self.store.indexed_exceptions()?;
        if indexed.is_empty() {
            return Ok(());
        }
        if let Some(index) = Index::open(&self.env).await? {
            let changes: Vec<_> = indexed.keys().cloned().map(Change::Resolved).collect();
            index.write(&changes).await?;
        }
        self.store
            .transaction(|| indexed.keys().try_for_each(|id| self.store.forget_indexed(id)))
    }
}

/// A row of `delivery` that is an exception.
#[derive(Deserialize)]
struct DeliveryRow {
    id: String,
    state: String,
    body: String,
    created_at: i64,
    last_answer: Option<String>,
}

/// A row of `told`: an exception as it was last written to the index.
#[derive(Deserialize)]
struct IndexedRow {
    id: String,
    exception: String,
}

impl Store {
    /// Lets the next alarm look at the exceptions; with every change that may have made or ended one.
    pub(super) fn note_change(&self, now: i64) -> Result<()> {
        let mut payment = self.payment()?;
        payment.note_change(now);
        self.execute(
            "UPDATE payment SET changes = ?, index_at = ?",
            vec![payment.changes.into(), payment.index_at().into()],
        )
    }

    /// The index knows everything up to this many changes, and the attempts of the webhooks up to this one; what came meanwhile is still to be written.
    fn indexed(&self, changes: i64, attempts_told: i64) -> Result<()> {
        self.execute(
            "UPDATE payment SET seen = ?, attempts_told = ?, index_tries = 0",
            vec![changes.into(), attempts_told.into()],
        )
    }

    fn index_begins(&self, again_at: i64) -> Result<()> {
        self.execute("UPDATE payment SET index_at = ?", vec![again_at.into()])
    }

    fn index_later(&self, at: i64) -> Result<()> {
        self.execute(
            "UPDATE payment SET index_at = ?, index_tries = index_tries + 1",
            vec![at.into()],
        )
    }

    /// Every open exception, by its id, with its text.
    fn exceptions(&self, payment: &PaymentRow) -> Result<BTreeMap<String, (Exception, String)>> {
        let mut found = self.undelivered()?;
        found.extend(self.conflicts(payment)?);
        if payment.has_exceptions() {
            found.extend(self.disagreeing()?);
        }
        let mut open = BTreeMap::new();
        for exception in found {
            let exception = Exception {
                tracking_id: Some(payment.tracking_id()?.to_owned()),
                ..exception
            };
            let text = serde_json::to_string(&exception)?;
            open.insert(exception.id.clone(), (exception, text));
        }
        Ok(open)
    }

    /// Messages that were given up or withheld, or failed twice; one that the index has stays until it is delivered. One failure is ordinary: a gateway may be behind
    /// its own webhook.
    fn undelivered(&self) -> Result<Vec<Exception>> {
        let rows: Vec<DeliveryRow> = self.rows(
            "SELECT id, state, body, created_at, last_answer FROM delivery WHERE state IN ('parked', 'withheld')
             OR (state = 'waiting' AND (tries > 1 OR id IN (SELECT id FROM told)))",
        )?;
        let exceptions = rows.into_iter().map(|row| {
            let message: Value = serde_json::from_str(&row.body).unwrap_or_default();
            let transaction_id = message.pointer("/data/transaction_id").and_then(Value::as_str);
            Exception {
                kind: match row.state.as_str() {
                    "parked" => Kind::Parked,
                    "withheld" => Kind::Withheld,
                    _ => Kind::Retrying,
                },
                tracking_id: None,
                transaction_id: transaction_id.map(str::to_owned),
                at: clock::rfc3339(row.created_at),
                detail: json!({ "last_answer": row.last_answer }),
                id: row.id,
            }
        });
        Ok(exceptions.collect())
    }

    /// Webhooks that contradict the payment, as it is known today.
    fn conflicts(&self, payment: &PaymentRow) -> Result<Vec<Exception>> {
        let tracking_id = hex::encode(payment.tracking_id()?);
        let mut ledger = Ledger::new(payment.expected()?);
        let mut rows = Vec::new();
        for row in self.webhooks()? {
            let event = row.event()?;
            ledger.apply(&event);
            rows.push((event, row));
        }
        let conflicts = ledger.conflicts().into_iter().filter_map(|conflict| {
            let (event, row) = rows.iter().find(|(event, _)| event == conflict.event)?;
            let contradictions: Vec<_> = conflict
                .contradictions
                .iter()
                .map(|found| found.as_str())
                .collect();
            Some(Exception {
                id: format!("conflict:{tracking_id}:{}", row.seq),
                kind: Kind::Conflict,
                tracking_id: None,
                transaction_id: Some(event.transaction_id.as_str().to_owned()),
                at: clock::rfc3339(row.received_at),
                detail: json!({
                    "contradictions": contradictions, "status": event.status.as_str(),
                    "amount": event.amount.to_string(), "currency": event.currency.code(),
                }),
            })
        });
        Ok(conflicts.collect())
    }

    /// What the gateway listed and no webhook has reported so far, or one reported otherwise.
    fn disagreeing(&self) -> Result<Vec<Exception>> {
        let events = self.events()?;
        let mut exceptions = Vec::new();
        for row in self.listed()? {
            let listing = row.listing()?;
            let kind = match listing.compare(&events) {
                Compared::Missed => Kind::Missed,
                Compared::Mismatch => Kind::Mismatch,
                Compared::Matched | Compared::NoPayment => continue,
            };
            let reported = events
                .iter()
                .rev()
                .find(|event| event.transaction_id.as_str() == listing.transaction_id);
            let reported = reported.map(|event| {
                json!({
                    "status": event.status.as_str(), "amount": event.amount.to_string(),
                    "currency": event.currency.code(),
                })
            });
            exceptions.push(listing.exception(kind, row.at, reported));
        }
        Ok(exceptions)
    }

    /// What every webhook said, in the order of arrival.
    pub(super) fn events(&self) -> Result<Vec<WebhookEvent>> {
        self.webhooks()?.iter().map(|row| row.event()).collect()
    }

    fn indexed_exceptions(&self) -> Result<BTreeMap<String, String>> {
        let rows: Vec<IndexedRow> = self.rows("SELECT * FROM told")?;
        Ok(rows.into_iter().map(|row| (row.id, row.exception)).collect())
    }

    pub(super) fn note_indexed(&self, id: &str, exception: &str) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO told (id, exception) VALUES (?, ?)",
            vec![id.into(), exception.into()],
        )
    }

    fn forget_indexed(&self, id: &str) -> Result<()> {
        self.execute("DELETE FROM told WHERE id = ?", vec![id.into()])
    }
}
