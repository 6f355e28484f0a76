//! Reads an object field by field and reports everything that is wrong with it, each problem with its path.
//!
//! A reader names each field once, in the reference's order; what it did not name is unknown. Rules over several fields are ordinary code between the
//! fields: they run whatever else is wrong.

use serde_json::{Map, Value};

use super::suggest::unknown_field;
use super::violation::Violation;

/// The field under which a caller gives what the reference does not know.
const EXTRA: &str = "extra";

/// A type that is read from JSON.
pub(crate) trait Read: Sized {
    /// The value, or `None` when something was reported.
    fn read(value: &Value, at: &Place<'_>, found: &mut Vec<Violation>) -> Option<Self>;
}

/// Where a value stands: a field of an object.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    /// The object's path; empty at the top.
    pub(crate) object: &'p str,
    /// The field's name; empty for the object itself.
    pub(crate) field: &'p str,
}

impl Place<'_> {
    /// `request.customer.email`
    pub(crate) fn path(&self) -> String {
        match (self.object, self.field) {
            (object, "") => object.to_owned(),
            ("", field) => field.to_owned(),
            (object, field) => format!("{object}.{field}"),
        }
    }

    /// A violation of the value that stands here.
    pub(crate) fn report(&self, violation: Violation, found: &mut Vec<Violation>) {
        found.push(violation.at(self.path()));
    }

    /// A value of another type than `wanted`; `remedy` begins with a semicolon or is empty.
    pub(crate) fn wrong_type(&self, wanted: &str, value: &Value, remedy: &str, found: &mut Vec<Violation>) {
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.report(
            Violation::new("type", format!("must be {wanted}, is {is}{remedy}")),
            found,
        );
    }
}

/// The fields of one object.
pub(crate) struct Fields<'v, 'f> {
    object: &'v Map<String, Value>,
    path: String,
    /// The names that the reader has asked for.
    known: Vec<&'static str>,
    /// How much had been found before this object: unknown names are listed there, before the fields.
    start: usize,
    found: &'f mut Vec<Violation>,
}

impl<'v, 'f> Fields<'v, 'f> {
    /// Opens an object; anything else is reported.
    pub(crate) fn of(value: &'v Value, at: &Place<'_>, found: &'f mut Vec<Violation>) -> Option<Self> {
        let Value::Object(object) = value else {
            at.wrong_type("an object", value, "", found);
            return None;
        };
        Some(Fields {
            object,
            path: at.path(),
            known: Vec::new(),
            start: found.len(),
            found,
        })
    }

    /// A field that may be missing; `null` means that it is.
    pub(crate) fn optional<T: Read>(&mut self, name: &'static str) -> Option<T> {
        let value = self.value(name)?;
        let at = Place {
            object: &self.path,
            field: name,
        };
        T::read(value, &at, self.found)
    }

    /// A field that has to be there; `remedy` says what to give.
    pub(crate) fn required<T: Read>(&mut self, name: &'static str, remedy: &str) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.known.push(name);
            self.report(name, Violation::new("required", format!("missing; {remedy}")));
            return None;
        }
        self.optional(name)
    }

    /// The fields that the reference does not know, after all others: what has a field of its own is refused here.
    pub(crate) fn extra(&mut self) -> Map<String, Value> {
        let Some(extra) = self.optional::<Map<String, Value>>(EXTRA) else {
            return Map::new();
        };
        let at = Place {
            object: &self.path,
            field: EXTRA,
        };
        known_twice(&extra, &self.known, &at.path(), self.found);
        extra
    }

    /// Reports a rule's answer at one of the fields.
    pub(crate) fn check(&mut self, name: &str, rule: Result<(), Violation>) {
        if let Err(violation) = rule {
            self.report(name, violation);
        }
    }

    /// Reports every name that was not asked for.
    pub(crate) fn finish(self) {
        let unknown = self.object.keys().filter(|name| !self.known.contains(&&***name));
        let unknown: Vec<Violation> = unknown
            .map(|name| unknown_field(&self.path, name, &self.known))
            .collect();
        self.found.splice(self.start..self.start, unknown);
    }

    fn report(&mut self, field: &str, violation: Violation) {
        let at = Place {
            object: &self.path,
            field,
        };
        at.report(violation, self.found);
    }

    fn value(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }
}

/// Refuses further fields that would write over known ones.
pub(crate) fn known_twice(
    extra: &Map<String, Value>,
    known: &[&str],
    path: &str,
    found: &mut Vec<Violation>,
) {
    for name in extra.keys().filter(|name| known.contains(&&***name)) {
        let message = format!("`{name}` has a field of its own; give it there, not under `extra`");
        found.push(Violation::new("known_field", message).at(format!("{path}.{name}")));
    }
}

/// A free object.
impl Read for Map<String, Value> {
    fn read(value: &Value, at: &Place<'_>, found: &mut Vec<Violation>) -> Option<Self> {
        match value {
            Value::Object(map) => Some(map.clone()),
            other => {
                at.wrong_type("an object", other, "", found);
                None
            }
        }
    }
}

impl Read for bool {
    fn read(value: &Value, at: &Place<'_>, found: &mut Vec<Violation>) -> Option<Self> {
        value.as_bool().or_else(|| {
            at.wrong_type("true or false", value, "", found);
            None
        })
    }
}

/// Any text.
impl Read for String {
    fn read(value: &Value, at: &Place<'_>, found: &mut Vec<Violation>) -> Option<Self> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) => {
                at.wrong_type("a string", value, "; put it in quotes", found);
                None
            }
            _ => {
                at.wrong_type("a string", value, "", found);
                None
            }
        }
    }
}

/// Implements [`Read`] for a type that is made of a string by a function `fn(&str) -> Result<Self, impl Into<Violation>>`.
macro_rules! read_from_text {
    ($type:ty, $parse:expr) => {
        impl $crate::read::fields::Read for $type {
            fn read(
                value: &serde_json::Value,
                at: &$crate::read::fields::Place<'_>,
                found: &mut Vec<$crate::read::violation::Violation>,
            ) -> Option<Self> {
                let text = <String as $crate::read::fields::Read>::read(value, at, found)?;
                match $parse(&text) {
                    Ok(read) => Some(read),
                    Err(violation) => {
                        at.report(violation.into(), found);
                        None
                    }
                }
            }
        }
    };
}

pub(crate) use read_from_text;
