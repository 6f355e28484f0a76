//! A payment's rows in the SQLite of its Durable Object: the session, every webhook, and a version that counts the visible changes.
//!
//! Nothing is derived in here: the state is computed from the rows ([`super::view`]), so no stored state can disagree with them.
//! A change of several rows is one [`Store::transaction`]: all of it is kept, or none.

use std::cell::Cell;
use std::time::Duration;

use edge_cashier::{Expected, OperationName, Outcome, WebhookEvent};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::{Error, Result, SqlStorage, SqlStorageValue, Storage};

use super::schema::{MIGRATIONS, SCHEMA};
use crate::clock;
use crate::sql_transaction::transaction;

/// How far the opening of the session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SessionStatus {
    /// The gateway is being asked, or was when the object stopped.
    Opening,
    /// The gateway gave its reply.
    Opened,
    /// The gateway was asked and did not say whether it acted, for an operation that must not be sent twice.
    Unknown,
}

/// The one row of `session`. Times are in milliseconds since 1970.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SessionRow {
    pub(super) tracking_id: String,
    pub(super) user_id: String,
    pub(super) operation: OperationName,
    pub(super) digest: String,
    /// The ticket's amount, digit for digit.
    pub(super) amount: String,
    /// [`Expected`] as JSON.
    pub(super) expected: String,
    pub(super) status: SessionStatus,
    pub(super) request_id: String,
    pub(super) ticket_at: i64,
    pub(super) opened_at: Option<i64>,
    /// The public reply as JSON, once there is one.
    pub(super) reply: Option<String>,
    /// How many attempts webhooks must have reported for one of them to be that of the last call, see [`super::view::is_declined`].
    pub(super) attempts_due: i64,
}

impl SessionRow {
    pub(super) fn expected(&self) -> Result<Expected> {
        Ok(serde_json::from_str(&self.expected)?)
    }
}

/// A row of `webhook`: one event, however often it came. Times are in milliseconds since 1970.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct WebhookRow {
    pub(super) seq: i64,
    /// [`WebhookEvent`] as JSON, read from the bytes that were signed.
    event: String,
    pub(super) received_at: i64,
    /// How often the event came.
    pub(super) copies: i64,
}

impl WebhookRow {
    pub(super) fn event(&self) -> Result<WebhookEvent> {
        read_event(&self.event)
    }
}

/// Reads a [`WebhookEvent`] that was written as JSON, by the core's own reader, which reads whatever it verified. What it says would repeat values, and goes to the log.
pub(super) fn read_event(text: &str) -> Result<WebhookEvent> {
    WebhookEvent::from_json(text.as_bytes()).map_err(|_| Error::from("the event is unreadable"))
}

/// The one row of `payment`, and what is computed with it. Times are in milliseconds since 1970.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PaymentRow {
    tracking_id: Option<String>,
    /// When something last happened.
    pub(super) touched_at: i64,
    /// How many changes may have made or ended an exception, and how many of them the index knows.
    pub(super) changes: i64,
    seen: i64,
    /// When the others are to be written to the index, and how often that has failed.
    index_at: i64,
    pub(super) index_tries: u32,
    /// Up to which webhook the attempts were reported to their index ([`crate::attempt`]).
    pub(super) attempts_told: i64,
    /// What the session says, if there is one: [`Expected`] as JSON.
    pub(super) operation: Option<OperationName>,
    expected: Option<String>,
    /// Whether the index has an exception of this payment, or may have to get one: 0 or 1.
    has_exceptions: i64,
    /// Whether a message was given up or withheld, and not delivered since: 0 or 1.
    has_stopped: i64,
    /// When the oldest message that waits is to be sent.
    pub(super) deliver_at: Option<i64>,
}

impl PaymentRow {
    pub(super) fn tracking_id(&self) -> Result<&str> {
        let tracking_id = self.tracking_id.as_deref();
        tracking_id.ok_or_else(|| Error::from("the payment has no tracking id"))
    }

    /// What a webhook has to say for the payment to count as paid; unknown while no session is.
    pub(super) fn expected(&self) -> Result<Option<Expected>> {
        let expected = self.expected.as_deref().map(serde_json::from_str);
        Ok(expected.transpose()?)
    }

    /// Notes a change that may have made or ended an exception, which is written to the index at this time at the latest.
    pub(super) fn note_change(&mut self, at: i64) {
        self.index_at = self.index_at().map_or(at, |earlier| earlier.min(at));
        self.changes += 1;
    }

    /// When something is to be written to the index.
    pub(super) fn index_at(&self) -> Option<i64> {
        (self.changes != self.seen).then_some(self.index_at)
    }

    pub(super) fn has_exceptions(&self) -> bool {
        self.has_exceptions != 0
    }

