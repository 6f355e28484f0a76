//! `GET /v1/stats`: the figures that a monitor asks for.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;

use super::App;
use super::extract::RequestId;
use super::merchant::Merchant;
use super::page::{failed, index};
use crate::attempt::{self, Counts};
use crate::index::Kind;
use crate::log;
use crate::problem::Problem;

#[derive(Serialize)]
pub(super) struct Stats {
    /// How many were recorded since the Worker was deployed, by what they were then; `null` when the objects that count them cannot be asked.
    webhooks: Option<Counts>,
    /// How many are open, by their kind.
    exceptions: BTreeMap<Kind, u64>,
    /// Since when a message waits that is retried or was parked; one that was withheld is not meant to be delivered.
    oldest_undelivered: Option<String>,
    oldest_undelivered_age_s: Option<u64>,
    last_reconciliation: Option<Value>,
    version: &'static str,
}

/// Counts the webhooks and the exceptions, and says when the last reconciliation was.
#[worker::send]
pub(super) async fn read(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
) -> Result<Json<Stats>, Problem> {
    let index = index(&app.env, &request_id).await?;
    let failed = |error| failed(&request_id, &error);
    let counts = index.counts().await.map_err(failed)?;
    let last_reconciliation = index.last_reconciliation().await.map_err(failed)?;
    let webhooks = attempt::total(&app.env).await;
    let webhooks = webhooks.inspect_err(|error| log::failure(&request_id, "attempts", error));
    let mut exceptions: BTreeMap<Kind, u64> = Kind::ALL.into_iter().map(|kind| (kind, 0)).collect();
    exceptions.extend(counts.iter().map(|count| (count.kind, count.count)));
    let undelivered = counts
        .iter()
        .filter(|count| matches!(count.kind, Kind::Retrying | Kind::Parked));
    let oldest = undelivered.min_by(|one, other| one.oldest.cmp(&other.oldest));
    Ok(Json(Stats {
        webhooks: webhooks.ok(),
        exceptions,
        oldest_undelivered: oldest.map(|count| count.oldest.clone()),
        oldest_undelivered_age_s: oldest.map(|count| count.oldest_age_s),
        last_reconciliation,
        version: env!("CARGO_PKG_VERSION"),
    }))
}
