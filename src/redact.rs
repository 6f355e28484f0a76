//! Takes out of a foreign text what must not be kept: credentials, card data, e-mail addresses.
//!
//! An error shows what the gateway sent, and a gateway may echo what it was sent: in JSON, in JSON within JSON, in a form, in a page. So
//! the text is looked at as its readers would decode it, and cut where that came from. Redaction errs on the side of taking too much: a
//! support report that lacks a number can be completed, one that leaked a card cannot be taken back.

mod view;

use view::View;

use crate::luhn;

/// Replaces a secret.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// Field names whose value is a secret, also as the end of a longer name; in lower case, without `_` and `-`.
const SECRET_ENDS: [&str; 26] = [
    "cvccode",
    "cvvcode",
    "cvcnumber",
    "cvvnumber",
    "securitycode",
    "verificationvalue",
    "verificationcode",
    "cardnumber",
    "expmonth",
    "expyear",
    "expdate",
    "expirymonth",
    "expiryyear",
    "expirydate",
    "expiry",
    "expirationmonth",
    "expirationyear",
    "expirationdate",
    "holdername",
    "cardholder",
    "token",
    "password",
    "secret",
    "apikey",
    "authorization",
    "passwd",
];

/// The same for names so short that they are the end of other words: they have to be a word of their own in the name.
const SECRET_WORDS: [&str; 9] = ["cvc", "cvc2", "cvv", "cvv2", "cvn", "csc", "pan", "pin", "exp"];

/// The text without `secrets`, without the values of secret fields, without card numbers and without e-mail addresses.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let decoded = View::of(secret).chars;
        text = text.replace(*secret, REDACTED);
        text = cut(&text, REDACTED, &|view, from| {
            // A form's reader may have taken a `+` for a space.
            let same = |(seen, wanted): (&char, &char)| seen == wanted || (*wanted == '+' && *seen == ' ');
            let starts = |part: &[char]| part.len() == decoded.len() && part.iter().zip(&decoded).all(same);
            let at = from
                + view
                    .chars
                    .get(from..)?
                    .windows(decoded.len().max(1))
                    .position(starts)?;
            Some((at, at + decoded.len()))
        });
    }
    text = cut(&text, REDACTED, &next_field);
    text = cut(&text, "[CARD]", &next_card);
    cut(&text, "[EMAIL]", &next_address)
}

/// Where the next thing to take out begins and ends, at or after a place.
type Next<'a> = dyn Fn(&View, usize) -> Option<(usize, usize)> + 'a;

/// Replaces what `next` finds at or after a place, again and again.
fn cut(text: &str, label: &str, next: &Next<'_>) -> String {
    let view = View::of(text);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((start, end)) = next(&view, from) {
        out.push_str(text.get(view.place(from)..view.place(start)).unwrap_or_default());
        out.push_str(label);
        from = end;
    }
    out.push_str(text.get(view.place(from)..).unwrap_or_default());
    out
}

/// Up to where it is known that no value is long enough to be a card's number: of those without quotes at a level of escapes, and of those in brackets. Such a
/// value ends where the one around it ends, so it need not be looked at again.
#[derive(Default)]
struct Clear {
    plain: usize,
    level: usize,
    listed: usize,
}

/// Where the next secret field's value is, after `name:`, `name=` or `<name>`, whatever quotes are around either.
fn next_field(view: &View, from: usize) -> Option<(usize, usize)> {
    let mut clear = Clear::default();
    (from..view.chars.len())
        .filter(|&at| matches!(view.get(at), Some(':' | '=' | '>')))
        .find_map(|at| value_of(view, at, &mut clear).filter(|(start, _)| *start >= from))
}