    /// Whether a message was given up or withheld, or the index does not know the last change.
    pub(super) fn is_unfinished(&self) -> bool {
        self.has_stopped != 0 || self.changes != self.seen
    }
}

/// A webhook that is about to be kept.
#[derive(Debug)]
pub(super) struct NewWebhook {
    pub(super) event: String,
    pub(super) body: String,
    pub(super) signature: String,
    pub(super) matched: String,
    pub(super) password_id: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) request_id: String,
    pub(super) received_at: i64,
}

/// The rows.
#[derive(Debug)]
pub(super) struct Store {
    storage: Storage,
    sql: SqlStorage,
    migrated: Cell<bool>,
    /// The alarm that this object has set, if it has: only saves setting it again.
    alarm_at: Cell<Option<i64>>,
}

impl Store {
    pub(super) fn new(storage: Storage) -> Self {
        Self {
            sql: storage.sql(),
            storage,
            migrated: Cell::new(false),
            alarm_at: Cell::new(None),
        }
    }

    /// Whether anything was ever written. Asking for a payment that does not exist creates nothing.
    pub(super) fn exists(&self) -> Result<bool> {
        Ok(self.migrated.get()
            || self.number("SELECT count(*) AS number FROM sqlite_master WHERE name = 'migration'")? > 0)
    }

    /// Brings the tables up to date. Called before anything else that touches them; after the first time it costs nothing.
    pub(super) fn migrate(&self) -> Result<()> {
        if self.migrated.get() {
            return Ok(());
        }
        self.transaction(|| Ok(()))
    }

