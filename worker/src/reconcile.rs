//! The hourly comparison of the gateway's list with what its webhooks reported.
//!
//! 1. List the last `RECONCILIATION_DAYS` days, one after the other and today first: a day is the shortest list that the gateway gives, so that a list is never longer than
//!    it must be and one that fails costs one day. Days before the first run are left out: their webhooks went elsewhere.
//! 2. For each row in a final state, find the payment: by the row's own `tracking_id` if it has one, else by its attempt ([`attempt`]).
//! 3. The payment's object compares, and keeps what does not agree; its alarm writes that to the index.
//! 4. What belongs to no payment that this Worker knows is written to the index from here, as missed.
//!
//! Everything is written under ids that name the transaction, so a run may break off, be repeated, or run twice at once.

use std::collections::BTreeSet;

use edge_cashier::{ListTransactions, Transaction};
use futures_util::StreamExt;
use futures_util::stream;
use serde::Serialize;
use serde_json::{Value, to_value};
use time::Duration;
use worker::{Env, Error, Result};

use crate::config::{Config, environment};
use crate::gateway::call;
use crate::index::{Change, Index, Kind, listed_id};
use crate::payment::message::{Command, Compare, Listing};
use crate::payment::{self, Compared};
use crate::{attempt, clock, log};

/// The log's word for what no request caused.
const RUN: &str = "reconciliation";

/// How many objects are asked at the same time.
const AT_ONCE: usize = 8;

/// How many rows in a final state one run compares: each may take three calls, and a run of a Worker has 10,000. The newest come first.
const MAX_ROWS: usize = 3000;

/// How many of the entries that earlier runs made are looked at to find those that are resolved.
const MAX_KNOWN: u32 = 10_000;

/// What the last run did. Each row is counted once below `rows`.
#[derive(Debug, Default, Serialize)]
struct Summary {
    at: String,
    from: String,
    to: String,
    /// The first run's day.
    since: String,
    rows: usize,
    matched: usize,
    missed: usize,
    mismatch: usize,
    /// Not in a final state.
    undecided: usize,
    /// Without a transaction id or a status.
    incomplete: usize,
    /// Not compared: an object failed, or the payment was deleted.
    failed: usize,
    /// Not compared: beyond the newest [`MAX_ROWS`].
    skipped: usize,
    /// Days that could not be listed, or whose exceptions could not be written.
    failed_windows: usize,
}

impl Summary {
    /// How many rows were looked up so far.
    fn looked_up(&self) -> usize {
        self.matched + self.missed + self.mismatch + self.failed
    }
}

/// Compares once. Without the index there is nowhere to say what was found, and nothing is done.
pub(crate) async fn run(env: &Env) {
    let done = match (environment::config(env), Index::open(env).await) {
        (Ok(_), Ok(None)) => return,
        (Ok(config), Ok(Some(index))) => reconcile(env, &config, &index).await,
        (Err(error), _) => Err(Error::RustError(error.to_string())),
        (_, Err(error)) => Err(error),
    };
    if let Err(error) = done {
        log::failure(RUN, "index", &error);
    }
}

async fn reconcile(env: &Env, config: &Config, index: &Index) -> Result<()> {
    let to = clock::today();
    let since = first_day(index).await?.unwrap_or_else(|| to.to_string());
    let day = |back| to.saturating_sub(Duration::days(back));
    let mut summary = Summary {
        at: clock::rfc3339(clock::now_ms()),
        from: day(config.reconciliation_days - 1).to_string().max(since.clone()),
        to: to.to_string(),
        since,
        ..Summary::default()
    };
    let known = index.listed(MAX_KNOWN).await?;
    // (1)
    let from = summary.from.clone();
    let days = (0..config.reconciliation_days)
        .map(day)
        .take_while(|day| day.to_string() >= from);
    let windows = days.filter_map(|day| ListTransactions::new(Some(day), Some(day)).ok());
    for window in windows {
        let Ok(request) = config.gateway.request(&window) else {
            summary.failed_windows += 1;
            continue;
        };
        match call::<ListTransactions>(&config.gateway, request, config.gateway_timeout).await {
            Ok(rows) => {
                if let Err(error) = compare(env, index, rows, &known, &mut summary).await {
                    log::failure(RUN, "index", &error);
                    summary.failed_windows += 1;
                }
            }
            Err(error) => {
                log::gateway_failure(RUN, "", &error);
                summary.failed_windows += 1;
            }
        }
    }
    let forgotten = clock::now_ms() - config.retention_ms;
    index.forget(&clock::rfc3339(forgotten)).await?;
    let summary = to_value(&summary)?;
    log::Line::Reconciliation { summary: &summary }.write();
    index.save_reconciliation(&summary).await
}

