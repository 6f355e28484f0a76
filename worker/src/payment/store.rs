//! A payment's rows in the SQLite of its Durable Object: the session, every webhook, and a version that counts the visible changes.
//!
//! Nothing is derived in here: the state is computed from the rows ([`super::view`]), so no stored state can disagree with them.
//! A change of several rows is one [`Store::transaction`]: all of it is kept, or none.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Reflect};
use serde::Deserialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Error, Result, SqlStorageValue, Storage};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
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
}

/// The one row of `session`. Times are in milliseconds since 1970.
#[derive(Debug, Clone, Deserialize)]
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
#[derive(Debug, Clone, Deserialize)]
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

#[derive(Deserialize)]
struct Count {
    count: i64,
}

/// The rows. It is a cheap handle: a clone reads and writes the same database.
#[derive(Debug, Clone)]
pub(super) struct Store {
    storage: Rc<Storage>,
    migrated: Rc<Cell<bool>>,
}

impl Store {
    pub(super) fn new(storage: Storage) -> Self {
        Self {
            storage: Rc::new(storage),
            migrated: Rc::new(Cell::new(false)),
        }
    }

    /// Whether anything was ever written. Asking for a payment that does not exist creates nothing.
    pub(super) fn exists(&self) -> Result<bool> {
        if self.migrated.get() {
            return Ok(true);
        }
        let tables: Vec<Count> = self.rows(
            "SELECT count(*) AS count FROM sqlite_master WHERE name = 'migration'",
            vec![],
        )?;
        Ok(tables.iter().any(|table| table.count > 0))
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
                vec![],
            )?;
            let applied: Vec<Count> = store.rows("SELECT count(*) AS count FROM migration", vec![])?;
            let applied = applied.first().map_or(0, |row| row.count);
            for (id, migration) in (0_i64..).zip(MIGRATIONS) {
                if id >= applied {
                    store.execute(migration, vec![])?;
                    store.execute("INSERT INTO migration (id) VALUES (?)", vec![id.into()])?;
                }
            }
            Ok(())
        })?;
        self.migrated.set(true);
        Ok(())
    }

    /// Does all of `work` or, if it fails, none of it. There is no await inside, so nothing else can come between either.
    ///
    /// It binds [`transactionSync`](https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#transactionsync), which `worker` has no
    /// method for. Without it, a statement that fails would leave the ones before it in the object's implicit transaction.
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
        let storage: &JsValue = self.storage.as_raw().as_ref();
        let transaction_sync: Function =
            Reflect::get(storage, &JsValue::from_str("transactionSync"))?.dyn_into()?;
        let called = transaction_sync.call1(storage, callback.as_ref());
        let result = outcome.borrow_mut().take();
        match (result, called) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(_)) => Ok(value),
            // The work was done but the commit failed, or the callback was never called.
            (_, Err(error)) => Err(Error::from(error)),
            (None, Ok(_)) => Err(Error::RustError(String::from(
                "transactionSync did not call back",
            ))),
        }
    }

    /// Counts the visible changes: whoever waits compares versions.
    pub(super) fn version(&self) -> Result<i64> {
        let rows: Vec<Count> = self.rows("SELECT version AS count FROM payment", vec![])?;
        Ok(rows.first().map_or(0, |row| row.count))
    }

    pub(super) fn count_change(&self) -> Result<()> {
        self.execute("UPDATE payment SET version = version + 1", vec![])
    }

    pub(super) fn session(&self) -> Result<Option<SessionRow>> {
        let rows: Vec<SessionRow> = self.rows("SELECT * FROM session", vec![])?;
        Ok(rows.into_iter().next())
    }

    /// Writes the reservation: from here on the tracking id belongs to these contents.
    pub(super) fn reserve(&self, row: &SessionRow) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO session
             (id, tracking_id, user_id, operation, digest, amount, expected, status, request_id, ticket_at)
             VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                row.tracking_id.as_str().into(),
                row.user_id.as_str().into(),
                row.operation.as_str().into(),
                row.digest.as_str().into(),
                row.amount.as_str().into(),
                row.expected.as_str().into(),
                row.status.as_str().into(),
                row.request_id.as_str().into(),
                row.ticket_at.into(),
            ],
        )
    }

    /// The gateway gave its reply: the session is open.
    pub(super) fn opened(&self, reply: &str, now: i64) -> Result<()> {
        self.execute(
            "UPDATE session SET status = 'opened', reply = ?, opened_at = ? WHERE status <> 'opened'",
            vec![reply.into(), now.into()],
        )
    }

    /// The gateway opened nothing: the tracking id is free again.
    pub(super) fn release(&self) -> Result<()> {
        self.execute("DELETE FROM session WHERE status <> 'opened'", vec![])
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
        self.rows(
            "SELECT seq, event, received_at, copies FROM webhook ORDER BY seq",
            vec![],
        )
    }

    pub(super) fn add_webhook(&self, webhook: &NewWebhook) -> Result<()> {
        let password_id = webhook
            .password_id
            .as_deref()
            .map_or(SqlStorageValue::Null, Into::into);
        self.execute(
            "INSERT INTO webhook
             (event, body, signature, matched, password_id, outcome, request_id, received_at, last_received_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                webhook.event.as_str().into(),
                webhook.body.as_str().into(),
                webhook.signature.as_str().into(),
                webhook.matched.as_str().into(),
                password_id,
                webhook.outcome.into(),
                webhook.request_id.as_str().into(),
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

    fn execute(&self, sql: &str, bindings: Vec<SqlStorageValue>) -> Result<()> {
        self.storage.sql().exec(sql, bindings).map(|_| ())
    }

    fn rows<T: for<'de> Deserialize<'de>>(
        &self,
        sql: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<T>> {
        self.storage.sql().exec(sql, bindings)?.to_array()
    }
}
