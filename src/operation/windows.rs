//! Any range of days as requests that the gateway takes.

use serde_json::Value;
use time::{Date, Duration};

use super::list_transactions::ListTransactions;

/// Whether "7 days" counts both ends is not said. A window of seven calendar days is right either way.
const WINDOW: Duration = Duration::days(6);

impl ListTransactions {
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
}

impl Windows {
    /// Leaves out of a window's rows the transactions that an earlier window had, or this one before: a transaction may change its date between two calls. `add` adds an id
    /// to those that were seen, and says whether it is new. A row without an id is kept.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    ///
    /// let mut seen = BTreeSet::new();
    /// let mut rows = vec![serde_json::json!({"transaction_id": "a"}), serde_json::json!({"transaction_id": "a"}), serde_json::json!({})];
    /// edge_cashier::Windows::keep_new(&mut rows, |id| seen.insert(id.to_owned()));
    /// assert_eq!(rows.len(), 2);
    /// ```
    pub fn keep_new(rows: &mut Vec<Value>, mut add: impl FnMut(&str) -> bool) {
        rows.retain(|row| {
            let id = row.get("transaction_id").and_then(Value::as_str);
            id.is_none_or(&mut add)
        });
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
        ListTransactions::new(Some(from), Some(to)).ok()
    }
}
