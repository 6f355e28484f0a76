//! A payment's rows in the SQLite of its Durable Object: the session, every webhook, and a version that counts the visible changes.
//!
//! Nothing is derived in here: the state is computed from the rows ([`super::view`]), so no stored state can disagree with them.
//! A change of several rows is one [`Store::transaction`]: all of it is kept, or none.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::host::{self, Failure, Storage};

type Result<T> = std::result::Result<T, Failure>;

/// Each entry is applied once, in this order; its index is the schema's version. Entries are never changed, only added.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE payment (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        version INTEGER NOT NULL
    );
    INSERT INTO payment (id, version) VALUES (1, 0);

    CREATE TABLE session (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        tracking_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        operation TEXT NOT NULL,
        digest TEXT NOT NULL,
        amount TEXT NOT NULL,
        expected TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('opening', 'opened', 'unknown')),
        request_id TEXT NOT NULL,
        ticket_at INTEGER NOT NULL,
        opened_at INTEGER,
        reply TEXT
    );

    CREATE TABLE webhook (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL,
        body TEXT NOT NULL,
        signature TEXT NOT NULL,
        matched TEXT NOT NULL,
        password_id TEXT,
        outcome TEXT NOT NULL,
        request_id TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        copies INTEGER NOT NULL DEFAULT 1,
        last_received_at INTEGER NOT NULL
    );
"];

/// How far the opening of the session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionStatus {
    /// The gateway is being asked, or was when the object stopped.
    Opening,
    /// The gateway gave its reply.
    Opened,
    /// The gateway was asked and its answer never came, for an operation that must not be sent twice.
    Unknown,
}

impl SessionStatus {
    fn as_str(self) -> &'static str {
        match self {
            SessionStatus::Opening => "opening",
            SessionStatus::Opened => "opened",
            SessionStatus::Unknown => "unknown",
        }
    }

    fn parse(status: &str) -> Option<Self> {
        [Self::Opening, Self::Opened, Self::Unknown]
            .into_iter()
            .find(|one| one.as_str() == status)
    }
}

/// The one row of `session`. Times are in milliseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct SessionRow {
    pub(super) tracking_id: String,
    pub(super) user_id: String,
    pub(super) operation: String,
    pub(super) digest: String,
    /// The ticket's amount, digit for digit.
    pub(super) amount: String,
    /// [`edge_cashier::Expected`] as JSON.
    pub(super) expected: String,
    pub(super) status: SessionStatus,
    pub(super) request_id: String,
    pub(super) ticket_at: i64,
    pub(super) opened_at: Option<i64>,
    /// The public reply as JSON, once there is one.
    pub(super) reply: Option<String>,
}

/// A row of `webhook`: one event, however often it came. Times are in milliseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct WebhookRow {
    pub(super) seq: i64,
    /// [`edge_cashier::WebhookEvent`] as JSON, read from the bytes that were signed.
    pub(super) event: String,
    pub(super) received_at: i64,
    /// How often the event came.
    pub(super) copies: i64,
}

/// A webhook that is about to be kept.
#[derive(Debug)]
pub(super) struct NewWebhook {
    pub(super) event: String,
    pub(super) body: String,
    pub(super) signature: String,
    pub(super) matched: String,
    pub(super) password_id: Option<String>,
    pub(super) outcome: &'static str,
    pub(super) request_id: String,
    pub(super) received_at: i64,
}

/// One row as the host gives it: an object of its columns.
struct Row(JsValue);

impl Row {
    fn optional_text(&self, column: &str) -> Option<String> {
        host::property(&self.0, column).as_string()
    }

    #[inline(never)]
    fn text(&self, column: &str) -> Result<String> {
        self.optional_text(column).ok_or_else(|| missing(column))
    }

    #[allow(clippy::cast_possible_truncation)] // What is stored is whole and far below 2^53.
    fn optional_integer(&self, column: &str) -> Option<i64> {
        host::property(&self.0, column)
            .as_f64()
            .map(|number| number as i64)
    }

