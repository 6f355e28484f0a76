//! Reads variables by their kinds and collects all that is wrong with them.

use std::fmt;
use std::ops::RangeInclusive;

use edge_cashier::nearest;

use super::secrets;
use crate::problem::{Code, Problem};

/// What is wrong with the configuration: each entry is a variable and the remedy, never a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ConfigError(Vec<Misconfigured>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Misconfigured {
    variable: String,
    remedy: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", problem.variable, problem.remedy)?;
        }
        Ok(())
    }
}

impl From<ConfigError> for worker::Error {
    fn from(error: ConfigError) -> Self {
        Self::RustError(error.to_string())
    }
}

impl ConfigError {
    pub(crate) fn problem(&self) -> Problem {
        Problem::new(Code::Configuration, self.to_string())
    }
}

/// Reads variables and collects what is wrong with them.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    /// The names that were asked for.
    known: Vec<&'static str>,
    problems: Vec<Misconfigured>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            known: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Refuses the configuration if anything is wrong with it.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError(self.problems))
        }
    }

    pub(super) fn wrong(&mut self, variable: &str, remedy: impl Into<String>) {
        self.problems.push(Misconfigured {
            variable: variable.to_owned(),
            remedy: remedy.into(),
        });
    }

    pub(super) fn optional(&mut self, variable: &'static str) -> Option<String> {
        self.known.push(variable);
        (self.lookup)(variable).filter(|value| !value.is_empty())
    }

    /// The value, or an entry among the problems.
    pub(super) fn required(&mut self, variable: &'static str, remedy: &str) -> Option<String> {
        let value = self.optional(variable);
        if value.is_none() {
            self.wrong(variable, format!("is missing; {remedy}"));
        }
        value
    }

    /// A secret that may be missing, and does not come from the merchant portal.
    pub(super) fn optional_secret(&mut self, variable: &'static str) -> Option<String> {
        let secret = self.optional(variable)?;
        match secrets::check(&secret) {
            Ok(()) => Some(secret),
            Err(remedy) => {
                self.wrong(variable, remedy);
                None
            }
        }
    }

    /// The secrets of a variable that may be a list of them.
    pub(super) fn secrets(
        &mut self,
        variable: &str,
        text: &str,
        check: impl Fn(&str) -> Result<(), &'static str>,
    ) -> Option<Vec<String>> {
        let remedies = match secrets::read(text, check) {
            Ok(secrets) => return Some(secrets),
            Err(remedies) => remedies,
        };
        for remedy in remedies {
            self.wrong(variable, remedy);
        }
        None
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, variable: &'static str, unless_given: bool) -> bool {
        match self.optional(variable).as_deref() {
            None => unless_given,
            Some("true") => true,
            Some("false") => false,
            Some(_) => {
                self.wrong(variable, "must be \"true\" or \"false\"");
                unless_given
            }
        }
    }

    /// A whole number of some unit within `range`.
    pub(super) fn number(
        &mut self,
        variable: &'static str,
        unit: &str,
        range: RangeInclusive<u64>,
        unless_given: u64,
    ) -> u64 {
        match self.optional(variable).map(|text| text.trim().parse()) {
            None => unless_given,
            Some(Ok(number)) if range.contains(&number) => number,
            Some(_) => {
                let (first, last) = range.into_inner();
                self.wrong(
                    variable,
                    format!("must be a whole number of {unit} from {first} to {last}"),
                );
                unless_given
            }
        }
    }

    /// Refuses variables that nobody asked for and whose names are slips of known ones, or known ones with something behind: they would be ignored. Others are not ours.
    pub(super) fn slips<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            if self.known.contains(&name) {
                continue;
            }
            let longer = |known: &&&str| {
                let rest = name.strip_prefix(**known);
                rest.is_some_and(|rest| rest.starts_with('_'))
            };
            let meant = nearest(name, &self.known).or_else(|| self.known.iter().find(longer).copied());
            if let Some(meant) = meant {
                self.wrong(
                    name,
                    format!("is not known; did you mean {meant}? Rename or remove it"),
                );
            }
        }
    }
}
