//! `GET /v1/transactions/{id}` and `GET /v1/transactions`: what the gateway knows, for the merchant's backend.

mod list_body;
mod range;

use std::collections::{BTreeSet, VecDeque};

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use edge_cashier::retry::{Retry, RetryPolicy, decide};
use edge_cashier::{
    Day, GatewayError, ListTransactions, OperationName, TransactionStatusQuery, ValidationError, Windows,
};
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::Value;
use time::Date;
use worker::Delay;

use self::list_body::{Full, ListBody, MAX_BYTES};
use self::range::{Range, RangeQuery};
use super::App;
use super::extract::{Path, Query, RequestId, tracking_id};
use super::merchant::Merchant;
use crate::config::Config;
use crate::gateway::{self, call};
use crate::problem::{Code, Problem};
use crate::{clock, log};

/// How long all windows together may take: whoever asks has given up long before a year of slow ones is read.
const TIME_LIMIT_S: i64 = 60;

/// The fields of a row that are money; see [`exact`].
const AMOUNTS: [&str; 3] = ["amount", "user_amount", "fx_amount"];

/// The latest state of a payment.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    id: String,
    transaction_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_reason: Option<String>,
}

/// Asks the gateway for the latest state of a payment, by the merchant's id of it.
#[worker::send]
pub(super) async fn status(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
) -> Result<Json<Status>, Problem> {
    let config = &app.config;
    let request = config
        .gateway
        .request(&TransactionStatusQuery::new(tracking_id(&id)?));
    let request = sendable(request)?;
    let reply = call::<TransactionStatusQuery>(&config.gateway, request, config.gateway_timeout).await;
    let reply = reply.map_err(|error| match (failed(&error, &request_id, &id), error.status()) {
        (_, Some(404)) => unknown(),
        (problem, _) => problem,
    })?;
    Ok(Json(Status {
        id,
        transaction_status: reply.transaction_status.as_str().to_owned(),
        rejected_reason: reply.rejected_reason,
    }))
}

/// Lists the transactions of any range of days.
///
/// 1. Read the range; today without one.
/// 2. Ask for one window after the other: the gateway lists at most seven days. A window that is too long for one reply is asked for day by day.
/// 3. Keep each transaction once, as long as there is room in the answer and time for the next window.
///
/// A year is 53 calls, more when some are repeated or a window is split. Cloudflare allows a request 50 on the free plan (some 50 weeks) and 10,000 on the paid ones;
/// beyond that the runtime fails the call, which is answered like a gateway that cannot be reached.
#[worker::send]
pub(super) async fn list(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    query: Result<Query<RangeQuery>, Problem>,
) -> Result<impl IntoResponse, Problem> {
    // (1)
    let Query(query) = query?;
    let range = Range::read(&query, clock::today())?;
    let rows = async |window| rows(&app.config, window, &request_id).await;
    let body = read_all(range, clock::now_ms, rows).await?;
    Ok(([(CONTENT_TYPE, "application/json")], body.finish()))
}

/// Steps 2 and 3 of [`list`].
async fn read_all(
    range: Range,
    now_ms: impl Fn() -> i64,
    rows: impl AsyncFn(Range) -> Result<Option<Vec<Value>>, Problem>,
) -> Result<ListBody, Problem> {
    let mut seen = BTreeSet::new();
    let mut body = ListBody::new(MAX_BYTES);
    let mut windows: VecDeque<Range> = range.windows().collect();
    let end = now_ms() + TIME_LIMIT_S * 1000;
    while let Some(window) = windows.pop_front() {
        if window.from > range.from && now_ms() >= end {
            return Err(range_too_slow(range, window));
        }
        // (2)
        let Some(mut rows) = rows(window).await? else {
            if window.from == window.to {
                return Err(day_too_long(window.from));
            }
            for day in window.days().rev() {
                windows.push_front(day);
            }
            continue;
        };
        // (3)
        Windows::keep_new(&mut rows, |id| seen.insert(id.to_owned()));
        for row in rows {
            body.push(&exact(row))
                .map_err(|Full| range_too_long(range, window))?;
        }
    }
    Ok(body)
}

