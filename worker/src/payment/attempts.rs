//! Reporting the payment's attempts to the objects that know all attempts ([`crate::attempt`]): which payment they belong to, and how many of their webhooks had which
//! outcome.

use std::collections::BTreeMap;

use edge_cashier::Outcome;
use serde::Deserialize;
use worker::Result;

use super::Inner;
use super::store::{PaymentRow, Store};
use crate::attempt::{self, Counts};
use crate::index::listed_id;

/// How often webhooks of one attempt came that were one thing when they were recorded.
#[derive(Deserialize)]
struct CountedRow {
    transaction_id: String,
    outcome: Outcome,
    first_seq: i64,
    last_seq: i64,
    rows: i64,
    /// How often they came in all.
    copies: i64,
}

/// An attempt as it is reported.
struct Attempt {
    first_seq: i64,
    last_seq: i64,
    counts: Counts,
}

impl Inner {
    /// Reports every attempt, and returns up to which webhook that was done. Whatever the index has on an attempt that was missed is this payment's from its first
    /// report on.
    pub(super) async fn report_attempts(&self, payment: &PaymentRow) -> Result<i64> {
        let mut reported_up_to = payment.attempts_told;
        for (transaction_id, attempt) in self.store.attempts()? {
            let tracking_id = payment.tracking_id()?;
            let was_missed = attempt::report(&self.env, &transaction_id, tracking_id, attempt.counts).await?;
            if was_missed && attempt.first_seq > payment.attempts_told {
                self.store.note_indexed(&listed_id(&transaction_id), "")?;
            }
            reported_up_to = reported_up_to.max(attempt.last_seq);
        }
        Ok(reported_up_to)
    }
}

impl Store {
    /// The attempts by their transaction ids. Whatever came again is a duplicate.
    fn attempts(&self) -> Result<BTreeMap<String, Attempt>> {
        let rows: Vec<CountedRow> = self.rows(
            "SELECT json_extract(event, '$.transaction_id') AS transaction_id, outcome,
             min(seq) AS first_seq, max(seq) AS last_seq, count(*) AS rows, sum(copies) AS copies
             FROM webhook GROUP BY 1, 2",
        )?;
        let mut attempts = BTreeMap::<String, Attempt>::new();
        for row in rows {
            let attempt = attempts.entry(row.transaction_id).or_insert_with(|| Attempt {
                first_seq: row.first_seq,
                last_seq: row.last_seq,
                counts: Counts::default(),
            });
            attempt.first_seq = attempt.first_seq.min(row.first_seq);
            attempt.last_seq = attempt.last_seq.max(row.last_seq);
            *attempt.counts.entry(row.outcome).or_default() += row.rows;
            if row.copies > row.rows {
                *attempt.counts.entry(Outcome::Duplicate).or_default() += row.copies - row.rows;
            }
        }
        Ok(attempts)
    }
}
