//! From an attempt to its payment, and what its webhooks were: what has to be known across payments of an ordinary one.
//!
//! The gateway's list of transactions names attempts and not payments. The payment's alarm reports its attempts, with how many webhooks of each had which outcome. The
//! attempts are spread by the first byte of their ids' hash over 256 Durable Objects, so a thousand new attempts a second are four a second for each, and no object is made for a
//! payment. An attempt that was listed before any webhook named it is marked as missed here; whoever reports it later learns that from the reply, and so only a payment that
//! was missed has to take anything back.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use edge_cashier::Outcome;
use futures_util::future::try_join_all;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorage, SqlStorageValue, State, durable_object,
};

use crate::sql_transaction::transaction;
use crate::{clock, object};

/// How long an attempt is known: longer than the longest reconciliation looks back (31 days).
const KEPT_FOR_MS: i64 = 40 * 24 * 60 * 60 * 1000;

/// How often attempts that are older are deleted.
const CLEANED_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// `counted` is what was last reported of an attempt, `total` the sum over all that ever were.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS attempt
    (transaction_id TEXT PRIMARY KEY, tracking_id TEXT, missed INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS counted
    (transaction_id TEXT, outcome TEXT, webhooks INTEGER NOT NULL, PRIMARY KEY (transaction_id, outcome)) WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS total (outcome TEXT PRIMARY KEY, webhooks INTEGER NOT NULL) WITHOUT ROWID;
";

/// How many webhooks had each outcome.
pub(crate) type Counts = BTreeMap<Outcome, i64>;

/// What is known of an attempt.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Known {
    tracking_id: Option<String>,
    /// Whether it was listed with a final state while no webhook had named it: 0 or 1.
    missed: i64,
}

/// What a shard is asked. All but the last answer with what is known of the attempt then.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    Report {
        transaction_id: String,
        tracking_id: String,
        counts: Counts,
    },
    Find {
        transaction_id: String,
    },
    Miss {
        transaction_id: String,
    },
    Total,
}

/// A shard of the attempts: a Durable Object.
#[durable_object(alarm)]
pub struct Attempts {
    state: State,
    sql: SqlStorage,
    /// Whether this instance has made the tables and seen to the alarm.
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

