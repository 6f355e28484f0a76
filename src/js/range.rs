//! The windows of `Gateway.transactions`: any range of days, in pieces that the gateway lists.

use serde_json::{Map, Value};
use time::{Date, OffsetDateTime};
use wasm_bindgen::JsValue;

use super::error::Refused;
use super::host::define;
use super::options::{object, signal_in};
use crate::operation::ListTransactions;
use crate::read::calendar;
use crate::read::violation::Violation;

/// More days than this are a mistake in a date: thousands of calls.
const MAX_DAYS: i64 = 20 * 366;

/// Reads `{ from?, to?, signal? }` and gives `{ windows, signal }`: the requests that cover the range, in order. Without a last day it is today, without a first
/// one the last.
pub(super) fn read(given: &JsValue) -> Result<JsValue, Refused> {
    let mut data = object(given, "signal")?;
    let mut found = Vec::new();
    let signal = signal_in(&mut data, &mut found);
    let mut range = data.object();
    // Each end alone: together they may be further apart than one request allows.
    let from = range.shift_remove("from").unwrap_or_default();
    let to = range.shift_remove("to").unwrap_or_default();
    check(range, &mut found);
    let from = end("from", from, &mut found).and_then(|request| request.from());
    let to = end("to", to, &mut found).and_then(|request| request.to());
    let to = to.or_else(today);
    let (Some(from), Some(to)) = (from.or(to), to) else {
        return Err(data.refuse("", found));
    };
    if to < from {
        let message = "ends before it starts; exchange `from` and `to`";
        found.push(Violation::new("range", message).at("to"));
    }
    if (to - from).whole_days() > MAX_DAYS {
        let message = "is more than 20 years after `from`; ask for less at a time";
        found.push(Violation::new("range", message).at("to"));
    }
    data.finish("", found)?;
    let windows = ListTransactions::windows(from, to).map(|window| {
        let mut days = Map::new();
        for (name, day) in [("from", window.from()), ("to", window.to())] {
            days.extend(day.map(|day| (name.to_owned(), Value::String(calendar::write(day, '-')))));
        }
        Value::Object(days)
    });
    let mut result = Map::new();
    result.insert("windows".to_owned(), Value::Array(windows.collect()));
    let result = js_sys::JSON::parse(&Value::Object(result).to_string())
        .map_err(|_| Violation::new("format", "is no range of days"))?;
    define(&result, "signal", &signal.unwrap_or(JsValue::UNDEFINED));
    Ok(result)
}

/// One end of the range, checked as in a request.
fn end(name: &str, day: Value, found: &mut Vec<Violation>) -> Option<ListTransactions> {
    check(Map::from_iter([(name.to_owned(), day)]), found)
}

fn check(range: Map<String, Value>, found: &mut Vec<Violation>) -> Option<ListTransactions> {
    match ListTransactions::from_value(&Value::Object(range)) {
        Ok(request) => Some(request),
        Err(error) => {
            found.extend(error.into_violations());
            None
        }
    }
}

/// Today (UTC).
fn today() -> Option<Date> {
    let seconds = (js_sys::Date::now() / 1000.0) as i64;
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .map(OffsetDateTime::date)
}
