//! The time, from the runtime: a Worker's clock moves only with I/O, which is exact enough for tickets and timelines.

use js_sys::Date;
use wasm_bindgen::JsValue;

/// Milliseconds since 1970.
#[allow(clippy::cast_possible_truncation)] // `Date.now()` is a whole number, exact until the year 287396.
pub(crate) fn now_ms() -> i64 {
    Date::now() as i64
}

/// Seconds since 1970.
pub(crate) fn now_s() -> i64 {
    now_ms() / 1000
}

/// The day, in UTC.
pub(crate) fn today() -> Option<time::Date> {
    time::OffsetDateTime::from_unix_timestamp(now_s())
        .ok()
        .map(|now| now.date())
}

/// A time of ours as RFC 3339 in UTC, with milliseconds.
pub(crate) fn rfc3339(ms: i64) -> String {
    #[allow(clippy::cast_precision_loss)] // Exact until the year 287396.
    let date = Date::new(&JsValue::from_f64(ms as f64));
    date.to_iso_string().into()
}
