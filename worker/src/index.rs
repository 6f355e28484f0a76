//! What crosses payments, in D1: the exceptions that a person has to look at, and the last reconciliation. An ordinary payment is never in here.
//!
//! It is an index, not the truth: each row is written from what a payment's object or the gateway's list says, under an id that names the cause, so writing it again
//! changes nothing. The tables are made and changed on first use, so that a deployment needs no step of its own for them.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use worker::d1::{D1Database, D1PreparedStatement, D1Type};
use worker::{Env, Error, Result};

use crate::clock;

/// Where the version of the schema is: how many of the migrations were applied.
const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS schema (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)";

/// Each entry is applied once, in this order. Entries are never changed, only added. The first ones tolerate tables of before the version was kept.
const MIGRATIONS: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS exception (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        tracking_id TEXT,
        transaction_id TEXT,
        at TEXT NOT NULL,
        detail TEXT NOT NULL,
        resolved_at TEXT
    )",
    "CREATE INDEX IF NOT EXISTS exception_stands ON exception (kind, seq) WHERE resolved_at IS NULL",
    "CREATE TABLE IF NOT EXISTS reconciliation (id INTEGER PRIMARY KEY CHECK (id = 1), summary TEXT NOT NULL)",
    "ALTER TABLE exception ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0",
];

/// How many changes are written at once, in two statements: a text that is bound has at most 2 MB, and an invocation of the Worker some statements only.
const BATCH: usize = 500;

thread_local! {
    /// Whether this isolate knows that the tables are of today.
    static IS_CURRENT: Cell<bool> = const { Cell::new(false) };
}

/// What kind of exception it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A message failed and is tried again.
    Retrying,
    /// A message was given up, until somebody asks for a replay.
    Parked,
    /// A message reports a success that the gateway denies.
    Withheld,
    /// A webhook contradicts its payment.
    Conflict,
    /// The gateway lists a final state that no webhook reported.
    Missed,
    /// The gateway lists another final state, amount or currency than a webhook reported.
    Mismatch,
}

impl Kind {
    pub(crate) const ALL: [Kind; 6] = [
        Kind::Retrying,
        Kind::Parked,
        Kind::Withheld,
        Kind::Conflict,
        Kind::Missed,
        Kind::Mismatch,
    ];
}

/// Something that a person has to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exception {
    /// Names the cause.
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) tracking_id: Option<String>,
    pub(crate) transaction_id: Option<String>,
    /// When it came up; RFC 3339, UTC.
    pub(crate) at: String,
    pub(crate) detail: Value,
}

/// The id of what the gateway's list says about an attempt: `missed` or `mismatch`, never both.
pub(crate) fn listed_id(transaction_id: &str) -> String {
    format!("listed:{transaction_id}")
}

/// What is to be written.
#[derive(Debug)]
pub(crate) enum Change {
    Open(Exception),
    Resolved(String),
}

/// A row of `exception` that is open.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) tracking_id: Option<String>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) at: String,
    detail: String,
}

impl Row {
    pub(crate) fn detail(&self) -> Value {
        serde_json::from_str(&self.detail).unwrap_or_default()
    }
}

/// How many exceptions of a kind are open, and since when.
#[derive(Debug, Deserialize)]
pub(crate) struct Count {
    pub(crate) kind: Kind,
    pub(crate) count: u64,
    pub(crate) oldest: String,
    pub(crate) oldest_age_s: u64,
}

/// The database of the binding `DB`, with its tables.
pub(crate) struct Index(D1Database);

impl Index {
    /// Returns `None` without the binding.
    pub(crate) async fn open(env: &Env) -> Result<Option<Self>> {
        let Ok(database) = env.d1("DB") else {
            return Ok(None);
        };
        if !IS_CURRENT.get() {
            migrate(&database).await?;
            IS_CURRENT.set(true);
        }
        Ok(Some(Self(database)))
    }

    /// Writes changes. Any number of times is as good as once.
    pub(crate) async fn write(&self, changes: &[Change]) -> Result<()> {
        for batch in changes.chunks(BATCH) {
            let (mut open, mut resolved) = (Vec::new(), Vec::new());
            for change in batch {
                match change {
                    Change::Open(exception) => open.push(exception),
                    Change::Resolved(id) => resolved.push(id),
                }
            }
            // `at` is when the cause came up, however often it was written since. One that comes up again is a new entry, behind all others. One that a person has
            // dismissed stays so until it says something else. The subquery refers to the row, since one that does not is computed once for all rows, and two of them
            // would get the same number.
            let open = self
                .0
                .prepare(
                    "INSERT INTO exception (id, kind, tracking_id, transaction_id, at, detail)
                     SELECT value ->> 'id', value ->> 'kind', value ->> 'tracking_id', value ->> 'transaction_id', value ->> 'at', value -> 'detail'
                     FROM json_each(?) WHERE true
                     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, detail = excluded.detail, resolved_at = NULL, dismissed = 0,
                     tracking_id = coalesce(excluded.tracking_id, tracking_id),
                     at = iif(resolved_at IS NULL, at, excluded.at),
                     seq = iif(resolved_at IS NULL, seq, (SELECT max(last.seq) + 1 FROM exception AS last WHERE last.seq >= exception.seq))
                     WHERE NOT (dismissed AND kind = excluded.kind AND detail = excluded.detail)",
                )
                .bind_refs(&D1Type::Text(&serde_json::to_string(&open)?))?;
            // What its cause has resolved may come up again, whatever a person said of it before.
            let now = clock::rfc3339(clock::now_ms());
            let resolved = self
                .0
                .prepare(
                    "UPDATE exception SET resolved_at = coalesce(resolved_at, ?), dismissed = 0
                     WHERE (resolved_at IS NULL OR dismissed) AND id IN (SELECT value FROM json_each(?))",
                )
                .bind_refs(&[
                    D1Type::Text(&now),
                    D1Type::Text(&serde_json::to_string(&resolved)?),
                ])?;
            succeeded(&self.0, vec![open, resolved]).await?;
        }
        Ok(())
    }

