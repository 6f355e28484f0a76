//! What can be wrong with a request before it is sent: every violation at once, never only the first.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// One thing that is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// Where the value is in the JSON body, for example `request.customer.email` or `rows[0].amount`.
    /// Empty when the value was checked on its own, outside of any body.
    pub path: String,
    /// A stable word for programs, in snake case: `required`, `type`, `format`, `range`, `decimals`, `unknown_field`, ….
    pub code: &'static str,
    /// A sentence for people that names the remedy. It never repeats personal data, a card number or a secret.
    pub message: Cow<'static, str>,
}

impl Violation {
    /// A violation of a value on its own; [`Violation::at`] gives it its place.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Violation {
            path: String::new(),
            code,
            message: message.into(),
        }
    }

    /// The same violation, found at `path`.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            f.write_str(&self.path)?;
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Violation {}

/// A value cannot be sent. It holds every violation that was found, in the order of the fields, and is never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError {
    violations: Vec<Violation>,
}

impl ValidationError {
    /// Turns a list of violations into a result: `Ok` when there is none.
    ///
    /// # Errors
    /// All of `violations`, if there is at least one.
    pub fn check(violations: Vec<Violation>) -> Result<(), Self> {
        if violations.is_empty() {
            Ok(())
        } else {
            Err(ValidationError { violations })
        }
    }

    /// Everything that is wrong, at least one entry.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// The violations themselves.
    pub fn into_violations(self) -> Vec<Violation> {
        self.violations
    }
}

impl From<Violation> for ValidationError {
    fn from(violation: Violation) -> Self {
        ValidationError {
            violations: vec![violation],
        }
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.violations.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValidationError {}
