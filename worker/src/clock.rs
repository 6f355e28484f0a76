//! The time, from the runtime: a Worker's clock moves only with I/O, which is exact enough for tickets and timelines.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

/// RFC 3339 in UTC, always with three digits of milliseconds.
const RFC_3339: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    // A whole number that `i64` holds.
    js_sys::Date::now() as i64
}

/// Seconds since 1970.
pub(crate) fn now_s() -> i64 {
    now_ms() / 1000
}

/// The day, in UTC.
pub(crate) fn today() -> Date {
    utc(now_ms()).date()
}

/// A time in milliseconds since 1970 as RFC 3339 in UTC, with milliseconds.
pub(crate) fn rfc3339(ms: i64) -> String {
    // A date that `time` can hold has each of the parts.
    utc(ms).format(RFC_3339).unwrap_or_default()
}

fn utc(ms: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::milliseconds(ms))
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn a_time_has_milliseconds_even_when_they_are_zero() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_800_000_000_007), "2027-01-15T08:00:00.007Z");
    }
}
