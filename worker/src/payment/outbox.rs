//! The messages that wait to be delivered to the merchant, in the payment's own SQLite: written in the same transaction as the change that they report.

use std::time::Duration;

use serde::Deserialize;
use worker::Result;

use super::message::DeliveryRecord;
use super::notice::Notice;
use super::store::Store;
use crate::clock;

/// The wait after the first failure; it doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_secs(5);

const LONGEST_WAIT: Duration = Duration::from_secs(6 * 60 * 60);

/// How long delivery is tried before the message is parked.
const GIVE_UP_AFTER_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// A message that waits. Times are in milliseconds since 1970.
#[derive(Debug, Deserialize)]
pub(super) struct Waiting {
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) body: String,
    pub(super) created_at: i64,
    pub(super) next_at: i64,
    tries: u32,
    /// Whether it says that the payment is successful, and so needs the gateway's word: 0 or 1.
    must_confirm: i64,
    /// Whether the gateway has confirmed the success, for this message or another one: 0 or 1.
    is_confirmed: i64,
}

/// The columns of [`Waiting`].
const WAITING: &str = "seq, id, body, created_at, next_at, tries, must_confirm,
    EXISTS (SELECT 1 FROM delivery WHERE confirmed_at IS NOT NULL) AS is_confirmed";

impl Waiting {
    /// Whether the gateway has to agree before it is sent.
    pub(super) fn awaits_confirmation(&self) -> bool {
        self.must_confirm != 0 && self.is_confirmed == 0
    }
}

/// A message, whatever its state. Times are in milliseconds since 1970.
#[derive(Debug, Deserialize)]
struct Delivery {
    state: String,
    created_at: i64,
    next_at: i64,
    tries: u32,
    delivered_at: Option<i64>,
    last_answer: Option<String>,
}

/// A row that was changed.
#[derive(Debug, Deserialize)]
struct Changed {}

/// How a message ended that is not tried any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Delivered,
    /// Given up, until somebody asks for a replay.
    Parked,
    /// A success that the gateway denies: for a person to look at.
    Withheld,
}

impl End {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Withheld => "withheld",
        }
    }
}

impl Store {
    /// Puts a message behind the ones that wait. The same message again changes nothing.
    pub(super) fn enqueue(&self, notice: Notice, must_confirm: bool, now: i64) -> Result<()> {
        self.execute(
            "INSERT INTO delivery (id, body, must_confirm, state, created_at, next_at) VALUES (?, ?, ?, 'waiting', ?, ?)
             ON CONFLICT (id) DO NOTHING",
            vec![
                notice.id.into(),
                notice.body.into(),
                i64::from(must_confirm).into(),
                now.into(),
                now.into(),
            ],
        )
    }

    /// What became of a message.
    pub(super) fn delivery(&self, id: &str) -> Result<Option<DeliveryRecord>> {
        self.migrate()?;
        let found = self.rows_with::<Delivery>(
            "SELECT state, created_at, next_at, tries, delivered_at, last_answer FROM delivery WHERE id = ?",
            vec![id.into()],
        )?;
        let Some(row) = found.into_iter().next() else {
            return Ok(None);
        };
        Ok(Some(DeliveryRecord {
            id: id.to_owned(),
            tracking_id: self.payment()?.tracking_id()?.to_owned(),
            at: clock::rfc3339(row.created_at),
            tries: row.tries,
            next_at: (row.state == "waiting").then(|| clock::rfc3339(row.next_at)),
            delivered_at: row.delivered_at.map(clock::rfc3339),
            last_answer: row.last_answer,
            state: row.state,
        }))
    }

    /// Lets a message wait again, at once; false when there is none of this id. One that was withheld is confirmed anew. The payment is kept as after any change, so
    /// that what becomes of the message can be read.
    pub(super) fn requeue(&self, id: &str, now: i64) -> Result<bool> {
        self.migrate()?;
        let found = self.rows_with::<Changed>(
            "UPDATE delivery SET state = 'waiting', created_at = ?1, next_at = ?1, tries = 0 WHERE id = ?2 RETURNING seq",
            vec![now.into(), id.into()],
        )?;
        if found.is_empty() {
            return Ok(false);
        }
        self.execute("UPDATE payment SET touched_at = ?", vec![now.into()])?;
        self.note_change(now)?;
        Ok(true)
    }

