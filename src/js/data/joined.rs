//! What is wrong with a value, as one list: what could not be read of it, and what the core says of the rest.

use serde_json::{Map, Value};

use super::Data;
use crate::js::error::Refused;
use crate::read::violation::Violation;

impl Data {
    /// Takes the fields of an object out; none of anything else.
    pub(in crate::js) fn object(&mut self) -> Map<String, Value> {
        match self.value.take() {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }

    /// Tells whether everything could be read exactly.
    pub(in crate::js) fn is_exact(&self) -> bool {
        self.violations.is_empty() && self.inexact.is_empty()
    }

    /// Joins what could not be read of the value, which is called `root`, and what was found wrong with the rest, each path once: an unknown name comes before
    /// what its value is.
    pub(in crate::js) fn refuse(self, root: &str, found: Vec<Violation>) -> Refused {
        let rooted = |violation: Violation| {
            let path = below(root, &violation.path);
            violation.at(path)
        };
        let unsaid = self.inexact.into_iter().map(rooted);
        let unsaid: Vec<Violation> = unsaid
            .filter(|inexact| !found.iter().any(|other| other.path == inexact.path))
            .collect();
        let mut violations: Vec<Violation> = self
            .violations
            .into_iter()
            .map(rooted)
            .filter(|violation| {
                let same = |other: &Violation| other.code == "unknown_field" && other.path == violation.path;
                !found.iter().any(same)
            })
            .collect();
        let mut further = found;
        violations.extend(unsaid);
        // What is refused was not seen by the further checks, nor anything in it.
        further.retain(|violation| {
            !violations
                .iter()
                .any(|known| is_within(&violation.path, &known.path))
        });
        violations.append(&mut further);
        Refused {
            violations,
            cause: self.cause,
        }
    }

    /// Succeeds if nothing is wrong.
    pub(in crate::js) fn finish(self, root: &str, found: Vec<Violation>) -> Result<(), Refused> {
        if self.is_exact() && found.is_empty() {
            return Ok(());
        }
        Err(self.refuse(root, found))
    }
}

/// Tells whether a path is `outer` or leads into it.
fn is_within(path: &str, outer: &str) -> bool {
    let rest = path
        .strip_prefix(outer)
        .filter(|_| !outer.is_empty() || path.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Joins `root` and a `path` within it: the root itself, an item (`[0]`), or a field, whose name may begin with a bracket too.
fn below(root: &str, path: &str) -> String {
    let digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let is_item = path.strip_prefix('[').is_some_and(digit);
    let point = if root.is_empty() || path.is_empty() || is_item {
        ""
    } else {
        "."
    };
    format!("{root}{point}{path}")
}
