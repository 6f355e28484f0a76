//! Reads an object field by field and reports everything that is wrong with it, each problem with its path.
//!
//! A reader names each field once, in the reference's order; what it did not name is unknown. Rules over several fields are ordinary code between the
//! fields: they run whatever else is wrong.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::report::Report;
use super::suggest::unknown_field;
use super::violation::Violation;

/// The field under which a caller gives what the reference does not know.
const EXTRA: &str = "extra";

/// A type that is read from JSON.
pub(crate) trait Read: Sized {
    /// The value, or `None` when something was reported.
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self>;
}

/// Where a value is: a field of an object.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    /// The object's path; empty at the top.
    pub(crate) object: &'p str,
    /// The field's name; empty for the object itself.
    pub(crate) field: &'p str,
}

impl Place<'_> {
    /// The value itself, with nothing around it.
    pub(crate) const TOP: Place<'static> = Place {
        object: "",
        field: "",
    };

    /// A field at the top.
    pub(crate) const fn field(name: &str) -> Place<'_> {
        Place {
            object: "",
            field: name,
        }
    }

    /// `request.customer.email`
    pub(crate) fn path(&self) -> String {
        match (self.object, self.field) {
            (object, "") => object.to_owned(),
            ("", field) => field.to_owned(),
            (object, field) => format!("{object}.{field}"),
        }
    }

    /// Reports a violation of the value here.
    pub(crate) fn refuse(&self, violation: Violation, report: &mut Report) {
        report.add(violation.at(self.path()));
    }

    /// Reports a value of another type than `wanted`; `remedy` begins with a semicolon or is empty.
    pub(crate) fn wrong_type(&self, wanted: &str, value: &Value, remedy: &str, report: &mut Report) {
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.refuse(
            Violation::new("type", format!("must be {wanted}, is {is}{remedy}")),
            report,
        );
    }
}

/// The fields of one object.
pub(crate) struct Fields<'v, 'f> {
    object: &'v Map<String, Value>,
    path: String,
    /// The names that the reader has asked for.
    known: Vec<&'static str>,
    /// Names that belong elsewhere, each with what to do about it.
    misplaced: Vec<(&'static str, &'static str)>,
    /// How much had been found before this object: unknown names are listed there, before the fields.
    start: usize,
    report: &'f mut Report,
}

impl<'v, 'f> Fields<'v, 'f> {
    /// Opens an object; anything else is reported.
    pub(crate) fn of(value: &'v Value, at: &Place<'_>, report: &'f mut Report) -> Option<Self> {
        let Value::Object(object) = value else {
            at.wrong_type("an object", value, "", report);
            return None;
        };
        Some(Fields {
            object,
            path: at.path(),
            known: Vec::new(),
            misplaced: Vec::new(),
            start: report.len(),
            report,
        })
    }

    /// A field that may be missing; `null` means that it is.
    pub(crate) fn optional<T: Read>(&mut self, name: &'static str) -> Option<T> {
        let value = self.value(name)?;
        let at = Place {
            object: &self.path,
            field: name,
        };
        T::read(value, &at, self.report)
    }

    /// A field that has to be there; `remedy` says what to give.
    pub(crate) fn required<T: Read>(&mut self, name: &'static str, remedy: &str) -> Option<T> {
        if !self.has(name) {
            self.known.push(name);
            self.refuse(name, Violation::new("required", format!("missing; {remedy}")));
            return None;
        }
        self.optional(name)
    }

    /// The fields that the reference does not know, read after all others: they may not write over one that has a field of its own.
    pub(crate) fn extra(&mut self) -> Map<String, Value> {
        let extra: Map<String, Value> = self.optional(EXTRA).unwrap_or_default();
        for name in extra.keys().filter(|name| self.known.contains(&&***name)) {
            let message = format!("`{name}` has a field of its own; give it there, not under `extra`");
            let path = format!("{}.{name}", self.place(EXTRA).path());
            self.report.add(Violation::new("known_field", message).at(path));
        }
        extra
    }

