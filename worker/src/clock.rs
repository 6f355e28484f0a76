//! The time, from the runtime: a Worker's clock moves only with I/O, which is exact enough for tickets and timelines.

use worker::Date;

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX)
}

/// Seconds since 1970.
pub(crate) fn now_s() -> i64 {
    now_ms() / 1000
}

/// A time of ours as RFC 3339 in UTC, with milliseconds.
pub(crate) fn rfc3339(ms: i64) -> String {
    #[allow(clippy::cast_precision_loss)] // Exact until the year 287396.
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(ms as f64));
    date.to_iso_string().into()
}
