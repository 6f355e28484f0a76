//! `list_transactions`: the transactions of a range of days.
//!
//! Query `from` and `to` as `DD-MM-YYYY`, both optional (without either: today), at most 7 days apart; reply an array of
//! transactions. May be sent as often as one likes.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;
use time::Date;

use super::body::Wire;
use super::name::OperationName;
use super::{Operation, from_json};
use crate::read::calendar::{self, NotADate};
use crate::read::fields::{Fields, Place, read_from_text};
use crate::read::reply::{Reply, Unexpected};
use crate::read::report::Report;
use crate::read::violation::{ValidationError, Violation};
use crate::transaction::Transaction;

/// The reference: "maximum range between dates it's 7 days".
const MAX_DAYS_APART: i64 = 7;

/// Lists the transactions of a range of days, both ends included; today's without either.
#[serde_with::skip_serializing_none]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
pub struct ListTransactions {
    /// First day as `DD-MM-YYYY`.
    from: Option<Day>,
    /// Last day as `DD-MM-YYYY`.
    to: Option<Day>,
}

from_json!(ListTransactions);

impl ListTransactions {
    /// Lists from one day to another. Without either end the gateway takes today.
    ///
    /// # Errors
    /// An end before the start, or more than 7 days between them: then use [`ListTransactions::windows`].
    pub fn new(from: Option<Date>, to: Option<Date>) -> Result<Self, Violation> {
        check_range(from, to).map_err(|violation| violation.at("to"))?;
        for (path, date) in [("from", from), ("to", to)] {
            if date.is_some_and(|date| !(0..=9999).contains(&date.year())) {
                return Err(Violation::new("range", "the year must have four digits").at(path));
            }
        }
        Ok(ListTransactions {
            from: from.map(Day),
            to: to.map(Day),
        })
    }

    /// The first day.
    pub fn from(&self) -> Option<Date> {
        self.from.map(|Day(date)| date)
    }

    /// The last day.
    pub fn to(&self) -> Option<Date> {
        self.to.map(|Day(date)| date)
    }
}

/// A day as the gateway writes it: `DD-MM-YYYY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "js", derive(tsify::Tsify), tsify(type = "string"))]
pub struct Day(pub Date);

impl Day {
    /// Reads a day.
    ///
    /// # Errors
    /// A text that is none, with the form that is meant.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        calendar::parse(text, '-').map(Day).map_err(|error| {
            let message = match error {
                NotADate::Shape => "write the day as DD-MM-YYYY, for example 01-08-2024",
                NotADate::MonthFirst => {
                    "is a date only when read month first; write the day first (DD-MM-YYYY)"
                }
                NotADate::NoSuchDay => "no such day in the calendar; write the day as DD-MM-YYYY",
            };
            Violation::new("format", message)
        })
    }
}

read_from_text!(Day, Day::parse);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&calendar::write(self.0, '-'))
    }
}

fn check_range(from: Option<Date>, to: Option<Date>) -> Result<(), Violation> {
    let (Some(from), Some(to)) = (from, to) else {
        return Ok(());
    };
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

impl Operation for ListTransactions {
    const NAME: OperationName = OperationName::ListTransactions;
    const ROUTE: (&'static str, &'static str) = ("GET", "/transactions");
    const MAY_BE_SENT_TWICE: bool = true;
    type Reply = Vec<Transaction>;

    /// `{"from"?: "DD-MM-YYYY", "to"?: "DD-MM-YYYY"}`; `null` is today.
    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        if value.is_null() {
            return Some(ListTransactions::default());
        }
        let mut fields = Fields::of(value, &Place::TOP, report)?;
        let range = ListTransactions {
            from: fields.optional("from"),
            to: fields.optional("to"),
        };
        fields.check("to", check_range(range.from(), range.to()));
        fields.finish();
        Some(range)
    }

    fn checked(&self) -> Result<Self, ValidationError> {
        Ok(*self)
    }

    fn wire(&self) -> Wire {
        let day = |name, day: Option<Day>| day.map(|day| (name, day.to_string()));
        Wire::Query(
            [day("from", self.from), day("to", self.to)]
                .into_iter()
                .flatten()
                .collect(),
        )
    }
}

/// A row that is no object says nothing of any transaction and is left out, so that it does not hide the others. Where none is one (`null` means a missing one), it is no list
/// of transactions.
impl Reply for Vec<Transaction> {
    fn read(value: Value) -> Result<Self, Unexpected> {
        let Value::Array(rows) = value else {
            return Err(Unexpected("the reply is not a JSON array"));
        };
        let is_empty = rows.iter().all(Value::is_null);
        let rows: Vec<Value> = rows.into_iter().filter(Value::is_object).collect();
        if rows.is_empty() && !is_empty {
            return Err(Unexpected("no row of the list is a JSON object"));
        }
        rows.into_iter().map(Transaction::read).collect()
    }
}
