//! The outbox: every webhook, from the moment that it was signed until it was answered.

use serde::{Deserialize, Deserializer, Serialize};
use serde_with::skip_serializing_none;

use super::Store;

/// The one lane of a run with a seed: its webhooks are sent for the first time in the same order every time.
pub(crate) const SEEDED: &str = "seeded";

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
    /// First attempts in one lane are made one after the other, by their turns; those of one turn together.
    pub(crate) lane: String,
    pub(crate) turn: i64,
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
    #[serde(skip_serializing)]
    pub(crate) lane: String,
    #[serde(skip_serializing)]
    pub(crate) turn: i64,
    pub(crate) attempts: i64,
    /// How each attempt ended, oldest first.
    #[serde(deserialize_with = "from_json_text")]
    pub(crate) answers: Vec<Answer>,
    #[serde(serialize_with = "crate::clock::serialize")]
    pub(crate) created_at: i64,
    #[serde(serialize_with = "crate::clock::serialize_optional")]
    pub(crate) delivered_at: Option<i64>,
    #[serde(serialize_with = "crate::clock::serialize_optional")]
    pub(crate) next_at: Option<i64>,
}

/// How one attempt ended: with the status of its answer, or with the reason why there was none.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    #[serde(with = "crate::clock")]
    pub(crate) at: i64,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
}

fn from_json_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Answer>, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).map_err(serde::de::Error::custom)
}

/// Puts the webhooks of one event together, in the order in which the events came: an event is an attempt's id and status,
/// and may have been sent several times.
pub(crate) fn by_event(webhooks: &[Webhook]) -> Vec<Vec<&Webhook>> {
    let mut events: Vec<Vec<&Webhook>> = Vec::new();
    for webhook in webhooks {
        let is_same = |event: &&mut Vec<&Webhook>| {
            event.first().is_some_and(|first| {
                first.transaction_id == webhook.transaction_id && first.status == webhook.status
            })
        };
        match events.iter_mut().find(is_same) {
            Some(event) => event.push(webhook),
            None => events.push(vec![webhook]),
        }
    }
    events
}

impl Store {
    /// Puts a webhook into the outbox.
    pub(crate) fn add_webhook(&self, new: NewWebhook, now: i64) -> worker::Result<()> {
        self.run(
            "INSERT INTO webhooks (tracking_id, transaction_id, status, body, signature, state, lane, turn, \
             created_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                new.tracking_id.into(),
                new.transaction_id.into(),
                new.status.into(),
                new.body.into(),
                new.signature.into(),
                new.state.as_ref().into(),
                new.lane.into(),
                new.turn.into(),
                now.into(),
                new.next_at.into(),
            ],
        )
    }

    /// Lists all webhooks, or those of one tracking id, oldest first.
    pub(crate) fn webhooks(&self, tracking_id: Option<&str>) -> worker::Result<Vec<Webhook>> {
        self.all(
            "SELECT * FROM webhooks WHERE ?1 IS NULL OR tracking_id = ?1 ORDER BY id",
            vec![tracking_id.into()],
        )
    }

    /// Finds a webhook by its number.
    pub(crate) fn webhook(&self, id: i64) -> worker::Result<Option<Webhook>> {
        self.first("SELECT * FROM webhooks WHERE id = ?", vec![id.into()])
    }

    /// Lists the webhooks whose time and turn have come, oldest first. The first attempts of one lane are made one after the
    /// other; who is tried again stands in nobody's way. In a run with a seed nobody is overtaken either who is not due yet.
    pub(crate) fn due_webhooks(&self, now: i64) -> worker::Result<Vec<Webhook>> {
        self.all(
            "SELECT * FROM webhooks AS due WHERE state = 'queued' AND sending = 0 AND next_at <= ?1 AND (attempts > 0 OR \
             turn = (SELECT turn FROM webhooks AS other WHERE other.lane = due.lane AND other.state = 'queued' \
             AND other.attempts = 0 AND (other.sending = 1 OR other.next_at <= ?1 OR other.lane = ?2) ORDER BY turn \
             LIMIT 1)) ORDER BY id",
            vec![now.into(), SEEDED.into()],
        )
    }

    /// Lists the webhooks that wait for others, oldest first.
    pub(crate) fn held_webhooks(&self) -> worker::Result<Vec<Webhook>> {
        self.all("SELECT * FROM webhooks WHERE state = 'held' ORDER BY id", vec![])
    }

    /// Returns the turn of a webhook that is added to a lane. It shares the last one's if it says the same.
    pub(crate) fn next_turn(&self, lane: &str, body: &str) -> worker::Result<i64> {
        let last: Option<Webhook> = self.first(
            "SELECT * FROM webhooks WHERE lane = ? ORDER BY turn DESC, id DESC LIMIT 1",
            vec![lane.into()],
        )?;
        Ok(last.map_or(1, |last| last.turn + i64::from(last.body != body)))
    }

    /// Tells when a webhook has to be looked at after `now`. What is being sent is looked at when its attempt ends, and,
    /// should the object die with its sender, at `latest`.
    pub(crate) fn next_webhook_at(&self, now: i64, latest: i64) -> worker::Result<Option<i64>> {
        self.value(
            "SELECT MIN(CASE WHEN sending = 1 THEN ?2 ELSE MAX(next_at, ?1) END) AS value FROM webhooks AS waiting \
             WHERE state = 'held' OR (state = 'queued' AND (sending = 1 OR next_at > ?1))",
            vec![now.into(), latest.into()],
        )
    }

    /// Takes a webhook for a sender: nobody else finds it due.
    pub(crate) fn begin_attempt(&self, id: i64) -> worker::Result<()> {
        self.run("UPDATE webhooks SET sending = 1 WHERE id = ?", vec![id.into()])
    }

    /// Frees what an object that is no more was sending.
    pub(crate) fn forget_attempts(&self) -> worker::Result<()> {
        self.run("UPDATE webhooks SET sending = 0 WHERE sending = 1", vec![])
    }

    /// Gives a held webhook its place among those that are sent.
    pub(crate) fn release_webhook(&self, id: i64, lane: &str, turn: i64, at: i64) -> worker::Result<()> {
        self.run(
            "UPDATE webhooks SET state = 'queued', lane = ?, turn = ?, next_at = ? WHERE id = ?",
            vec![lane.into(), turn.into(), at.into(), id.into()],
        )
    }

    /// Writes how an attempt ended.
    pub(crate) fn end_attempt(&self, webhook: &Webhook) -> worker::Result<()> {
        self.run(
            "UPDATE webhooks SET sending = 0, state = ?, answers = ?, delivered_at = ?, next_at = ? WHERE id = ?",
            vec![
                webhook.state.as_ref().into(),
                serde_json::to_string(&webhook.answers)?.into(),
                webhook.delivered_at.into(),
                webhook.next_at.into(),
                webhook.id.into(),
            ],
        )
    }
}
