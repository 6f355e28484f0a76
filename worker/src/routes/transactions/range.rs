//! The range of days in a query: `from` and `to` as `DD-MM-YYYY`, both optional.

use edge_cashier::{Day, ListTransactions};
use serde::Deserialize;
use time::{Date, Duration};

use crate::problem::{Code, Problem};

/// A leap year. A longer range is a mistake in a date, or should be several requests.
const MAX_DAYS: i64 = 366;

#[derive(Debug, Default, Deserialize)]
pub(in crate::routes) struct RangeQuery {
    from: Option<String>,
    to: Option<String>,
}

/// Days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) from: Date,
    pub(super) to: Date,
}

impl Range {
    /// Reads the range: without a last day it ends today, without a first one it is the last day alone.
    pub(super) fn read(query: &RangeQuery, today: Date) -> Result<Self, Problem> {
        let to = day("to", query.to.as_deref())?.unwrap_or(today);
        let from = day("from", query.from.as_deref())?.unwrap_or(to);
        let days = (to - from).whole_days() + 1;
        if days < 1 {
            return Err(invalid("to: ends before `from`; exchange the two"));
        }
        if days > MAX_DAYS {
            return Err(invalid(format!(
                "from: {days} days up to `to`; ask for at most {MAX_DAYS}"
            )));
        }
        Ok(Self { from, to })
    }

    /// The ranges that the gateway lists at once, in order.
    pub(super) fn windows(self) -> impl Iterator<Item = Self> {
        let windows = ListTransactions::windows(self.from, self.to);
        windows.filter_map(|window| {
            Some(Self {
                from: window.from()?,
                to: window.to()?,
            })
        })
    }

    /// The days of the range, each as a range.
    pub(super) fn days(self) -> impl DoubleEndedIterator<Item = Self> {
        let days = (self.to - self.from).whole_days();
        (0..=days).map(move |day| {
            let day = self.from.saturating_add(Duration::days(day));
            Self { from: day, to: day }
        })
    }

    /// The part of the range before `window`; its first day where that is nothing.
    pub(super) fn before(self, window: Self) -> Self {
        let to = window.from.saturating_sub(Duration::days(1)).max(self.from);
        Self { from: self.from, to }
    }
}

/// Reads one day.
fn day(name: &str, text: Option<&str>) -> Result<Option<Date>, Problem> {
    let day = text.map(Day::parse).transpose();
    let day = day.map_err(|violation| invalid(violation.at(name).to_string()))?;
    Ok(day.map(|Day(date)| date))
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidQuery, detail)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use time::macros::date;

    use super::*;

    fn read(from: Option<&str>, to: Option<&str>) -> Result<Range, Problem> {
        let query = RangeQuery {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        Range::read(&query, date!(2026 - 11 - 26))
    }

    #[test]
    fn what_is_left_out_is_today_or_the_other_end() {
        let range = |from, to| Range { from, to };
        let today = date!(2026 - 11 - 26);
        assert_eq!(read(None, None).unwrap(), range(today, today));
        assert_eq!(
            read(Some("20-11-2026"), None).unwrap(),
            range(date!(2026 - 11 - 20), today)
        );
        assert_eq!(
            read(None, Some("01-02-2024")).unwrap(),
            range(date!(2024 - 02 - 01), date!(2024 - 02 - 01))
        );
    }

    #[test]
    fn a_leap_year_is_the_longest_range() {
        assert!(read(Some("01-01-2024"), Some("31-12-2024")).is_ok());
        let problem = read(Some("01-01-2024"), Some("01-01-2025")).unwrap_err();
        assert!(problem.detail.starts_with("from: 367 days"), "{}", problem.detail);
    }

    #[test]
    fn a_window_has_each_of_its_days_and_what_was_before_it() {
        let range = read(Some("25-02-2024"), Some("11-03-2024")).unwrap();
        let windows: Vec<Range> = range.windows().collect();
        let texts = |ranges: &[Range]| -> Vec<String> {
            let text = |range: &Range| format!("{} {}", Day(range.from), Day(range.to));
            ranges.iter().map(text).collect()
        };
        assert_eq!(
            texts(&windows),
            [
                "25-02-2024 02-03-2024",
                "03-03-2024 09-03-2024",
                "10-03-2024 11-03-2024"
            ]
        );
        let days: Vec<Range> = windows.last().unwrap().days().collect();
        assert_eq!(texts(&days), ["10-03-2024 10-03-2024", "11-03-2024 11-03-2024"]);
        let before: Vec<Range> = windows.iter().map(|window| range.before(*window)).collect();
        assert_eq!(
            texts(&before),
            [
                "25-02-2024 25-02-2024",
                "25-02-2024 02-03-2024",
                "25-02-2024 09-03-2024"
            ]
        );
    }

    #[test]
    fn what_is_wrong_names_its_parameter() {
        for (from, to, named) in [
            (Some("2024-01-01"), None, "from: "),
            (Some(""), None, "from: "),
            (Some("01-13-2024"), None, "from: "),
            (Some("30-02-2024"), None, "from: "),
            (None, Some("1-1-2024"), "to: "),
            (Some("02-01-2024"), Some("01-01-2024"), "to: "),
            // It would begin tomorrow and end today.
            (Some("27-11-2026"), None, "to: "),
        ] {
            let problem = read(from, to).unwrap_err();
            assert_eq!(problem.code, Code::InvalidQuery);
            assert!(problem.detail.starts_with(named), "{}", problem.detail);
        }
    }
}
