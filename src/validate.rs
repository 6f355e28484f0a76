//! The one way in which JSON becomes a request: every violation is collected, none stops the reading.
//!
//! Written here since no crate does it: `deserr`, which was made for many violations at once, turns each number into an
//! integer or a float before its owner sees it, and an amount must be read from its text. Nothing here is generic over the
//! types it reads, so eight operations share the same few functions in the wasm.
//!
//! In JavaScript a field that is `null` mostly means one that is not there, so `null` is read as absent.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::amount::Amount;
use crate::error::{ValidationError, Violation};
use crate::json_read::parse;
use crate::redact::redact;

/// The field under which a caller gives what the reference does not know.
pub(crate) const EXTRA: &str = "extra";

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Report(Vec<Violation>);

impl Report {
    #[inline(never)]
    pub(crate) fn add(&mut self, path: String, code: &'static str, message: impl Into<String>) {
        self.0.push(Violation::new(code, message).at(path));
    }

    /// Keeps what a single value's check says, at its place.
    pub(crate) fn keep<T>(&mut self, path: String, result: Result<T, Violation>) -> Option<T> {
        result.map_err(|violation| self.0.push(violation.at(path))).ok()
    }

    /// The value, if it could be read and nothing was found wrong.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, ValidationError> {
        ValidationError::check(self.0)?;
        // A reader that gives nothing has said why, so this is for a reader with a mistake in it: an error, not a panic.
        value.ok_or_else(|| Violation::new("required", "the request is not complete").into())
    }
}

/// The JSON text of a request. Not by `serde_json`, which takes an object with a field of a certain name for a number; it only says
/// where the mistake is.
pub(crate) fn parse_json(text: &str) -> Result<Value, ValidationError> {
    if let Some(value) = parse(text) {
        return Ok(value);
    }
    let place = match serde_json::from_str::<IgnoredAny>(text) {
        Err(error) => format!(
            "not JSON (line {}, column {}); send one JSON object",
            error.line(),
            error.column()
        ),
        Ok(_) => "nests too deep, or has half of a surrogate pair; send one plain JSON object".to_owned(),
    };
    Err(Violation::new("json", place).into())
}

/// `parent.name`, or `name` at the top.
#[inline(never)]
pub(crate) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        [parent, ".", name].concat()
    }
}

/// The fields of one JSON object, at its place in the body.
pub(crate) struct Fields<'v> {
    path: String,
    map: &'v Map<String, Value>,
}

impl<'v> Fields<'v> {
    /// Opens an object and reports every field that is not in `known`.
    #[inline(never)]
    pub(crate) fn open(value: &'v Value, path: &str, known: &[&str], report: &mut Report) -> Option<Self> {
        let Value::Object(map) = value else {
            report.add(path.to_owned(), "type", wrong_type("an object", value));
            return None;
        };
        for name in map.keys() {
            if !known.contains(&name.as_str()) {
                report.add(
                    join(path, &redact(name, &[])),
                    "unknown_field",
                    unknown(name, known),
                );
            }
        }
        Some(Fields {
            path: path.to_owned(),
            map,
        })
    }

    /// Where a field of this object stands.
    #[inline(never)]
    pub(crate) fn at(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// A field's value; `null` counts as absent.
    #[inline(never)]
    pub(crate) fn get(&self, name: &str) -> Option<&'v Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A field that has to be there.
    #[inline(never)]
    pub(crate) fn need(&self, name: &str, remedy: &str, report: &mut Report) -> Option<&'v Value> {
        let value = self.get(name);
        if value.is_none() {
            report.add(self.at(name), "required", ["missing; ", remedy].concat());
        }
        value
    }