    #[inline(never)]
    fn integer(&self, column: &str) -> Result<i64> {
        self.optional_integer(column).ok_or_else(|| missing(column))
    }
}

fn missing(column: &str) -> Failure {
    Failure::new(["a row has no ", column].concat())
}

#[allow(clippy::cast_precision_loss)] // Times and counts are far below 2^53.
fn number(integer: i64) -> JsValue {
    JsValue::from_f64(integer as f64)
}

/// The rows. It is a cheap handle: a clone reads and writes the same database.
#[derive(Debug, Clone)]
pub(super) struct Store {
    storage: Storage,
    migrated: Rc<Cell<bool>>,
}

impl Store {
    pub(super) fn new(storage: Storage) -> Self {
        Self {
            storage,
            migrated: Rc::new(Cell::new(false)),
        }
    }

    /// Whether anything was ever written. Asking for a payment that does not exist creates nothing.
    pub(super) fn exists(&self) -> Result<bool> {
        if self.migrated.get() {
            return Ok(true);
        }
        Ok(self.count("SELECT count(*) AS count FROM sqlite_master WHERE name = 'migration'")? > 0)
    }

    /// Brings the tables up to date. Called before anything else that touches them; after the first time it costs nothing.
    pub(super) fn migrate(&self) -> Result<()> {
        if self.migrated.get() {
            return Ok(());
        }
        let store = self.clone();
        self.transaction(move || {
            store.execute(
                "CREATE TABLE IF NOT EXISTS migration (id INTEGER PRIMARY KEY)",
                &[],
            )?;
            let applied = store.count("SELECT count(*) AS count FROM migration")?;
            for (id, migration) in (0_i64..).zip(MIGRATIONS) {
                if id >= applied {
                    store.execute(migration, &[])?;
                    store.execute("INSERT INTO migration (id) VALUES (?)", &[number(id)])?;
                }
            }
            Ok(())
        })?;
        self.migrated.set(true);
        Ok(())
    }

