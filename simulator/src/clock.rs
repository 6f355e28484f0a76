//! Instants (Unix time in milliseconds) and the forms in which the gateway writes dates. Everything is UTC.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// A day has no other length in UTC.
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const DAY_FIRST: &[BorrowedFormatItem<'_>] = format_description!("[day]-[month]-[year]");
const DATE_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const TIME: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]:[second]");

/// Now.
pub(crate) fn now() -> i64 {
    i64::try_from(worker::Date::now().as_millis()).unwrap_or_default()
}

fn date_time(instant: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(instant) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `2026-11-23T10:00:00.123Z`.
pub(crate) fn rfc3339(instant: i64) -> String {
    date_time(instant).format(&Rfc3339).unwrap_or_default()
}

/// An instant in JSON: RFC 3339, UTC.
pub(crate) fn serialize<S: serde::Serializer>(instant: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*instant))
}

/// An instant in JSON, or `null`.
pub(crate) fn serialize_optional<S: serde::Serializer>(
    instant: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match instant {
        Some(instant) => serialize(instant, serializer),
        None => serializer.serialize_none(),
    }
}

/// `2024-07-05 11:53:25`, the form of `transaction_date`.
pub(crate) fn transaction_date(instant: i64) -> String {
    date_time(instant).format(DATE_TIME).unwrap_or_default()
}

/// `11:53:25`, for people.
pub(crate) fn time_of_day(instant: i64) -> String {
    date_time(instant).format(TIME).unwrap_or_default()
}

/// The first instant of the day that `DD-MM-YYYY` names, if it is a date.
pub(crate) fn start_of_day(text: &str) -> Option<i64> {
    // `[day]` also takes one digit with a sign or a blank in some versions: the form is fixed, so its length is checked.
    if text.len() != "DD-MM-YYYY".len() {
        return None;
    }
    let date = Date::parse(text, DAY_FIRST).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp() * 1000)
}

/// The first instant of the day of an instant.
pub(crate) fn day_of(instant: i64) -> i64 {
    instant - instant.rem_euclid(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::{day_of, rfc3339, start_of_day, transaction_date};

    // 1720180405000 is Date.UTC(2024, 6, 5, 11, 53, 25), made by Node.
    const INSTANT: i64 = 1_720_180_405_000;

    #[test]
    fn instants_are_written_in_the_gateways_form() {
        assert_eq!(transaction_date(INSTANT), "2024-07-05 11:53:25");
        assert_eq!(rfc3339(INSTANT), "2024-07-05T11:53:25Z");
    }

    #[test]
    fn only_day_first_dates_are_read() {
        assert_eq!(start_of_day("05-07-2024"), Some(day_of(INSTANT)));
        for wrong in [
            "2024-07-05",
            "5-7-2024",
            "31-02-2024",
            "05/07/2024",
            "05-07-24",
            "",
        ] {
            assert_eq!(start_of_day(wrong), None, "{wrong}");
        }
    }
}