/// The day of the first run, which every summary repeats. Days are compared as ISO 8601 writes them.
async fn first_day(index: &Index) -> Result<Option<String>> {
    let last = index.last_reconciliation().await?.unwrap_or_default();
    Ok(last.get("since").and_then(Value::as_str).map(str::to_owned))
}

/// A row in a final state, and the payment that it names itself, if it does.
struct Final {
    listing: Listing,
    tracking_id: Option<String>,
}

/// What is known of a row that was looked up.
enum Found {
    /// A payment compared it.
    Compared(Listing, Compared),
    /// It belongs to no payment that this Worker knows.
    Nowhere(Listing),
}

async fn compare(
    env: &Env,
    index: &Index,
    rows: Vec<Transaction>,
    known: &BTreeSet<String>,
    summary: &mut Summary,
) -> Result<()> {
    let finals = finals(rows, summary);
    // (2), (3)
    let found = stream::iter(finals)
        .map(|row| find(env, row))
        .buffer_unordered(AT_ONCE);
    let mut changes = Vec::new();
    let mut new = Vec::new();
    for found in found.collect::<Vec<_>>().await {
        match found {
            Ok(Found::Compared(_, Compared::Missed)) => summary.missed += 1,
            Ok(Found::Compared(_, Compared::Mismatch)) => summary.mismatch += 1,
            // Its attempt is known, but the payment was deleted: there is nothing to compare with.
            Ok(Found::Compared(_, Compared::NoPayment)) => summary.failed += 1,
            Ok(Found::Compared(listing, Compared::Matched)) => {
                summary.matched += 1;
                let id = listed_id(&listing.transaction_id);
                if known.contains(&id) {
                    changes.push(Change::Resolved(id));
                }
            }
            Ok(Found::Nowhere(listing)) => {
                summary.missed += 1;
                let exception = listing.exception(Kind::Missed, clock::now_ms(), None);
                if !known.contains(&exception.id) {
                    new.push(listing.transaction_id);
                }
                changes.push(Change::Open(exception));
            }
            Err(error) => {
                log::failure(RUN, "object", &error);
                summary.failed += 1;
            }
        }
    }
    // (4)
    index.write(&changes).await?;
    mark(env, index, new).await
}

/// Lets the attempts know that they were missed: the webhook that names one later then resolves it. One that was named since the index was written is no longer missed.
async fn mark(env: &Env, index: &Index, missed: Vec<String>) -> Result<()> {
    let marked = stream::iter(missed).map(|id| async move { (attempt::miss(env, &id).await, id) });
    let mut named = Vec::new();
    for (marked, id) in marked.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
        match marked {
            Ok(None) => {}
            Ok(Some(_)) => named.push(Change::Resolved(listed_id(&id))),
            // The next run resolves it, if the webhook cannot.
            Err(error) => log::failure(RUN, "attempt", &error),
        }
    }
    index.write(&named).await
}

/// The rows of a day that are compared, the newest first; the others are counted.
fn finals(mut rows: Vec<Transaction>, summary: &mut Summary) -> Vec<Final> {
    summary.rows += rows.len();
    rows.sort_by(|one, other| other.transaction_date.cmp(&one.transaction_date));
    let mut finals: Vec<Final> = rows.into_iter().filter_map(|row| read(row, summary)).collect();
    let remaining = MAX_ROWS.saturating_sub(summary.looked_up());
    summary.skipped += finals.len().saturating_sub(remaining);
    finals.truncate(remaining);
    finals
}

