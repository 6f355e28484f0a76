//! Instants (Unix time in milliseconds) and the forms in which the gateway writes dates. Everything is UTC.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const DAY_FIRST: &[BorrowedFormatItem<'_>] = format_description!("[day]-[month]-[year]");
const DATE_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const TIME: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]:[second]");

/// Returns the current instant.
pub(crate) fn now() -> i64 {
    i64::try_from(worker::Date::now().as_millis()).unwrap_or_default()
}

fn date_time(instant: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(instant) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Writes `2026-11-23T10:00:00.123Z`.
pub(crate) fn rfc3339(instant: i64) -> String {
    date_time(instant).format(&Rfc3339).unwrap_or_default()
}

/// Writes an instant in JSON: RFC 3339, UTC.
pub(crate) fn serialize<S: Serializer>(instant: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    rfc3339(*instant).serialize(serializer)
}

/// Reads what [`serialize`] has written.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let instant = OffsetDateTime::parse(&text, &Rfc3339).map_err(serde::de::Error::custom)?;
    let milliseconds = instant.unix_timestamp_nanos() / 1_000_000;
    i64::try_from(milliseconds).map_err(serde::de::Error::custom)
}

/// Writes an instant in JSON, or `null`.
pub(crate) fn serialize_optional<S: Serializer>(
    instant: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    instant.map(rfc3339).serialize(serializer)
}

/// Writes `2024-07-05 11:53:25`, the form of `transaction_date`.
pub(crate) fn transaction_date(instant: i64) -> String {
    date_time(instant).format(DATE_TIME).unwrap_or_default()
}

/// Writes `11:53:25`, for people.
pub(crate) fn time_of_day(instant: i64) -> String {
    date_time(instant).format(TIME).unwrap_or_default()
}

/// Returns today.
pub(crate) fn today() -> Date {
    date_time(now()).date()
}

/// Reads `DD-MM-YYYY`.
pub(crate) fn parse_day(text: &str) -> Option<Date> {
    // A year may have a sign and more digits: the form is fixed, so its length is checked.
    let is_of_form = text.len() == "DD-MM-YYYY".len();
    Date::parse(text, DAY_FIRST).ok().filter(|_| is_of_form)
}

/// Returns the first instant of a day.
pub(crate) fn midnight(day: Date) -> i64 {
    day.midnight().assume_utc().unix_timestamp() * 1000
}

#[cfg(test)]
mod tests {
    use super::{midnight, parse_day, rfc3339, transaction_date};

    // 1720180405000 is Date.UTC(2024, 6, 5, 11, 53, 25), made by Node; 1720137600000 is Date.UTC(2024, 6, 5).
    const INSTANT: i64 = 1_720_180_405_000;
    const MIDNIGHT: i64 = 1_720_137_600_000;

    #[test]
    fn instants_are_written_in_the_gateways_form() {
        assert_eq!(transaction_date(INSTANT), "2024-07-05 11:53:25");
        assert_eq!(rfc3339(INSTANT), "2024-07-05T11:53:25Z");
    }

    #[test]
    fn only_day_first_dates_are_read() {
        assert_eq!(parse_day("05-07-2024").map(midnight), Some(MIDNIGHT));
        for wrong in [
            "2024-07-05",
            "5-7-2024",
            "31-02-2024",
            "05/07/2024",
            "05-07-24",
            "",
        ] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
    }
}
