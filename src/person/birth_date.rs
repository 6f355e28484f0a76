//! Dates of birth.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;
use time::Date;

use crate::read::calendar::{self, NotADate};
use crate::read::fields::{Place, Read, string};
use crate::read::report::Report;
use crate::read::violation::Violation;

/// A date of birth. The gateway shows `05/03/2000` and does not say which part is the day; its other dates are day first, so this one is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "js", derive(tsify::Tsify), tsify(type = "string"))]
pub struct BirthDate(Date);

impl BirthDate {
    /// Reads `DD/MM/YYYY`.
    ///
    /// # Errors
    /// Another shape, a date that is one only with the month first, a day that the calendar does not have, a year before 1900.
    /// There is no clock here: [`BirthDate::check_on`] refuses a date in the future.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let message = match calendar::parse(text, '/') {
            Ok(date) => return BirthDate::new(date),
            Err(NotADate::Shape) => {
                "write the date of birth as DD/MM/YYYY, for example 05/03/2000 for the 5th of March 2000"
            }
            Err(NotADate::MonthFirst) => {
                "is a date only when read month first; write the day first (DD/MM/YYYY)"
            }
            Err(NotADate::NoSuchDay) => "no such day in the calendar; write the date of birth as DD/MM/YYYY",
        };
        Err(Violation::new("format", message))
    }

    /// Takes a date of the calendar.
    ///
    /// # Errors
    /// A year before 1900.
    pub fn new(date: Date) -> Result<Self, Violation> {
        if date.year() < 1900 {
            return Err(Violation::new(
                "range",
                "the year of birth is before 1900; check it",
            ));
        }
        Ok(BirthDate(date))
    }

    /// Refuses a birth after that day.
    ///
    /// # Errors
    /// One violation, code `range`.
    pub fn check_on(self, day: Date) -> Result<(), Violation> {
        if self.0 > day {
            return Err(Violation::new("range", "is in the future; check the year"));
        }
        Ok(())
    }

    /// The date.
    pub fn date(self) -> Date {
        self.0
    }
}

impl Read for BirthDate {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let today = report.today;
        let date = BirthDate::parse(string(value, at, report)?);
        date.and_then(|date| today.map_or(Ok(()), |today| date.check_on(today)).map(|()| date))
            .map_err(|violation| at.refuse(violation, report))
            .ok()
    }
}

/// `DD/MM/YYYY`
impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&calendar::write(self.0, '/'))
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate([PERSONAL])")
    }
}

impl Serialize for BirthDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
