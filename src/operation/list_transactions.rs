//! `list_transactions`: the transactions of a range of days.
//!
//! Query `from` and `to` as `DD-MM-YYYY`, both optional (without either: today), at most 7 days apart; reply an array of
//! transactions. May be sent as often as one likes.

use serde_json::Value;
use time::{Date, Duration};

use super::Operation;
use super::request::{Wire, check_value, reads_json};
use crate::operation::name::OperationName;
use crate::operation::reply::Unexpected;
use crate::read::calendar::{self, NotADate};
use crate::read::object::text;
use crate::read::shape::{Field, Rule, Shape};
use crate::read::violation::{ValidationError, Violation};
use crate::transaction::Transaction;

pub(super) const NO_ARRAY: &str = "the reply is not a JSON array";
/// The reference: "maximum range between dates it's 7 days".
const MAX_DAYS_APART: i64 = 7;
/// Whether "7 days" counts both ends is not said. A window of seven calendar days is right either way.
const WINDOW: Duration = Duration::days(6);

/// Lists the transactions of a range of days, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ListTransactions {
    from: Option<Date>,
    to: Option<Date>,
}

reads_json!(ListTransactions);

impl ListTransactions {
    /// Lists from one day to another. Without either end the gateway takes today.
    ///
    /// # Errors
    /// An end before the start, or more than 7 days between them: then use [`ListTransactions::windows`].
    pub fn new(from: Option<Date>, to: Option<Date>) -> Result<Self, Violation> {
        if let (Some(from), Some(to)) = (from, to) {
            check_range(from, to).map_err(|violation| violation.at("to"))?;
        }
        for (path, date) in [("from", from), ("to", to)] {
            if date.is_some_and(|date| !(0..=9999).contains(&date.year())) {
                return Err(Violation::new("range", "the year must have four digits").at(path));
            }
        }
        Ok(ListTransactions { from, to })
    }

    /// Splits any range into requests of at most 7 calendar days: in order, no day twice, none missing. Empty when `to` is before `from`.
    ///
    /// ```
    /// use edge_cashier::ListTransactions;
    /// use time::macros::date;
    ///
    /// let windows: Vec<_> = ListTransactions::windows(date!(2024 - 02 - 25), date!(2024 - 03 - 04)).collect();
    /// assert_eq!(windows[0].to(), Some(date!(2024 - 03 - 02)));
    /// assert_eq!(windows[1].from(), Some(date!(2024 - 03 - 03)));
    /// assert_eq!(windows.len(), 2);
    /// ```
    pub fn windows(from: Date, to: Date) -> Windows {
        Windows { next: Some(from), to }
    }

    /// The first day.
    pub fn from(&self) -> Option<Date> {
        self.from
    }

    /// The last day.
    pub fn to(&self) -> Option<Date> {
        self.to
    }
}

/// The requests that cover a range of days; see [`ListTransactions::windows`].
#[derive(Clone, Debug)]
pub struct Windows {
    next: Option<Date>,
    to: Date,
}

impl Iterator for Windows {
    type Item = ListTransactions;

    fn next(&mut self) -> Option<ListTransactions> {
        let from = self.next.filter(|from| *from <= self.to)?;
        let to = from.checked_add(WINDOW).map_or(self.to, |end| end.min(self.to));
        self.next = to.next_day();
        Some(ListTransactions {
            from: Some(from),
            to: Some(to),
        })
    }
}

/// A range of days of at most a week.
pub(super) static DAYS: Shape = Shape {
    fields: &[
        Field::new("from", Rule::Text(check_day)),
        Field::new("to", Rule::Text(check_day)),
    ],
    also: |range, _, report| {
        let day = |name| range.text(name).and_then(|text| parse(text).ok());
        if let (Some(from), Some(to)) = (day("from"), day("to")) {
            report.keep(|| "to".to_owned(), check_range(from, to));
        }
    },
};

fn check_day(text: &str) -> Result<(), Violation> {
    parse(text).map(drop)
}

fn check_range(from: Date, to: Date) -> Result<(), Violation> {
    let apart = (to - from).whole_days();
    if apart < 0 {
        return Err(Violation::new(
            "range",
            "ends before it starts; exchange `from` and `to`",
        ));
    }
    if apart > MAX_DAYS_APART {
        return Err(Violation::new(
            "range",
            format!(
                "{apart} days after `from`, and the gateway lists at most 7; ask for windows of at most 7 days, one after the other"
            ),
        ));
    }
    Ok(())
}

fn parse(text: &str) -> Result<Date, Violation> {
    calendar::parse(text, '-').map_err(|error| {
        let message = match error {
            NotADate::Shape => "write the day as DD-MM-YYYY, for example 01-08-2024",
            NotADate::MonthFirst => "is a date only when read month first; write the day first (DD-MM-YYYY)",
            NotADate::NoSuchDay => "no such day in the calendar; write the day as DD-MM-YYYY",
        };
        Violation::new("format", message)
    })
}

impl Operation for ListTransactions {
    const NAME: OperationName = OperationName::ListTransactions;
    type Reply = Vec<Transaction>;

    /// `{"from"?: "DD-MM-YYYY", "to"?: "DD-MM-YYYY"}`; `null` is today.
    fn read(value: &Value) -> Result<Self, ValidationError> {
        check_value(Self::NAME, value)?;
        let day = |name| text(value, name).and_then(|text| parse(text).ok());
        Ok(ListTransactions::new(day("from"), day("to"))?)
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        let day =
            |name: &'static str, date: Option<Date>| date.map(|date| (name, calendar::write(date, '-')));
        Ok(Wire::Query(
            [day("from", self.from), day("to", self.to)]
                .into_iter()
                .flatten()
                .collect(),
        ))
    }

    fn reply(value: Value) -> Result<Vec<Transaction>, Unexpected> {
        match value {
            Value::Array(rows) => rows.into_iter().map(Transaction::read).collect(),
            _ => Err(Unexpected(NO_ARRAY)),
        }
    }
}
