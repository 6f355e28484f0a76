//! Other ways in which the same JSON could have been written, or read, by mistake. For [`explain`](super::explain).
//!
//! All of them work on the canonical text, where a quote begins or ends a string unless a backslash stands before it,
//! and no white space stands between tokens.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use serde_json::Value;

use crate::read::json::parse;

/// The fields in the order of the reference.
const REFERENCE_ORDER: [&str; 7] = [
    "transaction_id",
    "user_id",
    "tracking_id",
    "status",
    "currency",
    "amount",
    "transaction_type",
];

/// Every order of up to so many members is tried: 5040 of them.
const MOST_PERMUTED: usize = 7;

/// The pieces of a canonical text: whole strings with their quotes, whole numbers and words, single punctuation.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            '"' => string_end(rest),
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest
                .find(['{', '}', '[', ']', ',', ':', '"'])
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(token)
    })
}

fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn map_tokens(text: &str, write: &dyn Fn(&str, &mut String)) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    tokens(text).for_each(|token| write(token, &mut out));
    out
}

/// As Python's `json.dumps` spaces it.
pub(super) fn spaced(text: &str) -> String {
    map_tokens(text, &|token, out| {
        out.push_str(token);
        if matches!(token, "," | ":") {
            out.push(' ');
        }
    })
}

/// On several lines, as `JSON.stringify(value, null, indent)` writes it.
pub(super) fn indented(text: &str, indent: &str) -> String {
    let mut depth = 0;
    let mut last = "";
    let mut out = String::with_capacity(text.len() * 2);
    for token in tokens(text) {
        let closes = matches!(token, "}" | "]");
        if closes {
            depth -= 1;
        }
        let opened = matches!(last, "{" | "[");
        if (opened && !closes) || last == "," || (closes && !opened) {
            out.push('\n');
            (0..depth).for_each(|_| out.push_str(indent));
        }
        out.push_str(token);
        if token == ":" {
            out.push(' ');
        }
        if matches!(token, "{" | "[") {
            depth += 1;
        }
        last = token;
    }
    out
}

/// With `\/` for every slash, as PHP's `json_encode` writes it.
pub(super) fn slashes_escaped(text: &str) -> String {
    text.replace('/', "\\/")
}

/// With `\uXXXX` for everything that is not ASCII, as Python and PHP write it.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for character in text.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// With every number written by `write`.
pub(super) fn numbers(text: &str, write: fn(&str) -> String) -> String {
    map_tokens(text, &|token, out| {
        if is_number(token) {
            out.push_str(&write(token));
        } else {
            out.push_str(token);
        }
    })
}

fn is_number(token: &str) -> bool {
    token.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// A whole number with `.0`, as languages with a float type write it.
pub(super) fn with_point(number: &str) -> String {
    if number.contains(['.', 'e']) {
        number.to_owned()
    } else {
        [number, ".0"].concat()
    }
}

/// A number with two decimals, as amounts often are.
pub(super) fn with_cents(number: &str) -> String {
    match number.split_once('.') {
        _ if number.contains('e') => number.to_owned(),
        None => [number, ".00"].concat(),
        Some((_, decimals)) if decimals.len() == 1 => [number, "0"].concat(),
        Some(_) => number.to_owned(),
    }
}

/// The amount of the body as a string where it is a number, and as a number where it is a string.
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

/// The members of the outermost object: the key with its quotes, and where its value stands.
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

/// Whether some other order of the outermost object's members passes the test. Few members are tried in every order,
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
        let known = |key: &str| REFERENCE_ORDER.contains(&key.trim_matches('"'));
        let reference: Vec<(&str, &str)> = REFERENCE_ORDER
            .iter()
            .filter_map(|name| members.iter().find(|(key, _)| key.trim_matches('"') == *name))
            .chain(members.iter().filter(|(key, _)| !known(key)))
            .copied()
            .collect();
        if test(&reference) {
            return true;
        }
        // No key stands twice in a canonical text, so no order of equals has to be kept.
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

/// Every object inside the outermost value, and the key under which it stands; nothing where there is no key: a string of the body is nobody's to tell.
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

/// Every string of the text that could itself be a JSON object: what it says, unescaped.
pub(super) fn inner_texts(text: &str) -> Vec<String> {
    tokens(text)
        .filter(|token| token.starts_with("\"{") || token.starts_with("\"["))
        .filter_map(|token| match parse(token).ok() {
            Some(Value::String(text)) => Some(text),
            _ => None,
        })
        .collect()
}

/// What windows-1252, the web's Latin-1, has at 0x80 to 0x9f; U+FFFD where it has nothing.
const WINDOWS_1252: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";

/// The text that bytes of windows-1252 mean.
pub(super) fn from_windows_1252(bytes: &[u8]) -> String {
    let read = |&byte: &u8| match byte {
        0x80..=0x9f => WINDOWS_1252
            .chars()
            .nth(usize::from(byte) - 0x80)
            .unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(byte),
    };
    bytes.iter().map(read).collect()
}

/// The text that was UTF-8 and has been read as windows-1252: `Ã©` for `é`.
pub(super) fn read_as_windows_1252(text: &str) -> Option<String> {
    let byte = |character: char| match u8::try_from(character) {
        Ok(byte) => Some(byte),
        Err(_) => WINDOWS_1252
            .chars()
            .position(|known| known == character)
            .and_then(|at| u8::try_from(at + 0x80).ok()),
    };
    let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
    String::from_utf8(bytes?).ok().filter(|read| read != text)
}

/// The text of UTF-16 of either byte order, if the bytes are that.
pub(super) fn from_utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    [u16::from_le_bytes, u16::from_be_bytes]
        .into_iter()
        .find_map(|read| {
            let units: Vec<u16> = pairs.iter().map(|&pair| read(pair)).collect();
            let text = String::from_utf16(&units).ok()?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            text.starts_with(['{', '[', ' ', '\n', '\r', '\t'])
                .then(|| text.to_owned())
        })
}
