//! What was found wrong so far.

use time::Date;

use super::violation::{ValidationError, Violation};

/// Collects violations while a value is read.
#[derive(Default)]
pub struct Report {
    /// The day on which the request is made; without it no date is refused for lying in the future.
    pub(crate) today: Option<Date>,
    violations: Vec<Violation>,
}

impl Report {
    /// An empty report of a reading on that day.
    pub(crate) fn on(today: Option<Date>) -> Self {
        Report {
            today,
            violations: Vec::new(),
        }
    }

    /// Adds a violation; its path is set already.
    pub(crate) fn add(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// Adds what a check says of the value at `path`.
    pub(crate) fn check(&mut self, path: &str, result: Result<(), Violation>) {
        if let Err(violation) = result {
            self.add(violation.at(path));
        }
    }

    /// How much was found.
    pub(crate) fn len(&self) -> usize {
        self.violations.len()
    }

    /// Puts violations before those from `place` on.
    pub(crate) fn insert(&mut self, place: usize, violations: Vec<Violation>) {
        self.violations.splice(place..place, violations);
    }

    /// Everything that was found.
    #[cfg(feature = "js-webhook")]
    pub(crate) fn into_violations(self) -> Vec<Violation> {
        self.violations
    }

    /// The value, if nothing was found wrong with it.
    ///
    /// # Errors
    /// Everything that was found.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, ValidationError> {
        ValidationError::check(self.violations)?;
        value.ok_or_else(|| Violation::new("required", "the request is not complete").into())
    }
}