    /// Lists at most `limit` open exceptions, behind the row `after`, the oldest first.
    pub(crate) async fn unresolved(&self, kinds: &[Kind], after: i64, limit: u32) -> Result<Vec<Row>> {
        let statement = self.0.prepare(
            "SELECT * FROM exception WHERE resolved_at IS NULL AND kind IN (SELECT value FROM json_each(?)) AND seq > ? ORDER BY seq LIMIT ?",
        );
        // D1 has no whole numbers but those of JavaScript.
        let kinds = serde_json::to_string(kinds)?;
        let values = [
            D1Type::Text(&kinds),
            D1Type::Real(after as f64),
            D1Type::Real(limit.into()),
        ];
        statement.bind_refs(&values)?.all().await?.results()
    }

    /// The ids of what the gateway's list says otherwise than the webhooks: of the last `limit` entries that nothing but a person has resolved since.
    pub(crate) async fn listed(&self, limit: u32) -> Result<BTreeSet<String>> {
        #[derive(Deserialize)]
        struct Id {
            id: String,
        }
        let statement = self.0.prepare(
            "SELECT id FROM exception WHERE (resolved_at IS NULL OR dismissed) AND kind IN ('missed', 'mismatch') ORDER BY seq DESC LIMIT ?",
        );
        let found = statement.bind_refs(&D1Type::Real(limit.into()))?.all().await?;
        Ok(found.results()?.into_iter().map(|Id { id }| id).collect())
    }

    /// Takes an exception off the lists because a person has dealt with it. False when there is none of this id.
    pub(crate) async fn dismiss(&self, id: &str) -> Result<bool> {
        let now = clock::rfc3339(clock::now_ms());
        let statement = self
            .0
            .prepare("UPDATE exception SET resolved_at = coalesce(resolved_at, ?), dismissed = 1 WHERE id = ? RETURNING seq")
            .bind_refs(&[D1Type::Text(&now), D1Type::Text(id)])?;
        let seq: Option<i64> = statement.first(Some("seq")).await?;
        Ok(seq.is_some())
    }

    /// Counts the open exceptions, by their kind.
    pub(crate) async fn counts(&self) -> Result<Vec<Count>> {
        let statement = self.0.prepare(
            "SELECT kind, count(*) AS count, min(at) AS oldest, max(0, unixepoch() - unixepoch(min(at))) AS oldest_age_s
             FROM exception WHERE resolved_at IS NULL GROUP BY kind",
        );
        statement.all().await?.results()
    }

    /// Keeps the summary of a reconciliation, in place of the last one's.
    pub(crate) async fn save_reconciliation(&self, summary: &Value) -> Result<()> {
        let summary = summary.to_string();
        let statement = self
            .0
            .prepare("INSERT OR REPLACE INTO reconciliation (id, summary) VALUES (1, ?)")
            .bind_refs(&[D1Type::Text(&summary)])?;
        succeeded(&self.0, vec![statement]).await
    }

    /// The summary of the last reconciliation, if there was one.
    pub(crate) async fn last_reconciliation(&self) -> Result<Option<Value>> {
        let statement = self.0.prepare("SELECT summary FROM reconciliation");
        let summary: Option<String> = statement.first(Some("summary")).await?;
        Ok(summary
            .map(|summary| serde_json::from_str(&summary))
            .transpose()?)
    }

    /// Deletes what was resolved before a time (RFC 3339), or came up before it and belongs to no payment. Those of a payment stay as long as it is kept.
    pub(crate) async fn forget(&self, before: &str) -> Result<()> {
        let statement = self
            .0
            .prepare("DELETE FROM exception WHERE resolved_at < ?1 OR (tracking_id IS NULL AND at < ?1)")
            .bind_refs(&[D1Type::Text(before)])?;
        succeeded(&self.0, vec![statement]).await
    }
}

/// Brings the tables up to date, in one transaction.
async fn migrate(database: &D1Database) -> Result<()> {
    succeeded(database, vec![database.prepare(SCHEMA)]).await?;
    let version: Option<usize> = database
        .prepare("SELECT version FROM schema")
        .first(Some("version"))
        .await?;
    let mut statements: Vec<_> = MIGRATIONS
        .iter()
        .skip(version.unwrap_or_default())
        .map(|migration| database.prepare(*migration))
        .collect();
    if statements.is_empty() {
        return Ok(());
    }
    let applied = MIGRATIONS.len();
    statements.push(database.prepare(format!(
        "INSERT OR REPLACE INTO schema (id, version) VALUES (1, {applied})"
    )));
    succeeded(database, statements).await
}

async fn succeeded(database: &D1Database, statements: Vec<D1PreparedStatement>) -> Result<()> {
    let results = database.batch(statements).await?;
    match results.iter().find(|result| !result.success()) {
        Some(failed) => Err(Error::RustError(failed.error().unwrap_or_default())),
        None => Ok(()),
    }
}