    /// The oldest message that waits. The ones behind it wait for it, so that the merchant hears of the changes in their order.
    pub(super) fn first_waiting(&self) -> Result<Option<Waiting>> {
        let sql = format!("SELECT {WAITING} FROM delivery WHERE state = 'waiting' ORDER BY seq LIMIT 1");
        Ok(self.rows(&sql)?.pop())
    }

    /// Lets a success of this attempt be delivered, since the gateway's list has it: also one that was withheld or given up because the gateway would not confirm it.
    /// Returns whether there was one. Once a success of the payment is confirmed nothing else is held back, so what then waits, was sent or was given up stays as it is.
    pub(super) fn confirmed_by_list(&self, transaction_id: &str, now: i64) -> Result<bool> {
        let found = self.rows_with::<Changed>(
            "UPDATE delivery SET confirmed_at = ?1, state = 'waiting', created_at = ?1, next_at = ?1, tries = 0
             WHERE must_confirm = 1 AND confirmed_at IS NULL AND json_extract(body, '$.data.transaction_id') = ?2
             AND (state = 'withheld' OR NOT EXISTS (SELECT 1 FROM delivery WHERE confirmed_at IS NOT NULL))
             RETURNING seq",
            vec![now.into(), transaction_id.into()],
        )?;
        Ok(!found.is_empty())
    }

    pub(super) fn confirmed(&self, seq: i64, now: i64) -> Result<()> {
        self.execute(
            "UPDATE delivery SET confirmed_at = ? WHERE seq = ?",
            vec![now.into(), seq.into()],
        )
    }

    /// Notes how the message ended. One that was replayed while it was being sent (its `created_at` is another) waits on: whoever asked wants a try that began afterwards.
    pub(super) fn ended(&self, waiting: &Waiting, end: End, answer: &str, now: i64) -> Result<()> {
        let delivered_at = (end == End::Delivered).then_some(now);
        self.execute(
            "UPDATE delivery SET state = ?, delivered_at = ?, last_answer = ?, tries = tries + 1
             WHERE seq = ? AND created_at = ?",
            vec![
                end.as_str().into(),
                delivered_at.into(),
                answer.into(),
                waiting.seq.into(),
                waiting.created_at.into(),
            ],
        )?;
        if end != End::Delivered || self.payment()?.has_exceptions() {
            self.note_change(now)?;
        }
        Ok(())
    }

    /// Notes a failure: tried again later, or given up after three days. `random` is from 0 to 1. A replay meanwhile counts, as in [`Store::ended`].
    pub(super) fn failed(&self, waiting: &Waiting, answer: &str, now: i64, random: f64) -> Result<()> {
        let wait = i64::try_from(wait(waiting.tries, random).as_millis()).unwrap_or(i64::MAX);
        if now.saturating_add(wait) > waiting.created_at.saturating_add(GIVE_UP_AFTER_MS) {
            return self.ended(waiting, End::Parked, answer, now);
        }
        self.execute(
            "UPDATE delivery SET tries = tries + 1, next_at = ?, last_answer = ? WHERE seq = ? AND created_at = ?",
            vec![
                now.saturating_add(wait).into(),
                answer.into(),
                waiting.seq.into(),
                waiting.created_at.into(),
            ],
        )?;
        self.note_change(now)
    }
}

/// Exponential backoff with jitter: from half of the wait to the whole of it, so that what failed together does not come back together.
pub(super) fn wait(failures_before: u32, random: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(failures_before));
    doubled
        .min(LONGEST_WAIT)
        .mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_five_seconds_to_six_hours_with_jitter() {
        let seconds = |failures, random| wait(failures, random).as_secs_f64();
        assert_eq!(
            [0, 1, 2, 3].map(|failures| seconds(failures, 1.0)),
            [5.0, 10.0, 20.0, 40.0]
        );
        assert_eq!([0, 1, 2].map(|failures| seconds(failures, 0.0)), [2.5, 5.0, 10.0]);
        for failures in [13, 60, u32::MAX] {
            assert_eq!(seconds(failures, 1.0), 6.0 * 3600.0);
            assert_eq!(seconds(failures, 0.0), 3.0 * 3600.0);
        }
    }
}
