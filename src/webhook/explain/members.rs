//! Other texts that the members of a body make: in another order, with another amount, or one of them alone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use serde_json::Value;

use super::variants::{is_number, tokens, with_cents, with_point};
use crate::webhook::event::FIELDS;

/// Every order of up to so many members is tried: 5040 of them.
const MOST_PERMUTED: usize = 7;

/// Writes the body with its amount as a string where it is a number, and as a number where it is a string.
pub(super) fn amount_types(text: &str) -> Vec<String> {
    let Some(amount) = members(text)
        .into_iter()
        .find(|(key, _)| *key == "\"amount\"")
        .map(|(_, value)| value)
    else {
        return Vec::new();
    };
    let written = text.get(amount.clone()).unwrap_or_default();
    let bare = written.trim_matches('"');
    let forms = if is_number(written) {
        vec![
            ["\"", bare, "\""].concat(),
            ["\"", &with_cents(bare), "\""].concat(),
            ["\"", &with_point(bare), "\""].concat(),
        ]
    } else {
        let short = if bare.contains('.') {
            bare.trim_end_matches('0').trim_end_matches('.')
        } else {
            bare
        };
        vec![bare.to_owned(), short.to_owned(), with_point(short)]
    };
    let (before, after) = (
        text.get(..amount.start).unwrap_or_default(),
        text.get(amount.end..).unwrap_or_default(),
    );
    forms
        .into_iter()
        .map(|form| [before, &form, after].concat())
        .collect()
}

/// Lists the members of the outermost object: the key with its quotes, and the position of its value.
fn members(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    let mut key = "";
    let mut start = None;
    for token in tokens(text) {
        match token {
            "," | "}" if depth == 1 => {
                if let Some(start) = start.take() {
                    found.push((key, start..at));
                }
            }
            _ => {}
        }
        match token {
            "{" | "[" => depth += 1,
            "}" | "]" => depth -= 1,
            ":" if depth == 1 => start = Some(at + 1),
            _ if depth == 1 && start.is_none() => key = token,
            _ => {}
        }
        at += token.len();
    }
    if text.starts_with('{') { found } else { Vec::new() }
}

/// Tells whether some other order of the outermost object's members passes the test. Few members are tried in every order,
/// many in the reference's and in the alphabet's.
pub(super) fn any_order(text: &str, test: &dyn Fn(&str) -> bool) -> bool {
    let mut members: Vec<(&str, &str)> = members(text)
        .into_iter()
        .map(|(key, value)| (key, text.get(value).unwrap_or_default()))
        .collect();
    let test = |members: &[(&str, &str)]| {
        let mut out = "{".to_owned();
        for (place, (key, value)) in members.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            for part in [comma, key, ":", value] {
                out.push_str(part);
            }
        }
        out.push('}');
        test(&out)
    };
    if members.len() > MOST_PERMUTED {
        let known = |key: &str| FIELDS.contains(&key.trim_matches('"'));
        let reference: Vec<(&str, &str)> = FIELDS
            .iter()
            .filter_map(|name| members.iter().find(|(key, _)| key.trim_matches('"') == *name))
            .chain(members.iter().filter(|(key, _)| !known(key)))
            .copied()
            .collect();
        if test(&reference) {
            return true;
        }
        // No key occurs twice in a canonical text, so there are no equals whose order matters.
        let mut heap: BinaryHeap<Reverse<(&str, &str)>> = members.drain(..).map(Reverse).collect();
        while let Some(Reverse(member)) = heap.pop() {
            members.push(member);
        }
        return test(&members);
    }
    // Heap's way through all permutations: each differs from the one before by one swap.
    let mut counters = vec![0; members.len()];
    let mut level = 1;
    while let Some(counter) = counters.get_mut(level) {
        if *counter < level {
            members.swap(if level % 2 == 0 { 0 } else { *counter }, level);
            *counter += 1;
            level = 1;
            if test(&members) {
                return true;
            }
        } else {
            *counter = 0;
            level += 1;
        }
    }
    false
}

/// Lists every object inside the outermost value with its key; an empty one in an array, whose strings must not be shown.
pub(super) fn inner_objects(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    let mut last_string = "";
    let mut key = "";
    for token in tokens(text) {
        match token {
            ":" => key = last_string,
            "{" => open.push((at, key)),
            "}" => {
                if let Some((start, key)) = open.pop()
                    && start > 0
                {
                    found.push((key.trim_matches('"'), text.get(start..=at).unwrap_or_default()));
                }
            }
            _ if token.starts_with('"') => last_string = token,
            _ => {}
        }
        at += token.len();
    }
    found
}

/// Lists every string of the text that could itself be a JSON object, unescaped.
pub(super) fn inner_texts(text: &str) -> Vec<String> {
    tokens(text)
        .filter(|token| token.starts_with("\"{") || token.starts_with("\"["))
        .filter_map(|token| match serde_json::from_str(token) {
            Ok(Value::String(text)) => Some(text),
            _ => None,
        })
        .collect()
}
