//! Other ways in which the same JSON could have been written.
//!
//! All of them work on the canonical text, where a quote begins or ends a string unless a backslash precedes it,
//! and there is no white space between tokens.

/// Splits a canonical text into tokens: whole strings with their quotes, whole numbers and words, single punctuation.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
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

/// Writes it with the spaces of Python's `json.dumps`.
pub(super) fn spaced(text: &str) -> String {
    map_tokens(text, &|token, out| {
        out.push_str(token);
        if matches!(token, "," | ":") {
            out.push(' ');
        }
    })
}

/// The longest indented text: deep nesting would make a short body fill the memory.
const LONGEST: usize = 1 << 26;

/// Writes it on several lines, as `JSON.stringify(value, null, indent)` does.
pub(super) fn indented(text: &str, indent: &str) -> String {
    let mut depth = 0;
    let mut last = "";
    let mut out = String::with_capacity(text.len() * 2);
    for token in tokens(text) {
        if out.len() > LONGEST {
            break;
        }
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

/// Writes `\/` for every slash, as PHP's `json_encode` does.
pub(super) fn slashes_escaped(text: &str) -> String {
    text.replace('/', "\\/")
}

/// Writes `\uXXXX` for everything that is not ASCII, as Python and PHP do.
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

/// Rewrites every number by `write`.
pub(super) fn numbers(text: &str, write: fn(&str) -> String) -> String {
    map_tokens(text, &|token, out| {
        if is_number(token) {
            out.push_str(&write(token));
        } else {
            out.push_str(token);
        }
    })
}

pub(super) fn is_number(token: &str) -> bool {
    token.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// Writes a whole number with `.0`, as languages with a float type do.
pub(super) fn with_point(number: &str) -> String {
    if number.contains(['.', 'e']) {
        number.to_owned()
    } else {
        [number, ".0"].concat()
    }
}

/// Writes a number with two decimals, as amounts often are.
pub(super) fn with_cents(number: &str) -> String {
    match number.split_once('.') {
        _ if number.contains('e') => number.to_owned(),
        None => [number, ".00"].concat(),
        Some((_, decimals)) if decimals.len() == 1 => [number, "0"].concat(),
        Some(_) => number.to_owned(),
    }
}