/// The rows of one window, in the gateway's form, or `None` when they are too many for one reply. A failed call is repeated once if the core allows it.
async fn rows(config: &Config, window: Range, request_id: &str) -> Result<Option<Vec<Value>>, Problem> {
    let policy = RetryPolicy::with_max_retries(1);
    let window = ListTransactions::new(Some(window.from), Some(window.to));
    let window = window.map_err(|violation| Problem::invalid_fields(&violation.into()))?;
    let request = sendable(config.gateway.request(&window))?;
    let mut attempt = 1;
    loop {
        let error = match gateway::list(&config.gateway, request.clone(), config.gateway_timeout).await {
            Ok(None) => return Ok(None),
            Ok(Some(Value::Array(rows))) => return Ok(Some(rows)),
            // The core reads nothing else as a list.
            Ok(Some(_)) => return Err(Problem::internal()),
            Err(error) => error,
        };
        match decide(
            OperationName::ListTransactions,
            attempt,
            &error,
            &policy,
            js_sys::Math::random(),
        ) {
            Retry::After(wait) => Delay::from(wait).await,
            Retry::GiveUp => return Err(failed(&error, request_id, "")),
        }
        attempt += 1;
    }
}

/// There are more transactions than one answer holds.
fn range_too_long(range: Range, window: Range) -> Problem {
    let what = format!("The range has more than {} MiB of transactions", MAX_BYTES >> 20);
    narrower(&what, range, window)
}

/// The gateway takes too long for what one answer holds.
fn range_too_slow(range: Range, window: Range) -> Problem {
    let what = format!("The gateway took more than {TIME_LIMIT_S} seconds for a part of the range");
    narrower(&what, range, window)
}

/// What came before `window` would fit.
fn narrower(what: &str, range: Range, window: Range) -> Problem {
    let fits = range.before(window);
    let detail = format!(
        "{what}. Ask for a narrower one: ?from={}&to={} fits, then go on from the next day.",
        Day(fits.from),
        Day(fits.to),
    );
    Problem::new(Code::TooManyTransactions, detail)
}

/// The gateway lists nothing shorter than a day.
fn day_too_long(day: Date) -> Problem {
    let detail = format!(
        "{} alone has more than {} MiB of transactions, and the gateway lists no less than a day. Leave it out of the range, and look it up in the merchant portal.",
        Day(day),
        gateway::MAX_LIST_BYTES >> 20,
    );
    Problem::new(Code::TooManyTransactions, detail)
}

/// Makes texts of the amounts, of exactly their digits: a JSON number is rounded by most readers.
fn exact(mut row: Value) -> Value {
    for name in AMOUNTS {
        if let Some(amount) = row.get_mut(name).filter(|amount| amount.is_number()) {
            *amount = Value::String(amount.to_string());
        }
    }
    row
}

/// The gateway answers 404 to an id that it does not know, and to every request if its address is wrong.
fn unknown() -> Problem {
    let detail = "The gateway has no payment of this tracking id: the id is wrong, or its customer never got as far as paying. If every id is unknown, check GATEWAY_BASE_URL.";
    Problem::new(Code::TransactionNotFound, detail)
}

fn sendable(request: Result<Request<Vec<u8>>, ValidationError>) -> Result<Request<Vec<u8>>, Problem> {
    request.map_err(|error| Problem::invalid_fields(&error))
}

fn failed(error: &GatewayError, request_id: &str, tracking_id: &str) -> Problem {
    log::gateway_failure(request_id, tracking_id, error);
    gateway::problem(error, "Nothing was read", "the same request may try again")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt;
    use serde_json::json;

    use super::*;

    /// Reads a leap year from a gateway that takes so long for a window; also returns how often it was asked.
    fn year(window_ms: i64) -> (Result<ListBody, Problem>, i64) {
        let query = json!({ "from": "01-01-2024", "to": "31-12-2024" });
        let range = Range::read(&serde_json::from_value(query).unwrap(), Date::MAX).unwrap();
        let asked = Cell::new(0);
        let rows = async |window: Range| {
            asked.set(asked.get() + 1);
            Ok(Some(vec![
                json!({ "transaction_id": Day(window.from).to_string() }),
            ]))
        };
        let read = read_all(range, || asked.get() * window_ms, rows);
        (read.now_or_never().unwrap(), asked.get())
    }

    #[test]
    fn a_slow_gateway_is_given_up_after_a_minute_with_the_part_that_was_read() {
        let (body, asked) = year(1_100);
        assert!(body.is_ok());
        assert_eq!(asked, 53);

        let (body, asked) = year(20_000);
        let problem = body.unwrap_err();
        assert_eq!((problem.code, asked), (Code::TooManyTransactions, 3));
        assert!(
            problem.detail.contains("?from=01-01-2024&to=21-01-2024"),
            "{}",
            problem.detail
        );
        // Whatever the first one takes, there is something to go on from.
        assert_eq!(year(600_000).1, 1);
    }
}
