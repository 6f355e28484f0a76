//! Takes out of a foreign text what must not be kept: credentials, card data, e-mail addresses.
//!
//! An error shows what the gateway sent, and a gateway may echo what it was sent. Redaction errs on the side of taking too
//! much: a support report that lacks a number can be completed, one that leaked a card cannot be taken back.

use crate::luhn;

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// Field names whose value is a secret, in lower case. They are found in JSON, JSON within JSON, forms and plain text.
const SECRET_FIELDS: [&str; 15] = [
    "cvc",
    "cvc2",
    "cvv",
    "cvv2",
    "security_code",
    "card_number",
    "cardnumber",
    "pan",
    "exp_month",
    "exp_year",
    "token",
    "password",
    "secret",
    "api_key",
    "authorization",
];

/// The text without `secrets`, without the values of secret fields, without card numbers and without e-mail addresses.
#[inline(never)]
pub(crate) fn redact(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, REDACTED);
    }
    addresses(&card_numbers(&fields(&text)))
}

/// Replaces the value after `name:` or `name=`, whatever quotes stand around either.
#[inline(never)]
fn fields(text: &str) -> String {
    // `-` counts as `_`, so that `x-api-key` is found as `api_key`.
    let lower = text.to_ascii_lowercase().replace('-', "_");
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((start, end)) = next_value(&lower, from) {
        out.push_str(text.get(from..start).unwrap_or_default());
        out.push_str(REDACTED);
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Where the next secret value stands, at or after `from`.
fn next_value(lower: &str, from: usize) -> Option<(usize, usize)> {
    let rest = lower.get(from..)?;
    SECRET_FIELDS
        .iter()
        .filter_map(|name| value_of(rest, name))
        .min()
        .map(|(start, end)| (from + start, from + end))
}

/// Where the value of the first field `name` stands.
fn value_of(text: &str, name: &str) -> Option<(usize, usize)> {
    text.match_indices(name).find_map(|(at, _)| {
        let before = text.get(..at)?.chars().next_back();
        // Part of a longer word, or the end tag of an element.
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '/') {
            return None;
        }
        let after = text.get(at + name.len()..)?;
        let separator = after.trim_start_matches(['"', '\'', '\\', ' ']);
        let value = separator
            .strip_prefix([':', '=', '>'])?
            .trim_start_matches([' ', '\t', '\n', '\r', '\\', '"', '\'']);
        let quoted =
            value.len() < separator.len() && text.get(..text.len() - value.len())?.ends_with(['"', '\'']);
        let ends = |c: char| {
            if quoted {
                matches!(c, '"' | '\'' | '\\' | '\n')
            } else {
                matches!(c, '"' | '\'' | '\\' | '\n' | ',' | '&' | ';' | '}' | ']' | '<')
            }
        };
        let length = value.find(ends).unwrap_or(value.len());
        // `"token": null` and `"token": {` have no value to hide here; what is inside an object is looked at by itself.
        let plain = value.get(..length)?;
        if plain.is_empty() || plain.starts_with(['{', '[']) || plain.trim() == "null" {
            return None;
        }
        let start = text.len() - value.len();
        Some((start, start + length))
    })
}

/// Replaces each run of digit groups (`4111 1111-1111.1111`) that makes a card number: 13 to 19 digits, check digit right.
#[inline(never)]
fn card_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, run) = rest.split_at(start);
        out.push_str(before);
        let taken = card_number_length(run);
        if taken > 0 {
            out.push_str("[CARD]");
            rest = run.get(taken..).unwrap_or_default();
        } else {
            // Not a card from here: go on after this group, not within it, or every long id would be searched for parts.
            let group = run.find(|c: char| !c.is_ascii_digit()).unwrap_or(run.len());
            let (group, after) = run.split_at(group);
            out.push_str(group);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// How many bytes of `run` are a card number that begins here; 0 when it is none. The longest one wins.
fn card_number_length(run: &str) -> usize {
    let mut digits = Vec::with_capacity(19);
    let mut gap = 0;
    let mut found = 0;
    for (at, c) in run.char_indices() {
        if c.is_ascii_digit() {
            digits.push(c as u8);
            gap = 0;
            if digits.len() > 19 {
                break;
            }
            let end = at + 1;
            let group_ends = !run
                .get(end..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if group_ends && digits.len() >= 13 && luhn::is_valid(&digits) {
                found = end;
            }
        } else if gap < 3 && matches!(c, ' ' | '-' | '.' | '_' | '\u{a0}' | '\t') {
            gap += 1;
        } else {
            break;
        }
    }
    found
}

/// Replaces `name@host` wherever it stands.
#[inline(never)]
fn addresses(text: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        let host = after.strip_prefix('@').unwrap_or_default();
        let kept = before.trim_end_matches(part);
        let behind = host.trim_start_matches(part);
        if kept.len() == before.len() || behind.len() == host.len() {
            out.push_str(before);
            out.push('@');
            rest = host;
        } else {
            out.push_str(kept);
            out.push_str("[EMAIL]");
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}