    async fn fetch(&self, request: Request) -> Result<Response> {
        let command = object::command(request).await?;
        if !matches!(command, Command::Total) {
            self.prepare().await?;
        }
        match command {
            Command::Report {
                transaction_id,
                tracking_id,
                counts,
            } => object::reply(&self.report(&transaction_id, &tracking_id, &counts)?),
            Command::Find { transaction_id } => object::reply(&self.known(
                "SELECT tracking_id, missed FROM attempt WHERE transaction_id = ?",
                vec![transaction_id.into()],
            )?),
            // One that is known stays as it is.
            Command::Miss { transaction_id } => object::reply(&self.known(
                "INSERT INTO attempt (transaction_id, missed, at) VALUES (?, 1, ?)
                 ON CONFLICT (transaction_id) DO UPDATE SET at = iif(tracking_id IS NULL, excluded.at, at)
                 RETURNING tracking_id, missed",
                vec![transaction_id.into(), clock::now_ms().into()],
            )?),
            Command::Total => object::reply(&self.total()?),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.prepare().await?;
        let before = clock::now_ms() - KEPT_FOR_MS;
        // Of an attempt that is reported again even later, everything is counted again.
        self.sql.exec(
            "DELETE FROM counted WHERE transaction_id IN (SELECT transaction_id FROM attempt WHERE at < ?)",
            vec![before.into()],
        )?;
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
        self.sql.exec(SCHEMA, vec![])?;
        self.ready.set(true);
        Ok(())
    }

    /// Keeps what is reported. The counts are the attempt's own from its first webhook on, so reporting them again adds nothing; after its payment was deleted they begin
    /// anew, and a total never falls. Whether it was missed is what the first report found, however often it is repeated.
    fn report(&self, transaction_id: &str, tracking_id: &str, counts: &Counts) -> Result<Known> {
        transaction(&self.state.storage(), || {
            for (outcome, webhooks) in counts {
                let count = || vec![transaction_id.into(), outcome.as_str().into(), (*webhooks).into()];
                self.sql.exec(
                    "INSERT INTO total (outcome, webhooks)
                     SELECT ?2, max(0, ?3 - coalesce((SELECT webhooks FROM counted WHERE transaction_id = ?1 AND outcome = ?2), 0))
                     WHERE true ON CONFLICT (outcome) DO UPDATE SET webhooks = webhooks + excluded.webhooks
                     WHERE excluded.webhooks <> 0",
                    count(),
                )?;
                self.sql.exec(
                    "INSERT INTO counted (transaction_id, outcome, webhooks) VALUES (?, ?, ?)
                     ON CONFLICT (transaction_id, outcome) DO UPDATE SET webhooks = excluded.webhooks
                     WHERE webhooks <> excluded.webhooks",
                    count(),
                )?;
            }
            self.known(
                "INSERT INTO attempt (transaction_id, tracking_id, missed, at) VALUES (?, ?, 0, ?)
                 ON CONFLICT (transaction_id) DO UPDATE SET tracking_id = excluded.tracking_id, at = excluded.at
                 RETURNING tracking_id, missed",
                vec![transaction_id.into(), tracking_id.into(), clock::now_ms().into()],
            )
        })
    }

    fn known(&self, sql: &str, values: Vec<SqlStorageValue>) -> Result<Known> {
        let known = self.sql.exec(sql, values)?.to_array()?.pop();
        Ok(known.unwrap_or_default())
    }

    /// A shard of which nothing was ever asked stays without tables.
    fn total(&self) -> Result<Counts> {
        #[derive(Deserialize)]
        struct Row {
            outcome: Outcome,
            webhooks: i64,
        }
        let tables = "SELECT name FROM sqlite_master WHERE name = 'total'";
        if self.sql.exec(tables, vec![])?.to_array::<Value>()?.is_empty() {
            return Ok(Counts::new());
        }
        let rows: Vec<Row> = self.sql.exec("SELECT * FROM total", vec![])?.to_array()?;
        Ok(rows.into_iter().map(|row| (row.outcome, row.webhooks)).collect())
    }
}

/// Reports an attempt: its payment, and how many of its webhooks so far had each outcome. Returns whether it was missed before any webhook named it.
pub(crate) async fn report(
    env: &Env,
    transaction_id: &str,
    tracking_id: &str,
    counts: Counts,
) -> Result<bool> {
    let command = Command::Report {
        transaction_id: transaction_id.to_owned(),
        tracking_id: tracking_id.to_owned(),
        counts,
    };
    let known: Known = ask(env, &shard(transaction_id), &command).await?;
    Ok(known.missed != 0)
}

/// Finds an attempt's payment.
pub(crate) async fn find(env: &Env, transaction_id: &str) -> Result<Option<String>> {
    let command = Command::Find {
        transaction_id: transaction_id.to_owned(),
    };
    let known: Known = ask(env, &shard(transaction_id), &command).await?;
    Ok(known.tracking_id)
}

/// Marks an attempt as missed, unless a webhook has named it meanwhile: then its payment is returned.
pub(crate) async fn miss(env: &Env, transaction_id: &str) -> Result<Option<String>> {
    let command = Command::Miss {
        transaction_id: transaction_id.to_owned(),
    };
    let known: Known = ask(env, &shard(transaction_id), &command).await?;
    Ok(known.tracking_id)
}

/// Adds up how many webhooks had each outcome, over all payments since the Worker was deployed.
pub(crate) async fn total(env: &Env) -> Result<Counts> {
    let asked = (0..=u8::MAX).map(|shard| async move { ask(env, &name(shard), &Command::Total).await });
    let mut total: Counts = Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
    for (outcome, webhooks) in try_join_all(asked).await?.into_iter().flat_map(Counts::into_iter) {
        *total.entry(outcome).or_default() += webhooks;
    }
    Ok(total)
}

async fn ask<T: DeserializeOwned>(env: &Env, shard: &str, command: &Command) -> Result<T> {
    object::call(env, "ATTEMPTS", shard, command).await
}

/// The name of the object that knows an attempt.
fn shard(transaction_id: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(transaction_id).into();
    let [first, ..] = hash;
    name(first)
}

fn name(shard: u8) -> String {
    format!("{shard:02x}")
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