    /// A field that belongs elsewhere, unless it was asked for: it is unknown here, with a remedy of its own.
    pub(crate) fn misplaced(&mut self, name: &'static str, remedy: &'static str) {
        self.misplaced.push((name, remedy));
    }

    /// Whether a field is there, right or wrong.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// Reports a rule's answer at one of the fields.
    pub(crate) fn check(&mut self, name: &str, rule: Result<(), Violation>) {
        if let Err(violation) = rule {
            self.refuse(name, violation);
        }
    }

    /// Reports every name that was not asked for.
    pub(crate) fn finish(self) {
        let unknown = self.object.keys().filter(|name| !self.known.contains(&&***name));
        let unknown = unknown.filter_map(|name| {
            let misplaced = self.misplaced.iter().find(|(misplaced, _)| misplaced == name);
            match misplaced {
                None => Some(unknown_field(&self.path, name, &self.known)),
                Some((name, remedy)) => self
                    .has(name)
                    .then(|| Violation::new("unknown_field", *remedy).at(self.place(name).path())),
            }
        });
        let unknown: Vec<Violation> = unknown.collect();
        self.report.insert(self.start, unknown);
    }

    fn refuse(&mut self, field: &str, violation: Violation) {
        let path = self.place(field).path();
        self.report.add(violation.at(path));
    }

    fn place<'p>(&'p self, field: &'p str) -> Place<'p> {
        Place {
            object: &self.path,
            field,
        }
    }

    fn value(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }
}

/// A free object.
impl Read for Map<String, Value> {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        match value {
            Value::Object(map) => Some(map.clone()),
            other => {
                at.wrong_type("an object", other, "", report);
                None
            }
        }
    }
}

impl Read for bool {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        value.as_bool().or_else(|| {
            at.wrong_type("true or false", value, "", report);
            None
        })
    }
}

/// A whole number from 1 to 2^53 - 1, which every JSON reader holds exactly.
impl Read for u64 {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        whole_number(value, 1..=9_007_199_254_740_991, at, report)
    }
}

/// A whole number of this range.
pub(crate) fn whole_number(
    value: &Value,
    range: RangeInclusive<u64>,
    at: &Place<'_>,
    report: &mut Report,
) -> Option<u64> {
    match value {
        Value::Number(number) => {
            let found = number.as_u64().filter(|number| range.contains(number));
            if found.is_none() {
                let message = format!(
                    "must be a whole number from {} to {}, written without point or exponent",
                    range.start(),
                    range.end()
                );
                at.refuse(Violation::new("range", message), report);
            }
            found
        }
        _ => {
            let remedy = match value {
                Value::String(_) => "; write it without quotes, spaces, `+` or leading zeros",
                _ => "",
            };
            at.wrong_type("a whole number", value, remedy, report);
            None
        }
    }
}

/// A string, whatever it says.
pub(crate) fn string<'v>(value: &'v Value, at: &Place<'_>, report: &mut Report) -> Option<&'v str> {
    let remedy = match value {
        Value::String(text) => return Some(text),
        Value::Number(_) => "; put it in quotes",
        _ => "",
    };
    at.wrong_type("a string", value, remedy, report);
    None
}

/// Implements [`Read`] for a type that is made of a string by a function `fn(&str) -> Result<Self, impl Into<Violation>>`.
macro_rules! read_from_text {
    ($type:ty, $parse:expr) => {
        impl $crate::read::fields::Read for $type {
            fn read(
                value: &serde_json::Value,
                at: &$crate::read::fields::Place<'_>,
                report: &mut $crate::read::report::Report,
            ) -> Option<Self> {
                let text = $crate::read::fields::string(value, at, report)?;
                match $parse(text) {
                    Ok(read) => Some(read),
                    Err(violation) => {
                        at.refuse(violation.into(), report);
                        None
                    }
                }
            }
        }
    };
}

pub(crate) use read_from_text;
