//! What is found wrong with a request, and how it is said.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::error::{ValidationError, Violation};
use crate::json_read::{Node, parse};

/// The field under which a caller gives what the reference does not know.
pub(crate) const EXTRA: &str = "extra";

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Report(Vec<Violation>);

impl Report {
    #[inline(never)]
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
#[inline(never)]
pub(crate) fn join(parent: &str, name: &str) -> String {
    let point = if parent.is_empty() { "" } else { "." };
    [parent, point, name].concat()
}

/// A number's digits.
pub(crate) fn number_text(number: u64) -> String {
    number.to_string()
}

#[inline(never)]
pub(crate) fn wrong_type(wanted: &str, value: &Node<'_>) -> String {
    let is = match value {
        Node::Null => "null",
        Node::Bool(_) => "true or false",
        Node::Number(_) => "a number",
        Node::Text(_) => "a string",
        Node::List(..) => "an array",
        Node::Object(..) => "an object",
    };
    ["must be ", wanted, ", is ", is].concat()
}

pub(crate) fn known_twice(name: &str) -> String {
    [
        "`",
        name,
        "` has a field of its own; give it there, not under `extra`",
    ]
    .concat()
}

#[inline(never)]
pub(crate) fn unknown(name: &str, known: &[&str]) -> String {
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
    let plain = |text: &str| {
        text.chars()
            .filter(|c| !matches!(c, '_' | '-'))
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
    };
    let name = plain(name);
    let (distance, near) = known
        .iter()
        .map(|candidate| (strsim::osa_distance(&name, &plain(candidate)), *candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= (near.len() / 3).min(2)).then_some(near)
}
