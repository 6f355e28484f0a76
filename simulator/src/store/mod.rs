//! The one place where state lives: the SQLite of the `Gateway` object. Nothing is kept in memory that is not here.

mod checkouts;
mod requests;
mod shop;
mod transactions;
mod webhooks;

pub(crate) use checkouts::{Checkout, PageKind};
pub(crate) use requests::ApiRequest;
pub(crate) use shop::Delivery;
pub(crate) use transactions::{NewTransaction, Stage, Transaction};
pub(crate) use webhooks::{Answer, NewWebhook, SEEDED, Webhook, WebhookState, by_event};

use edge_cashier::OperationName;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::{SqlStorage, SqlStorageValue};

use crate::config::Config;
use crate::fault::Fault;
use crate::random::{Draw, Random};
use crate::settings::Settings;

/// Typed access to the tables. Every call is synchronous, so that what one handler does between two awaits is atomic.
#[derive(Clone)]
pub(crate) struct Store {
    sql: SqlStorage,
    config: Config,
}

/// The tables that [`SCHEMA`] makes.
const TABLES: [&str; 7] = [
    "settings",
    "draws",
    "transactions",
    "checkouts",
    "api_requests",
    "webhooks",
    "shop_deliveries",
];

const SCHEMA: &str = "
CREATE TABLE settings (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  json TEXT,
  shop_endpoint_fails INTEGER NOT NULL DEFAULT 0
);
INSERT INTO settings (id) VALUES (1);
CREATE TABLE draws (draw TEXT PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE transactions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  transaction_id TEXT NOT NULL UNIQUE,
  gateway_transaction_id TEXT NOT NULL,
  provider_transaction_id TEXT NOT NULL,
  tracking_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  transaction_type TEXT NOT NULL,
  status TEXT NOT NULL,
  stage TEXT NOT NULL,
  rejected_reason TEXT,
  currency TEXT NOT NULL,
  amount TEXT NOT NULL,
  payment_provider TEXT NOT NULL,
  card_last_four TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX transactions_by_tracking_id ON transactions (tracking_id);
CREATE TABLE checkouts (
  token TEXT PRIMARY KEY,
  transaction_row INTEGER NOT NULL,
  kind TEXT NOT NULL,
  theme TEXT NOT NULL,
  amount_is_locked INTEGER NOT NULL,
  amount_limit TEXT,
  payer TEXT,
  attempt INTEGER NOT NULL DEFAULT 1,
  declined_reason TEXT,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
);
CREATE TABLE api_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  operation TEXT NOT NULL,
  tracking_id TEXT,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  status INTEGER NOT NULL,
  fault TEXT
);
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tracking_id TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  status TEXT NOT NULL,
  body TEXT NOT NULL,
  signature TEXT NOT NULL,
  state TEXT NOT NULL,
  lane TEXT NOT NULL,
  turn INTEGER NOT NULL,
  sending INTEGER NOT NULL DEFAULT 0,
  answers TEXT NOT NULL DEFAULT '[]',
  attempts INTEGER NOT NULL AS (json_array_length(answers)),
  created_at INTEGER NOT NULL,
  delivered_at INTEGER,
  next_at INTEGER
);
CREATE INDEX webhooks_by_turn ON webhooks (lane, turn);
CREATE TABLE shop_deliveries (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  tracking_id TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  status TEXT NOT NULL,
  state TEXT NOT NULL,
  amount TEXT NOT NULL,
  currency TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  accepted_at INTEGER,
  tries INTEGER NOT NULL,
  refused INTEGER NOT NULL
);
CREATE INDEX shop_deliveries_by_tracking_id ON shop_deliveries (tracking_id);
";

