//! Dates as the gateway writes them: the day first.
//!
//! The calendar is the crate `time`'s. Its parser reads a format description at run time (some 20 KB of wasm), so the two
//! fixed shapes `DD/MM/YYYY` and `DD-MM-YYYY` are taken apart here.

use time::{Date, Month};

/// Why a text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotADate {
    /// Not two digits, two digits and four digits with the separator between them.
    Shape,
    /// A date only if the month came first.
    MonthFirst,
    /// No such day in the calendar.
    NoSuchDay,
}

/// Reads `DD?MM?YYYY`, where `?` is the separator.
pub(crate) fn parse(text: &str, separator: char) -> Result<Date, NotADate> {
    let mut parts = text.split(separator);
    let (Some(day), Some(month), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(NotADate::Shape);
    };
    let (Some(day), Some(month), Some(year)) = (number(day, 2), number(month, 2), number(year, 4)) else {
        return Err(NotADate::Shape);
    };
    date(year, month, day).ok_or(if date(year, day, month).is_some() {
        NotADate::MonthFirst
    } else {
        NotADate::NoSuchDay
    })
}

/// Writes `DD?MM?YYYY`.
pub(crate) fn write(date: Date, separator: char) -> String {
    let (year, month, day) = date.to_calendar_date();
    let month = u8::from(month);
    format!("{day:02}{separator}{month:02}{separator}{year:04}")
}

fn number(text: &str, length: usize) -> Option<u16> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn date(year: u16, month: u16, day: u16) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}
