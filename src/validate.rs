//! What is found wrong with a request, and how it is said.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::error::{ValidationError, Violation};
use crate::json_read::{Node, parse};
use crate::text::concat;

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
    concat(&[parent, point, name])
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
    concat(&["must be ", wanted, ", is ", is])
}

pub(crate) fn known_twice(name: &str) -> String {
    concat(&[
        "`",
        name,
        "` has a field of its own; give it there, not under `extra`",
    ])
}

#[inline(never)]
pub(crate) fn unknown(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known) {
        return concat(&["unknown field; did you mean \"", near, "\"?"]);
    }
    if known.contains(&EXTRA) {
        "unknown field; remove it, or give it under `extra` if the gateway takes it".to_owned()
    } else {
        let mut message = "unknown field; remove it (known: ".to_owned();
        for (place, name) in known.iter().enumerate() {
            message.push_str(if place > 0 { ", " } else { "" });
            message.push_str(name);
        }
        message.push(')');
        message
    }
}

/// The known name that was probably meant: the same but for case and underscores (`userId`), or at most two slips away.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // A name of a kilobyte is no slip of a known one.
    if name.len() > 40 {
        return None;
    }
    let plain = |text: &str| {
        text.bytes()
            .filter(|byte| !matches!(byte, b'_' | b'-'))
            .map(|byte| byte.to_ascii_lowercase())
            .collect::<Vec<u8>>()
    };
    let name = plain(name);
    (0..3).find_map(|slips| {
        known
            .iter()
            .find(|known| slips <= known.len() / 3 && is_near(&name, &plain(known), slips))
            .copied()
    })
}

/// Whether so many slips lead from one word to the other: a letter too many or too few, another letter, two letters exchanged. The crate `strsim`,
/// which the tests ask, allocates a table for it; two slips need none.
fn is_near(one: &[u8], other: &[u8], slips: usize) -> bool {
    match (one, other) {
        ([a, one @ ..], [b, other @ ..]) if a == b => is_near(one, other, slips),
        ([], []) => true,
        _ if slips == 0 => false,
        _ => {
            let (after_one, after_other) = (one.get(1..), other.get(1..));
            let skip = |one: Option<&[u8]>, other: Option<&[u8]>| {
                one.zip(other)
                    .is_some_and(|(one, other)| is_near(one, other, slips - 1))
            };
            let exchanged = match (one, other) {
                ([a, b, one @ ..], [c, d, other @ ..]) => a == d && b == c && is_near(one, other, slips - 1),
                _ => false,
            };
            exchanged
                || skip(after_one, after_other)
                || skip(after_one, Some(other))
                || skip(Some(one), after_other)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn near_is_what_strsim_says(one in "[abc]{0,7}", other in "[abc]{0,7}") {
            let distance = strsim::osa_distance(&one, &other);
            for slips in 0..3 {
                prop_assert_eq!(
                    (0..=slips).any(|slips| is_near(one.as_bytes(), other.as_bytes(), slips)),
                    distance <= slips,
                    "{} {} {}", one, other, slips
                );
            }
        }
    }
}