/// Takes what is compared out of a row; one that cannot be compared is counted.
fn read(row: Transaction, summary: &mut Summary) -> Option<Final> {
    let (Some(transaction_id), Some(status)) = (row.transaction_id, row.status) else {
        summary.incomplete += 1;
        return None;
    };
    if !status.is_final() {
        summary.undecided += 1;
        return None;
    }
    let tracking_id = row.extra.get("tracking_id").and_then(Value::as_str);
    Some(Final {
        tracking_id: tracking_id.filter(|id| !id.is_empty()).map(str::to_owned),
        listing: Listing {
            transaction_id: transaction_id.as_str().to_owned(),
            status: status.as_str().to_owned(),
            amount: row.amount,
            currency: row.currency,
            user_amount: row.user_amount,
            user_currency: row.user_currency,
            provider: row.payment_provider,
        },
    })
}

/// Asks the payment that the row names, then the one of its attempt.
async fn find(env: &Env, row: Final) -> Result<Found> {
    let Final { listing, tracking_id } = row;
    if let Some(tracking_id) = tracking_id {
        let compared = ask(env, &tracking_id, &listing).await?;
        if compared != Compared::NoPayment {
            return Ok(Found::Compared(listing, compared));
        }
    }
    match attempt::find(env, &listing.transaction_id).await? {
        Some(tracking_id) => {
            let compared = ask(env, &tracking_id, &listing).await?;
            Ok(Found::Compared(listing, compared))
        }
        None => Ok(Found::Nowhere(listing)),
    }
}

async fn ask(env: &Env, tracking_id: &str, listing: &Listing) -> Result<Compared> {
    let command = Command::Compare(Compare {
        listing: listing.clone(),
    });
    let compared = payment::call(env, tracking_id, &command, RUN).await;
    compared.map_err(|problem| Error::RustError(problem.detail))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use edge_cashier::Reply;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_that_cannot_be_compared_is_counted_and_stops_nothing() {
        let rows = json!([
            { "transaction_id": "a", "status": "successful", "amount": 10.05, "currency": "EUR", "tracking_id": "order-1" },
            { "transaction_id": null, "status": "successful" },
            { "transaction_id": "b" },
            { "transaction_id": "c", "status": "pending" },
            { "transaction_id": 17, "status": "rejected", "amount": null, "tracking_id": null, "currency": 5 },
            {},
        ]);
        let mut summary = Summary::default();
        let finals = finals(Vec::<Transaction>::read(rows).unwrap(), &mut summary);
        assert_eq!((summary.undecided, summary.incomplete), (1, 3));
        let found: Vec<_> = finals
            .iter()
            .map(|row| (row.listing.transaction_id.as_str(), row.tracking_id.as_deref()))
            .collect();
        assert_eq!(found, [("a", Some("order-1")), ("17", None)]);
    }

    #[test]
    fn a_run_compares_the_newest_rows_and_counts_the_others() {
        let row = |second: usize, status| {
            let date = format!("2026-11-26 11:{:02}:{:02}", second / 60, second % 60);
            json!({ "transaction_id": second.to_string(), "status": status, "transaction_date": date })
        };
        let day = |finals, pending| {
            let rows = (0..pending).map(|second| row(second, "pending"));
            let rows = rows.chain((0..finals).map(|second| row(second, "successful")));
            Vec::<Transaction>::read(rows.collect()).unwrap()
        };
        let mut summary = Summary::default();
        let today = finals(day(2000, 2000), &mut summary);
        assert_eq!((today.len(), summary.undecided, summary.skipped), (2000, 2000, 0));
        // As they were looked up.
        summary.matched = today.len();
        let before = finals(day(1001, 0), &mut summary);
        let ends = [before.first(), before.last()].map(|row| row.unwrap().listing.transaction_id.as_str());
        assert_eq!((before.len(), ends, summary.skipped), (1000, ["1000", "1"], 1));
        assert_eq!((summary.rows, summary.failed), (5001, 0));
    }
}
