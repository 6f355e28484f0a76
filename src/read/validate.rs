//! What is found wrong with a request, and how it is said.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;
use strsim::osa_distance;

use crate::read::json_read::{Node, parse};
use crate::read::violation::{ValidationError, Violation};

/// The field under which a caller gives what the reference does not know.
pub(crate) const EXTRA: &str = "extra";

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Report(Vec<Violation>);

impl Report {
    pub(crate) fn add(&mut self, path: String, code: &'static str, message: impl Into<Cow<'static, str>>) {
        self.0.push(Violation::new(code, message).at(path));
    }

    /// Keeps what a single value's check says, at its place.
    pub(crate) fn keep(&mut self, path: impl FnOnce() -> String, result: Result<(), Violation>) {
        if let Err(violation) = result {
            self.0.push(violation.at(path()));
        }
    }

    /// The value, if nothing was found wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, ValidationError> {
        ValidationError::check(self.0)?;
        Ok(value)
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
pub(crate) fn join(parent: &str, name: &str) -> String {
    let point = if parent.is_empty() { "" } else { "." };
    format!("{parent}{point}{name}")
}

pub(crate) fn wrong_type(wanted: &str, value: &Node<'_>) -> String {
    let is = match value {
        Node::Null => "null",
        Node::Bool(_) => "true or false",
        Node::Number(_) => "a number",
        Node::Text(_) => "a string",
        Node::List(..) => "an array",
        Node::Object(..) => "an object",
    };
    format!("must be {wanted}, is {is}")
}

pub(crate) fn known_twice(name: &str) -> String {
    format!("`{name}` has a field of its own; give it there, not under `extra`")
}

pub(crate) fn unknown(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known) {
        return format!("unknown field; did you mean \"{near}\"?");
    }
    if known.contains(&EXTRA) {
        "unknown field; remove it, or give it under `extra` if the gateway takes it".to_owned()
    } else {
        format!("unknown field; remove it (known: {})", known.join(", "))
    }
}

/// A letter too many or too few, another letter, or two letters exchanged.
const MOST_SLIPS: usize = 2;

/// The known name that was probably meant: the same but for case and underscores (`userId`), or at most two slips away.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // A name of a kilobyte is no slip of a known one.
    if name.len() > 40 {
        return None;
    }
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    let name = plain(name);
    let distances: Vec<usize> = known
        .iter()
        .map(|known| osa_distance(&name, &plain(known)))
        .collect();
    (0..=MOST_SLIPS).find_map(|slips| {
        known
            .iter()
            .zip(&distances)
            .find(|(known, distance)| slips <= known.len() / 3 && **distance <= slips)
            .map(|(known, _)| *known)
    })
}
