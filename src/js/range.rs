//! The windows of `Gateway.transactions`: any range of days, in pieces that the gateway lists.

use serde_json::Value;
use time::{Date, OffsetDateTime};
use wasm_bindgen::JsValue;

use super::error::Refused;
use super::host::define;
use super::options::{object, signal_in, unreadable};
use crate::operation::{Day, ListTransactions};
use crate::read::fields::{Fields, Place};
use crate::read::report::Report;
use crate::read::violation::Violation;

/// More days than this are a mistake in a date: thousands of calls.
const MAX_DAYS: i64 = 20 * 366;

/// Reads `{ from?, to?, signal? }` and gives `{ windows, signal }`: the requests that cover the range, in order. Without a last day it is today, without a first
/// one the last.
pub(super) fn read(given: &JsValue) -> Result<JsValue, Refused> {
    let mut data = object(given, "signal")?;
    let mut report = Report::default();
    let signal = signal_in(&mut data, &mut report);
    let range = Value::Object(data.object());
    let Some(mut fields) = Fields::of(&range, &Place::TOP, &mut report) else {
        return Err(data.refuse("", report.into_violations()));
    };
    let from = fields.optional("from").map(|Day(day)| day);
    let to = fields.optional("to").map(|Day(day)| day).or_else(today);
    let _: Option<bool> = fields.optional("signal");
    fields.finish();
    let (Some(from), Some(to)) = (from.or(to), to) else {
        return Err(data.refuse("", report.into_violations()));
    };
    if to < from {
        let message = "ends before it starts; exchange `from` and `to`";
        report.add(Violation::new("range", message).at("to"));
    }
    if (to - from).whole_days() > MAX_DAYS {
        let message = "is more than 20 years after `from`; ask for less at a time";
        report.add(Violation::new("range", message).at("to"));
    }
    data.finish("", report.into_violations())?;
    let windows: Vec<_> = ListTransactions::windows(from, to).collect();
    let result = js_sys::Object::new();
    define(
        &result,
        "windows",
        &serde_wasm_bindgen::to_value(&windows).map_err(|_| unreadable("from"))?,
    );
    define(&result, "signal", &signal.unwrap_or(JsValue::UNDEFINED));
    Ok(result.into())
}

/// Returns today's date (UTC).
pub(super) fn today() -> Option<Date> {
    let seconds = (js_sys::Date::now() / 1000.0) as i64;
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .map(OffsetDateTime::date)
}