/// The value behind the separator at `at`, if the name before it is a secret one's.
fn value_of(view: &View, at: usize, clear: &mut Clear) -> Option<(usize, usize)> {
    let before = view.chars.get(at.saturating_sub(80)..at)?;
    let name_end = before
        .iter()
        .rposition(|c| !matches!(c, '"' | '\'' | '\\' | ' ' | ']'))?;
    let part_of_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name_start = before
        .get(..=name_end)?
        .iter()
        .rposition(|c| !part_of_name(c))
        .map_or(0, |place| place + 1);
    let is_end_tag = view.get(at) == Some('>') && name_start > 0 && before.get(name_start - 1) == Some(&'/');
    let (secret, card) = kind(before.get(name_start..=name_end)?);
    if is_end_tag || !(secret || card) {
        return None;
    }
    let mut start = at + 1;
    while let Some(' ' | '\t' | '\n' | '\r') = view.get(start) {
        start += 1;
    }
    let first = view.get(start)?;
    let label: Vec<char> = REDACTED.chars().collect();
    let done = view.chars.get(start..)?.starts_with(&label);
    // What is inside an object is looked at by itself.
    if first == '{' || done {
        return None;
    }
    let opened = matches!(first, '"' | '\'' | '[');
    // A quote or a comma that is escaped once more than what opened the value belongs to it.
    let level = view.length(if opened { start } else { at });
    let known = match first {
        '[' => clear.listed,
        '"' | '\'' => 0,
        _ if level == clear.level => clear.plain,
        _ => 0,
    };
    if !secret && start < known {
        return None;
    }
    start += usize::from(opened);
    let ends = |place: &usize| match (first, view.get(*place)) {
        (_, None) => true,
        ('"' | '\'', Some(c)) => c == first && view.length(*place) <= level,
        ('[', Some(c)) => c == ']',
        (_, Some('\n' | '\\')) => true,
        (_, Some('"' | '\'' | ',' | '&' | ';' | '}' | ']' | '<')) => view.length(*place) <= level,
        _ => false,
    };
    let end = (start..=view.chars.len()).find(ends)?;
    let value = view.chars.get(start..end)?;
    let digits = value.iter().filter(|c| c.is_ascii_digit()).count();
    if !secret && digits < SHORTEST_CARD {
        match first {
            '[' => clear.listed = end,
            '"' | '\'' => {}
            _ => (clear.plain, clear.level) = (end, level),
        }
        return None;
    }
    let nothing = match value.strip_prefix(&['n', 'u', 'l', 'l']) {
        Some(rest) => rest.iter().all(|c| *c == ' '),
        None => value.is_empty(),
    };
    (!nothing).then_some((start, end))
}

/// As few digits as a card's number has.
const SHORTEST_CARD: usize = 13;

/// Whether a field of that name holds a secret, and whether it may hold a card's number among other things.
fn kind(name: &[char]) -> (bool, bool) {
    // `cardCvc` and `card_cvc` become `|card|cvc`.
    let mut words = String::from("|");
    let mut small = false;
    for c in name {
        if !c.is_ascii_alphanumeric() || (small && c.is_ascii_uppercase()) {
            words.push('|');
        }
        small = !c.is_ascii_uppercase();
        if c.is_ascii_alphanumeric() {
            words.push(c.to_ascii_lowercase());
        }
    }
    let whole = words.replace('|', "");
    let secret = SECRET_ENDS.iter().any(|end| whole.ends_with(end))
        || SECRET_WORDS.iter().any(|word| {
            words
                .strip_suffix(word)
                .is_some_and(|before| before.ends_with('|'))
        });
    let card = whole.contains("card")
        || matches!(whole.as_str(), "number" | "cc" | "ccnumber" | "ccnum" | "account");
    (secret, card)
}

/// Where the next run of digit groups (`4111 1111-1111.1111`) makes a card number: 13 to 19 digits, check digit right.
fn next_card(view: &View, from: usize) -> Option<(usize, usize)> {
    let digit = |at: usize| view.get(at).is_some_and(|c| c.is_ascii_digit());
    // Only from a group's first digit, or every long id would be searched for parts.
    (from..view.chars.len())
        .filter(|&at| digit(at) && !(at > from && digit(at - 1)))
        .find_map(|at| card_number_end(view, at).map(|end| (at, end)))
}

/// Where a card number that begins here ends. The longest one wins.
fn card_number_end(view: &View, start: usize) -> Option<usize> {
    let mut digits = Vec::with_capacity(19);
    let mut gap = 0;
    let mut found = None;
    for (at, c) in view.chars.iter().enumerate().skip(start) {
        if c.is_ascii_digit() && digits.len() < 19 {
            digits.push(*c as u8);
            gap = 0;
            let group_ends = !view.get(at + 1).is_some_and(|c| c.is_ascii_digit());
            if group_ends && digits.len() >= SHORTEST_CARD && luhn::is_valid(&digits) {
                found = Some(at + 1);
            }
        } else if gap < 3 && is_gap(*c) {
            gap += 1;
        } else {
            break;
        }
    }
    found
}

/// What may be between the groups of a card number: the usual signs, and the spaces and dashes of typography.
fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '.' | '_' | '+' | '\t' | '\u{a0}' | '\u{2000}'..='\u{2015}' | '\u{202f}'
    )
}

/// Where the next `name@host` is.
fn next_address(view: &View, from: usize) -> Option<(usize, usize)> {
    let part = |c: &char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_' | '-' | '+' | '%')
            || !(c.is_ascii() || c.is_whitespace())
    };
    let length = |before: &mut dyn Iterator<Item = &char>| before.take_while(|c| part(c)).count();
    (from..view.chars.len())
        .filter(|&at| view.get(at) == Some('@'))
        .find_map(|at| {
            let name = length(&mut view.chars.get(from..at)?.iter().rev());
            let host = length(&mut view.chars.get(at + 1..)?.iter());
            (name > 0 && host > 0).then_some((at - name, at + 1 + host))
        })
}
