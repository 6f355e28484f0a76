//! From an attempt to its payment: one small Durable Object per transaction id of the gateway, which knows the tracking id.
//!
//! The gateway's list of transactions names attempts and not payments. The payment's alarm tells an attempt's object once, after the attempt's first webhook, so
//! no two payments ever write to the same place. An attempt that was listed before any webhook named it is marked as missed here; whoever tells it of its payment later
//! hears of that, and so only a payment that was missed has to take anything back.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use crate::object;

/// How long an attempt is known: longer than the longest reconciliation looks back (31 days).
const KEPT_FOR: Duration = Duration::from_secs(40 * 24 * 60 * 60);

/// The key of the one value in the object's storage.
const KEY: &str = "attempt";

/// What the object knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Known {
    tracking_id: Option<String>,
    /// It was listed with a final state while no webhook had named it.
    missed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    Learn { tracking_id: String },
    Find,
    Miss,
}

/// An attempt's Durable Object.
#[durable_object(alarm)]
pub struct Attempt {
    state: State,
}

impl DurableObject for Attempt {
    fn new(state: State, _: Env) -> Self {
        Self { state }
    }

    /// Storage closes the object's input gate: no other request comes between reading and writing.
    async fn fetch(&self, request: Request) -> Result<Response> {
        let command = object::command(request).await?;
        let storage = self.state.storage();
        let before: Known = storage.get(KEY).await?.unwrap_or_default();
        let mut after = before.clone();
        match command {
            Command::Learn { tracking_id } => {
                after = Known {
                    tracking_id: Some(tracking_id),
                    missed: false,
                }
            }
            Command::Miss => after.missed = before.tracking_id.is_none(),
            Command::Find => return object::reply(&before),
        }
        storage.put(KEY, after).await?;
        storage.set_alarm(KEPT_FOR).await?;
        object::reply(&before)
    }

    async fn alarm(&self) -> Result<Response> {
        self.state.storage().delete_all().await?;
        Response::empty()
    }
}

/// Tells an attempt of its payment. Returns whether it was missed until now.
pub(crate) async fn learn(env: &Env, transaction_id: &str, tracking_id: &str) -> Result<bool> {
    let tracking_id = tracking_id.to_owned();
    let before = ask(env, transaction_id, &Command::Learn { tracking_id }).await?;
    Ok(before.missed)
}

/// Finds an attempt's payment.
pub(crate) async fn find(env: &Env, transaction_id: &str) -> Result<Option<String>> {
    Ok(ask(env, transaction_id, &Command::Find).await?.tracking_id)
}

/// Marks an attempt as missed, unless a webhook has named it meanwhile: then its payment is returned.
pub(crate) async fn miss(env: &Env, transaction_id: &str) -> Result<Option<String>> {
    Ok(ask(env, transaction_id, &Command::Miss).await?.tracking_id)
}

async fn ask(env: &Env, transaction_id: &str, command: &Command) -> Result<Known> {
    object::ask(env, "ATTEMPT", transaction_id, command).await
}
