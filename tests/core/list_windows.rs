//! Ranges of days for the list of transactions.

use edge_cashier::ListTransactions;
use proptest::prelude::*;
use serde_json::json;
use time::macros::date;
use time::{Date, Duration};

use crate::support::found;

/// Every day of the windows, one by one, stepping through the calendar a day at a time.
fn days(from: Date, to: Date) -> Vec<Date> {
    let mut days = Vec::new();
    for window in ListTransactions::windows(from, to) {
        let (first, last) = (window.from().unwrap(), window.to().unwrap());
        assert!(
            first <= last && (last - first).whole_days() <= 6,
            "at most seven days: {first} to {last}"
        );
        let mut day = first;
        loop {
            days.push(day);
            if day == last {
                break;
            }
            day = day.next_day().unwrap();
        }
    }
    days
}

/// The same days, counted by their number in the calendar and not by the windows.
fn expected(from: Date, to: Date) -> Vec<Date> {
    (from.to_julian_day()..=to.to_julian_day())
        .map(|day| Date::from_julian_day(day).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn windows_cover_every_day_once(start in 0i32..20_000, length in -3i32..800) {
        let from = date!(1990 - 01 - 01) + Duration::days(start.into());
        let to = from + Duration::days(length.into());
        prop_assert_eq!(days(from, to), expected(from, to));
    }
}

#[test]
fn windows_cover_leap_days_and_ends_of_years() {
    for (from, to) in [
        (date!(2024 - 02 - 20), date!(2024 - 03 - 10)),
        (date!(2023 - 02 - 20), date!(2023 - 03 - 10)),
        (date!(2100 - 02 - 26), date!(2100 - 03 - 02)),
        (date!(2000 - 02 - 29), date!(2000 - 02 - 29)),
        (date!(2023 - 12 - 25), date!(2024 - 01 - 07)),
        (date!(2023 - 12 - 31), date!(2024 - 12 - 31)),
        (date!(9999 - 12 - 20), Date::MAX),
    ] {
        assert_eq!(days(from, to), expected(from, to), "{from} to {to}");
    }
    assert_eq!(
        ListTransactions::windows(date!(2024 - 01 - 02), date!(2024 - 01 - 01)).count(),
        0
    );
    assert_eq!(
        ListTransactions::windows(date!(2024 - 01 - 01), date!(2024 - 01 - 07)).count(),
        1
    );
    assert_eq!(
        ListTransactions::windows(date!(2024 - 01 - 01), date!(2024 - 01 - 08)).count(),
        2
    );
}

#[test]
fn more_than_seven_days_are_refused_with_the_remedy() {
    let list = |from: &str, to: &str| {
        ListTransactions::from_value(&json!({"from": from, "to": to})).map_err(|error| {
            let violation = &error.violations()[0];
            (violation.path.clone(), violation.code, violation.message.clone())
        })
    };
    assert!(list("01-08-2024", "08-08-2024").is_ok());
    let (path, code, message) = list("01-08-2024", "09-08-2024").unwrap_err();
    assert_eq!((path.as_str(), code), ("to", "range"));
    assert!(message.contains("windows"), "{message}");
    assert!(
        list("28-02-2024", "07-03-2024").is_err() && list("28-02-2023", "07-03-2023").is_ok(),
        "a leap day is a day"
    );
    assert_eq!(list("02-08-2024", "01-08-2024").unwrap_err().1, "range");
    assert!(list("01-08-2024", "01-08-2024").is_ok());
}

#[test]
fn days_are_written_day_first() {
    let message = |from: &str| {
        ListTransactions::from_value(&json!({ "from": from }))
            .unwrap_err()
            .violations()[0]
            .message
            .clone()
    };
    for (bad, says) in [
        ("2024-08-01", "DD-MM-YYYY"),
        ("01/08/2024", "DD-MM-YYYY"),
        ("08-31-2024", "month first"),
        ("31-06-2024", "no such day"),
        ("30-02-2024", "no such day"),
        ("", "DD-MM-YYYY"),
    ] {
        assert!(message(bad).contains(says), "{bad}: {}", message(bad));
    }
    let error = ListTransactions::from_value(&json!({"from": "x", "to": 5, "form": 1})).unwrap_err();
    assert_eq!(
        found(&error),
        [("form", "unknown_field"), ("from", "format"), ("to", "type")]
    );
}