    /// Does all of `work` or, if it fails, none of it. There is no await inside, so nothing else can come between either.
    ///
    /// Without the host's `transactionSync` a statement that fails would leave the ones before it in the object's implicit transaction.
    pub(super) fn transaction<T: 'static>(&self, work: impl FnOnce() -> Result<T> + 'static) -> Result<T> {
        let outcome: Rc<RefCell<Option<Result<T>>>> = Rc::default();
        let slot = Rc::clone(&outcome);
        let callback = Closure::once(move || -> std::result::Result<(), JsValue> {
            let result = work();
            // What is thrown here makes SQLite roll back; the caller gets the error itself from the slot.
            let thrown = result.as_ref().err().map(|_| JsValue::from_str("rolled back"));
            *slot.borrow_mut() = Some(result);
            thrown.map_or(Ok(()), Err)
        });
        let called = host::transaction(&self.storage, callback.as_ref());
        let result = outcome.borrow_mut().take();
        match (result, called) {
            (Some(Err(failure)), _) => Err(failure),
            (Some(Ok(value)), Ok(())) => Ok(value),
            // The work was done but the commit failed, or the callback was never called.
            (_, Err(failure)) => Err(failure),
            (None, Ok(())) => Err(Failure::new("transactionSync did not call back")),
        }
    }

    /// Counts the visible changes: whoever waits compares versions.
    pub(super) fn version(&self) -> Result<i64> {
        self.count("SELECT version AS count FROM payment")
    }

    pub(super) fn count_change(&self) -> Result<()> {
        self.execute("UPDATE payment SET version = version + 1", &[])
    }

    pub(super) fn session(&self) -> Result<Option<SessionRow>> {
        let Some(row) = self.rows("SELECT * FROM session")?.next() else {
            return Ok(None);
        };
        let status = row.text("status")?;
        Ok(Some(SessionRow {
            tracking_id: row.text("tracking_id")?,
            user_id: row.text("user_id")?,
            operation: row.text("operation")?,
            digest: row.text("digest")?,
            amount: row.text("amount")?,
            expected: row.text("expected")?,
            status: SessionStatus::parse(&status).ok_or_else(|| missing("status"))?,
            request_id: row.text("request_id")?,
            ticket_at: row.integer("ticket_at")?,
            opened_at: row.optional_integer("opened_at"),
            reply: row.optional_text("reply"),
        }))
    }

    /// Writes the reservation: from here on the tracking id belongs to these contents.
    pub(super) fn reserve(&self, row: &SessionRow) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO session
             (id, tracking_id, user_id, operation, digest, amount, expected, status, request_id, ticket_at)
             VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[
                JsValue::from_str(&row.tracking_id),
                JsValue::from_str(&row.user_id),
                JsValue::from_str(&row.operation),
                JsValue::from_str(&row.digest),
                JsValue::from_str(&row.amount),
                JsValue::from_str(&row.expected),
                JsValue::from_str(row.status.as_str()),
                JsValue::from_str(&row.request_id),
                number(row.ticket_at),
            ],
        )
    }

    /// The gateway gave its reply: the session is open.
    pub(super) fn opened(&self, reply: &str, now: i64) -> Result<()> {
        self.execute(
            "UPDATE session SET status = 'opened', reply = ?, opened_at = ? WHERE status <> 'opened'",
            &[JsValue::from_str(reply), number(now)],
        )
    }

    /// The gateway opened nothing: the tracking id is free again.
    pub(super) fn release(&self) -> Result<()> {
        self.execute("DELETE FROM session WHERE status <> 'opened'", &[])
    }

    /// Nobody knows whether the gateway acted, and asking again could make it act twice.
    pub(super) fn outcome_unknown(&self) -> Result<()> {
        self.execute(
            "UPDATE session SET status = 'unknown' WHERE status = 'opening'",
            &[],
        )
    }

    /// Every event, in the order of arrival.
    pub(super) fn webhooks(&self) -> Result<Vec<WebhookRow>> {
        let rows = self.rows("SELECT seq, event, received_at, copies FROM webhook ORDER BY seq")?;
        rows.map(|row| {
            Ok(WebhookRow {
                seq: row.integer("seq")?,
                event: row.text("event")?,
                received_at: row.integer("received_at")?,
                copies: row.integer("copies")?,
            })
        })
        .collect()
    }

    pub(super) fn add_webhook(&self, webhook: &NewWebhook) -> Result<()> {
        let password_id = webhook
            .password_id
            .as_deref()
            .map_or(JsValue::NULL, JsValue::from_str);
        self.execute(
            "INSERT INTO webhook
             (event, body, signature, matched, password_id, outcome, request_id, received_at, last_received_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[
                JsValue::from_str(&webhook.event),
                JsValue::from_str(&webhook.body),
                JsValue::from_str(&webhook.signature),
                JsValue::from_str(&webhook.matched),
                password_id,
                JsValue::from_str(webhook.outcome),
                JsValue::from_str(&webhook.request_id),
                number(webhook.received_at),
                number(webhook.received_at),
            ],
        )
    }

    /// The event came again: counted, no second record.
    pub(super) fn count_copy(&self, seq: i64, now: i64) -> Result<()> {
        self.execute(
            "UPDATE webhook SET copies = copies + 1, last_received_at = ? WHERE seq = ?",
            &[number(now), number(seq)],
        )
    }

    #[inline(never)]
    fn execute(&self, sql: &str, bindings: &[JsValue]) -> Result<()> {
        let values = Array::new();
        for value in bindings {
            values.push(value);
        }
        host::query(&self.storage, sql, &values).map(|_| ())
    }

    fn rows(&self, sql: &str) -> Result<impl Iterator<Item = Row> + use<>> {
        let rows = host::query(&self.storage, sql, &Array::new())?;
        Ok((0..rows.length()).map(move |at| Row(rows.get(at))))
    }

    /// The column `count` of the first row; 0 without one.
    #[inline(never)]
    fn count(&self, sql: &str) -> Result<i64> {
        self.rows(sql)?.next().map_or(Ok(0), |row| row.integer("count"))
    }
}
