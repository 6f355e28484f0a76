//! The outbox: every webhook, from the moment that it was signed until it was answered.

use serde::{Deserialize, Serialize};

use super::Store;

/// Where a webhook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum WebhookState {
    /// It will be sent at `next_at`, for the first time or again.
    Queued,
    /// It waits for others, to be sent in another order.
    Held,
    /// It was answered 2xx.
    Delivered,
    /// It was never answered 2xx and will not be sent again.
    Failed,
    /// It was lost on purpose and never sent.
    Dropped,
}

/// What is put into the outbox.
#[derive(Clone)]
pub(crate) struct NewWebhook {
    pub(crate) tracking_id: String,
    pub(crate) transaction_id: String,
    pub(crate) status: String,
    pub(crate) body: String,
    pub(crate) signature: String,
    pub(crate) state: WebhookState,
    pub(crate) next_at: Option<i64>,
}

/// One row, as the control API shows it. Instants are Unix time in milliseconds, and RFC 3339 in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) id: i64,
    pub(crate) tracking_id: String,
    pub(crate) transaction_id: String,
    pub(crate) status: String,
    pub(crate) body: String,
    pub(crate) signature: String,
    pub(crate) state: WebhookState,
    pub(crate) attempts: i64,
    pub(crate) last_status: Option<i64>,
    pub(crate) last_error: Option<String>,
    #[serde(serialize_with = "crate::clock::serialize")]
    pub(crate) created_at: i64,
    #[serde(serialize_with = "crate::clock::serialize_optional")]
    pub(crate) delivered_at: Option<i64>,
    #[serde(serialize_with = "crate::clock::serialize_optional")]
    pub(crate) next_at: Option<i64>,
}

impl Store {
    /// Puts a webhook into the outbox.
    pub(crate) fn add_webhook(&self, new: NewWebhook, now: i64) -> worker::Result<()> {
        self.run(
            "INSERT INTO webhooks (tracking_id, transaction_id, status, body, signature, state, created_at, next_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                new.tracking_id.into(),
                new.transaction_id.into(),
                new.status.into(),
                new.body.into(),
                new.signature.into(),
                new.state.as_ref().into(),
                now.into(),
                new.next_at.into(),
            ],
        )
    }

    /// Finds the webhook of a row number.
    pub(crate) fn webhook(&self, id: i64) -> worker::Result<Option<Webhook>> {
        self.first("SELECT * FROM webhooks WHERE id = ?", vec![id.into()])
    }

    /// Lists all webhooks, or those of one tracking id, oldest first.
    pub(crate) fn webhooks(&self, tracking_id: Option<&str>) -> worker::Result<Vec<Webhook>> {
        self.all(
            "SELECT * FROM webhooks WHERE ?1 IS NULL OR tracking_id = ?1 ORDER BY id",
            vec![tracking_id.into()],
        )
    }

    /// Lists the webhooks whose time has come, oldest first.
    pub(crate) fn due_webhooks(&self, now: i64) -> worker::Result<Vec<Webhook>> {
        self.all(
            "SELECT * FROM webhooks WHERE state = 'queued' AND next_at <= ? ORDER BY next_at, id",
            vec![now.into()],
        )
    }

    /// Lists the webhooks that wait for others, oldest first.
    pub(crate) fn held_webhooks(&self) -> worker::Result<Vec<Webhook>> {
        self.all("SELECT * FROM webhooks WHERE state = 'held' ORDER BY id", vec![])
    }

    /// Tells when the next webhook has to be looked at.
    pub(crate) fn next_webhook_at(&self) -> worker::Result<Option<i64>> {
        self.value("SELECT MIN(next_at) AS value FROM webhooks WHERE state IN ('queued', 'held')")
    }

    /// Takes a webhook for one sender: nobody else finds it due before `until`. If that sender dies, it is due then.
    pub(crate) fn lease_webhook(&self, id: i64, until: i64) -> worker::Result<()> {
        self.run(
            "UPDATE webhooks SET state = 'queued', next_at = ? WHERE id = ?",
            vec![until.into(), id.into()],
        )
    }

    /// Writes how an attempt ended.
    pub(crate) fn end_attempt(&self, webhook: &Webhook) -> worker::Result<()> {
        self.run(
            "UPDATE webhooks SET state = ?, attempts = ?, last_status = ?, last_error = ?, delivered_at = ?, \
             next_at = ? WHERE id = ?",
            vec![
                webhook.state.as_ref().into(),
                webhook.attempts.into(),
                webhook.last_status.into(),
                webhook.last_error.clone().into(),
                webhook.delivered_at.into(),
                webhook.next_at.into(),
                webhook.id.into(),
            ],
        )
    }
}
