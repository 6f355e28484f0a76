//! From an attempt to its payment: which tracking id a transaction id of the gateway belongs to.
//!
//! The gateway's list of transactions names attempts and not payments. The payment's alarm reports an attempt once, after its first webhook. The attempts are spread
//! by the hash of their ids over [`SHARDS`] Durable Objects, so a thousand new attempts a second are four a second for each, and no object is made for a payment. An attempt that was listed
//! before any webhook named it is marked as missed here; whoever reports it later learns that from the reply, and so only a payment that was missed has to take anything back.

use std::cell::Cell;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

use crate::{clock, object};

/// One for each value of a byte. Another number would look for attempts where they are not.
const SHARDS: usize = 256;

/// How long an attempt is known: longer than the longest reconciliation looks back (31 days).
const KEPT_FOR_MS: i64 = 40 * 24 * 60 * 60 * 1000;

/// How often attempts that are older are deleted.
const CLEANED_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of an attempt.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Known {
    tracking_id: Option<String>,
    /// Whether it was listed with a final state while no webhook had named it: 0 or 1.
    missed: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Command {
    transaction_id: String,
    action: Action,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Learn { tracking_id: String },
    Find,
    Miss,
}

/// A shard of the attempts: a Durable Object.
#[durable_object(alarm)]
pub struct Attempts {
    state: State,
    sql: SqlStorage,
    /// Whether this instance has made the table and seen to the alarm.
    ready: Cell<bool>,
}

impl DurableObject for Attempts {
    fn new(state: State, _: Env) -> Self {
        Self {
            sql: state.storage().sql(),
            state,
            ready: Cell::new(false),
        }
    }

    /// Answers with what is known then. Each action is one statement.
    async fn fetch(&self, request: Request) -> Result<Response> {
        let Command {
            transaction_id,
            action,
        } = object::command(request).await?;
        self.prepare().await?;
        let id = transaction_id.into();
        let now = clock::now_ms().into();
        let (sql, values) = match action {
            // The reply is what the first report found, however often it is repeated.
            Action::Learn { tracking_id } => (
                "INSERT INTO attempt (transaction_id, tracking_id, missed, at) VALUES (?, ?, 0, ?)
                 ON CONFLICT (transaction_id) DO UPDATE SET tracking_id = excluded.tracking_id, at = excluded.at
                 RETURNING tracking_id, missed",
                vec![id, tracking_id.into(), now],
            ),
            Action::Find => (
                "SELECT tracking_id, missed FROM attempt WHERE transaction_id = ?",
                vec![id],
            ),
            // One that is known stays as it is.
            Action::Miss => (
                "INSERT INTO attempt (transaction_id, missed, at) VALUES (?, 1, ?)
                 ON CONFLICT (transaction_id) DO UPDATE SET at = iif(tracking_id IS NULL, excluded.at, at)
                 RETURNING tracking_id, missed",
                vec![id, now],
            ),
        };
        let known = self.sql.exec(sql, values)?.to_array::<Known>()?.pop();
        object::reply(&known.unwrap_or_default())
    }

    async fn alarm(&self) -> Result<Response> {
        self.prepare().await?;
        let before = clock::now_ms() - KEPT_FOR_MS;
        self.sql
            .exec("DELETE FROM attempt WHERE at < ?", vec![before.into()])?;
        self.state.storage().set_alarm(CLEANED_EVERY).await?;
        Response::empty()
    }
}

impl Attempts {
    async fn prepare(&self) -> Result<()> {
        if self.ready.get() {
            return Ok(());
        }
        let storage = self.state.storage();
        if storage.get_alarm().await?.is_none() {
            storage.set_alarm(CLEANED_EVERY).await?;
        }
        self.sql.exec(
            "CREATE TABLE IF NOT EXISTS attempt
             (transaction_id TEXT PRIMARY KEY, tracking_id TEXT, missed INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
            vec![],
        )?;
        self.ready.set(true);
        Ok(())
    }
}

/// Reports an attempt's payment. Returns whether it was missed before any webhook named it.
pub(crate) async fn learn(env: &Env, transaction_id: &str, tracking_id: &str) -> Result<bool> {
    let tracking_id = tracking_id.to_owned();
    let known = ask(env, transaction_id, Action::Learn { tracking_id }).await?;
    Ok(known.missed != 0)
}

/// Finds an attempt's payment.
pub(crate) async fn find(env: &Env, transaction_id: &str) -> Result<Option<String>> {
    Ok(ask(env, transaction_id, Action::Find).await?.tracking_id)
}

/// Marks an attempt as missed, unless a webhook has named it meanwhile: then its payment is returned.
pub(crate) async fn miss(env: &Env, transaction_id: &str) -> Result<Option<String>> {
    Ok(ask(env, transaction_id, Action::Miss).await?.tracking_id)
}

async fn ask(env: &Env, transaction_id: &str, action: Action) -> Result<Known> {
    let transaction_id = transaction_id.to_owned();
    let shard = shard(&transaction_id);
    let command = Command {
        transaction_id,
        action,
    };
    object::call(env, "ATTEMPTS", &shard, &command).await
}

/// The name of the object that knows an attempt.
fn shard(transaction_id: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(transaction_id).into();
    let [first, ..] = hash;
    format!("{:02x}", usize::from(first) % SHARDS)
}

#[cfg(test)]
mod tests {
    use super::shard;

    #[test]
    fn an_attempt_stays_in_its_shard() {
        // The first bytes of the SHA-256, by Node's crypto.
        assert_eq!(shard("r21nmrtpcmrcava"), "10");
        assert_eq!(shard("tx-1"), "04");
    }
}