    /// Does all of `work` or, if it fails, none of it, on tables that are up to date. There is no await inside, so nothing else can come between either.
    pub(super) fn transaction<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let migrated = self.migrated.get();
        let done = transaction(&self.storage, || {
            if !migrated {
                self.apply_migrations()?;
            }
            work()
        })?;
        self.migrated.set(true);
        Ok(done)
    }

    fn apply_migrations(&self) -> Result<()> {
        if !self.exists()? {
            return self.execute(SCHEMA, vec![]);
        }
        let applied = self.number("SELECT count(*) AS number FROM migration")?;
        for (id, migration) in (0_i64..).zip(MIGRATIONS) {
            if id >= applied {
                self.execute(migration, vec![])?;
                self.execute("INSERT INTO migration (id) VALUES (?)", vec![id.into()])?;
            }
        }
        Ok(())
    }

    /// The row of the payment, with what else decides about its alarm and its exceptions: one statement, since a statement costs more than what it reads.
    pub(super) fn payment(&self) -> Result<PaymentRow> {
        let row = self
            .rows(
                "SELECT payment.*,
                 (SELECT operation FROM session) AS operation, (SELECT expected FROM session) AS expected,
                 EXISTS (SELECT 1 FROM told) OR EXISTS (SELECT 1 FROM listed) AS has_exceptions,
                 EXISTS (SELECT 1 FROM delivery WHERE state IN ('parked', 'withheld')) AS has_stopped,
                 (SELECT next_at FROM delivery WHERE state = 'waiting' ORDER BY seq LIMIT 1) AS deliver_at
                 FROM payment",
            )?
            .pop();
        row.ok_or_else(|| Error::from("the payment has no row"))
    }

    /// Counts the visible changes: whoever waits compares versions.
    pub(super) fn version(&self) -> Result<i64> {
        self.number("SELECT version AS number FROM payment")
    }

    pub(super) fn count_change(&self) -> Result<()> {
        self.execute("UPDATE payment SET version = version + 1", vec![])
    }

    /// Writes what a webhook has changed of the row: when it came, and the changes of [`PaymentRow::note_change`].
    pub(super) fn keep_payment(&self, row: &PaymentRow, tracking_id: &str, is_visible: bool) -> Result<()> {
        self.execute(
            "UPDATE payment SET tracking_id = ?, touched_at = ?, version = version + ?, changes = ?, index_at = ?",
            vec![
                tracking_id.into(),
                row.touched_at.into(),
                i64::from(is_visible).into(),
                row.changes.into(),
                row.index_at.into(),
            ],
        )
    }

    /// Notes what the payment is called and that something happened to it; with every change.
    pub(super) fn touch(&self, tracking_id: &str, now: i64) -> Result<()> {
        self.execute(
            "UPDATE payment SET tracking_id = ?, touched_at = ?",
            vec![tracking_id.into(), now.into()],
        )
    }

    /// Sets the alarm if none is set that comes as early; in milliseconds since 1970, a time in the past is at once. An alarm that comes too early finds nothing to do
    /// and sets the next one. One that is due and has not come is set again: the runtime gives an alarm up after some tries.
    pub(super) async fn set_alarm(&self, at: i64) -> Result<()> {
        let now = clock::now_ms();
        if self.alarm_at.get().is_some_and(|set| now < set && set <= at) {
            return Ok(());
        }
        self.alarm_at.set(Some(at));
        let wait = Duration::from_millis(at.saturating_sub(now).try_into().unwrap_or_default());
        let set = self.storage.set_alarm(wait).await;
        set.inspect_err(|_| self.alarm_at.set(None))
    }

    /// Notes that the alarm has come: none is set any more.
    pub(super) fn alarm_has_come(&self) {
        self.alarm_at.set(None);
    }

    /// Forgets the payment, alarm and all.
    pub(super) async fn delete_all(&self) -> Result<()> {
        self.alarm_at.set(None);
        self.migrated.set(false);
        self.storage.delete_all().await
    }

    pub(super) fn session(&self) -> Result<Option<SessionRow>> {
        Ok(self.rows("SELECT * FROM session")?.pop())
    }

    /// Writes the reservation: from here on the tracking id belongs to these contents. A row that is there has the same ones: the next card after a declined one.
    pub(super) fn reserve(&self, row: SessionRow) -> Result<()> {
        self.execute(
            "INSERT INTO session
             (id, tracking_id, user_id, operation, digest, amount, expected, status, request_id, ticket_at, attempts_due)
             VALUES (1, ?, ?, ?, ?, ?, ?, 'opening', ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET
             status = 'opening', request_id = excluded.request_id, attempts_due = excluded.attempts_due",
            vec![
                row.tracking_id.into(),
                row.user_id.into(),
                row.operation.as_str().into(),
                row.digest.into(),
                row.amount.into(),
                row.expected.into(),
                row.request_id.into(),
                row.ticket_at.into(),
                row.attempts_due.into(),
            ],
        )
    }

    /// The gateway gave its reply: the session is open.
    pub(super) fn opened(&self, reply: &str, now: i64) -> Result<()> {
        self.execute(
            "UPDATE session SET status = 'opened', reply = ?, opened_at = coalesce(opened_at, ?)
             WHERE status <> 'opened'",
            vec![reply.into(), now.into()],
        )
    }

    /// The gateway opened nothing: the tracking id is free again, or as it was after a declined card, when so many attempts were due.
    pub(super) fn release(&self, attempts_due: i64) -> Result<()> {
        self.execute(
            "DELETE FROM session WHERE status <> 'opened' AND opened_at IS NULL",
            vec![],
        )?;
        self.execute(
            "UPDATE session SET status = 'opened', attempts_due = ? WHERE status = 'opening'",
            vec![attempts_due.into()],
        )
    }

    /// Nobody knows whether the gateway acted, and asking again could make it act twice.
    pub(super) fn outcome_unknown(&self) -> Result<()> {
        self.execute(
            "UPDATE session SET status = 'unknown' WHERE status = 'opening'",
            vec![],
        )
    }

    /// Every event, in the order of arrival.
    pub(super) fn webhooks(&self) -> Result<Vec<WebhookRow>> {
        self.rows("SELECT seq, event, received_at, copies FROM webhook ORDER BY seq")
    }

    pub(super) fn add_webhook(&self, webhook: NewWebhook) -> Result<()> {
        self.execute(
            "INSERT INTO webhook
             (event, body, signature, matched, password_id, outcome, request_id, received_at, last_received_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                webhook.event.into(),
                webhook.body.into(),
                webhook.signature.into(),
                webhook.matched.into(),
                webhook.password_id.into(),
                webhook.outcome.as_str().into(),
                webhook.request_id.into(),
                webhook.received_at.into(),
                webhook.received_at.into(),
            ],
        )
    }

    /// The event came again: counted, no second record.
    pub(super) fn count_copy(&self, seq: i64, now: i64) -> Result<()> {
        self.execute(
            "UPDATE webhook SET copies = copies + 1, last_received_at = ? WHERE seq = ?",
            vec![now.into(), seq.into()],
        )
    }

    pub(super) fn execute(&self, sql: &str, bindings: Vec<SqlStorageValue>) -> Result<()> {
        self.sql.exec(sql, bindings).map(drop)
    }

    pub(super) fn rows<T: DeserializeOwned>(&self, sql: &str) -> Result<Vec<T>> {
        self.rows_with(sql, vec![])
    }

    pub(super) fn rows_with<T: DeserializeOwned>(
        &self,
        sql: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<T>> {
        self.sql.exec(sql, bindings)?.to_array()
    }

    /// The column `number` of the first row; 0 without one.
    pub(super) fn number(&self, sql: &str) -> Result<i64> {
        #[derive(Deserialize)]
        struct Row {
            number: i64,
        }
        Ok(self.rows(sql)?.pop().map_or(0, |Row { number }| number))
    }
}