    #[inline(never)]
    pub(crate) fn text(&self, name: &str, report: &mut Report) -> Option<&'v str> {
        match self.get(name)? {
            Value::String(text) => Some(text),
            other => {
                let remedy = if other.is_number() {
                    "; put it in quotes"
                } else {
                    ""
                };
                report.add(self.at(name), "type", wrong_type("a string", other) + remedy);
                None
            }
        }
    }

    /// A string that says something: blank ones are reported.
    #[inline(never)]
    pub(crate) fn words(&self, name: &str, report: &mut Report) -> Option<String> {
        let text = self.text(name, report)?;
        if text.trim().is_empty() {
            report.add(
                self.at(name),
                "empty",
                "is empty; leave the field out when its value is not known",
            );
            return None;
        }
        Some(text.to_owned())
    }

    #[inline(never)]
    pub(crate) fn flag(&self, name: &str, report: &mut Report) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            other => {
                report.add(self.at(name), "type", wrong_type("true or false", other));
                None
            }
        }
    }

    /// A whole number from 1 to `max`.
    #[inline(never)]
    pub(crate) fn count(&self, name: &str, max: u64, report: &mut Report) -> Option<u64> {
        match self.get(name)? {
            Value::Number(number) => {
                let count = number.as_u64().filter(|count| (1..=max).contains(count));
                if count.is_none() {
                    report.add(
                        self.at(name),
                        "range",
                        format!("must be a whole number from 1 to {max}, written without point or exponent"),
                    );
                }
                count
            }
            other => {
                let remedy = if other.is_string() {
                    "; write it without quotes, spaces, `+` or leading zeros"
                } else {
                    ""
                };
                report.add(
                    self.at(name),
                    "type",
                    wrong_type("a whole number", other) + remedy,
                );
                None
            }
        }
    }

    /// An exact decimal: a JSON number, read from its text, or a string (for a caller whose numbers are floats).
    #[inline(never)]
    pub(crate) fn amount(&self, name: &str, report: &mut Report) -> Option<Amount> {
        let text = match self.get(name)? {
            Value::Number(number) => number.as_str(),
            Value::String(text) => text,
            other => {
                report.add(
                    self.at(name),
                    "type",
                    wrong_type("a number or a decimal string", other),
                );
                return None;
            }
        };
        report.keep(self.at(name), Amount::parse(text).map_err(Violation::from))
    }

    /// A free JSON object; absent is empty.
    #[inline(never)]
    pub(crate) fn object(&self, name: &str, report: &mut Report) -> Map<String, Value> {
        match self.get(name) {
            None => Map::new(),
            Some(Value::Object(map)) => map.clone(),
            Some(other) => {
                report.add(self.at(name), "type", wrong_type("an object", other));
                Map::new()
            }
        }
    }
}

/// What is under `extra` is merged into the body, so it must not write over what is there already.
#[inline(never)]
pub(crate) fn check_extra(extra: &Map<String, Value>, path: &str, known: &[&str], report: &mut Report) {
    for name in extra.keys().filter(|name| known.contains(&name.as_str())) {
        report.add(
            join(&join(path, EXTRA), name),
            "known_field",
            format!("`{name}` has a field of its own; give it there, not under `extra`"),
        );
    }
}

#[inline(never)]
fn wrong_type(wanted: &str, value: &Value) -> String {
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    ["must be ", wanted, ", is ", is].concat()
}

#[inline(never)]
fn unknown(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known) {
        return ["unknown field; did you mean \"", near, "\"?"].concat();
    }
    if known.contains(&EXTRA) {
        "unknown field; remove it, or give it under `extra` if the gateway takes it".to_owned()
    } else {
        ["unknown field; remove it (known: ", &known.join(", "), ")"].concat()
    }
}

/// The known name that was probably meant: the same but for case and underscores (`userId`), or at most two slips away.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // A name of a kilobyte is no slip of a known one, and the distance takes quadratic time.
    if name.len() > 40 {
        return None;
    }
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    let name = plain(name);
    let (distance, near) = known
        .iter()
        .map(|candidate| (strsim::osa_distance(&name, &plain(candidate)), *candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= (near.len() / 3).min(2)).then_some(near)
}