impl Store {
    /// Opens the tables, and makes them the first time. What a simulator with other tables has left is dropped: it is state
    /// for development, and not worth a migration.
    pub(crate) fn open(sql: SqlStorage, config: Config) -> worker::Result<Self> {
        let store = Self { sql, config };
        store.run("CREATE TABLE IF NOT EXISTS schema (sql TEXT NOT NULL)", vec![])?;
        let current: i64 = store.value(
            "SELECT COUNT(*) AS value FROM schema WHERE sql = ?",
            vec![SCHEMA.into()],
        )?;
        if current == 0 {
            for table in TABLES {
                store.run(&format!("DROP TABLE IF EXISTS {table}"), vec![])?;
            }
            store.sql.exec(SCHEMA, None)?;
            store.run("DELETE FROM schema", vec![])?;
            store.run("INSERT INTO schema VALUES (?)", vec![SCHEMA.into()])?;
        }
        Ok(store)
    }

    /// Returns the settings as they are now.
    pub(crate) fn settings(&self) -> worker::Result<Settings> {
        let json: Option<String> = self.value("SELECT json AS value FROM settings", vec![])?;
        // Settings that a simulator with other members has left are forgotten.
        let changed = json.and_then(|json| serde_json::from_str(&json).ok());
        Ok(changed.unwrap_or_else(|| Settings::new(&self.config)))
    }

    /// Writes the settings.
    pub(crate) fn set_settings(&self, settings: &Settings) -> worker::Result<()> {
        let json = serde_json::to_string(settings)?;
        self.run("UPDATE settings SET json = ?", vec![json.into()])
    }

    /// Takes the fault that a call of the operation meets; it counts one call less from then on.
    pub(crate) fn take_fault(&self, operation: OperationName) -> worker::Result<Option<Fault>> {
        let mut settings = self.settings()?;
        let Some(fault) = settings.fault.take_if(|fault| fault.concerns(operation)) else {
            return Ok(None);
        };
        settings.fault = fault.clone().after_one_call();
        self.set_settings(&settings)?;
        Ok(Some(fault))
    }

    /// Returns the variables that the simulator was started with.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the generator of a new transaction's ids: of a seeded run, its position's; else unguessable.
    pub(crate) fn random(&self, settings: &Settings) -> worker::Result<Random> {
        let position = self.next_position(Draw::Ids)?;
        match settings.seed {
            Some(seed) => Ok(Random::seeded(seed, Draw::Ids, position)),
            None => Random::unguessable(),
        }
    }

    /// Counts the draws of a run.
    pub(crate) fn next_position(&self, draw: Draw) -> worker::Result<i64> {
        self.value(
            "INSERT INTO draws VALUES (?, 1) ON CONFLICT (draw) DO UPDATE SET position = position + 1 \
             RETURNING position AS value",
            vec![draw.as_ref().into()],
        )
    }

    /// Forgets everything: transactions, requests, webhooks, and every setting that was changed. Row numbers go on, so
    /// that the end of a delivery that is still on its way meets no row of the next run.
    pub(crate) fn reset(&self) -> worker::Result<()> {
        for table in TABLES.into_iter().filter(|table| *table != "settings") {
            self.run(&format!("DELETE FROM {table}"), vec![])?;
        }
        self.run("UPDATE settings SET json = NULL, shop_endpoint_fails = 0", vec![])
    }

    fn run(&self, query: &str, values: Vec<SqlStorageValue>) -> worker::Result<()> {
        self.sql.exec(query, values).map(|_| ())
    }

    fn all<T: DeserializeOwned>(&self, query: &str, values: Vec<SqlStorageValue>) -> worker::Result<Vec<T>> {
        self.sql.exec(query, values)?.to_array()
    }

    fn first<T: DeserializeOwned>(
        &self,
        query: &str,
        values: Vec<SqlStorageValue>,
    ) -> worker::Result<Option<T>> {
        Ok(self.all(query, values)?.into_iter().next())
    }

    /// Reads the column `value` of the one row.
    fn value<T: DeserializeOwned>(&self, query: &str, values: Vec<SqlStorageValue>) -> worker::Result<T> {
        #[derive(Deserialize)]
        struct Row<T> {
            value: T,
        }
        let row: Row<T> = self.sql.exec(query, values)?.one()?;
        Ok(row.value)
    }
}
