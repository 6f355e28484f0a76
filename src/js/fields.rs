//! Where the seven documented fields stand in a body that is canonical: JavaScript cuts them out of the text that it already has, so that an
//! ordinary webhook costs no second parse.
//!
//! As with the proof of the canonical form, this may be wrong in one direction only: whatever it does not recognise is read by the core's own
//! [`WebhookEvent`](crate::WebhookEvent), which also finds what is wrong.

/// How many fields are documented.
pub(super) const COUNT: usize = 7;

/// The documented fields, in the order of the reference.
const NAMES: [&[u8]; COUNT] =
    [b"transaction_id", b"user_id", b"tracking_id", b"status", b"currency", b"amount", b"transaction_type"];

const AMOUNT: usize = 5;
/// As many digits as every reader of amounts takes.
const AMOUNT_DIGITS: usize = 15;
/// A longer value goes the long way, where the core judges it.
const PLAIN_LENGTH: usize = 200;

/// The fields of an ordinary webhook.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fields {
    /// First byte and end of each value, without its quotes.
    pub(super) places: [(usize, usize); COUNT],
    /// Whether the body has other fields too.
    pub(super) more: bool,
}

/// The fields, when `body` is an ordinary webhook. `body` is canonical: compact, and no object holds a key twice.
pub(super) fn find(body: &[u8]) -> Option<Fields> {
    let mut places = [(0, 0); COUNT];
    let mut found = 0;
    let mut more = false;
    let mut at = 1;
    if body.first() != Some(&b'{') {
        return None;
    }
    // An escaped key is not compared: it ends the search at its backslash.
    loop {
        let (start, end) = string(body, at)?;
        let name = body.get(start..end)?;
        // The gateway writes them in this order, so the next one is nearly always the one looked for.
        let place = NAMES.iter().enumerate().cycle().skip(found).take(NAMES.len()).find(|(_, known)| **known == name);
        at = end + 2;
        if body.get(end + 1) != Some(&b':') {
            return None;
        }
        if let Some((place, _)) = place {
            let (start, end) = string(body, at)?;
            if !plain(place, body.get(start..end)?) {
                return None;
            }
            *places.get_mut(place)? = (start, end);
            found += 1;
            at = end + 1;
        } else {
            more = true;
            at = scalar(body, at)?;
        }
        match body.get(at)? {
            _ if found == COUNT => break,
            b',' => at += 1,
            _ => return None,
        }
    }
    more |= body.get(at) != Some(&b'}');
    Some(Fields { places, more })
}

/// The inside of a string without escapes that begins at `at`.
fn string(body: &[u8], at: usize) -> Option<(usize, usize)> {
    if body.get(at) != Some(&b'"') {
        return None;
    }
    let start = at + 1;
    let length = body.get(start..)?.iter().take(PLAIN_LENGTH + 1).position(|&byte| matches!(byte, b'"' | b'\\'))?;
    let end = start + length;
    (body.get(end) == Some(&b'"')).then_some((start, end))
}

/// Behind a string, number or word. A container before the documented fields is not ordinary.
fn scalar(body: &[u8], at: usize) -> Option<usize> {
    match body.get(at)? {
        b'"' => string(body, at).map(|(_, end)| end + 1),
        b'{' | b'[' => None,
        _ => body.get(at..)?.iter().position(|&byte| matches!(byte, b',' | b'}')).map(|length| at + length),
    }
}

/// Whether every reader of this field takes the value as it stands.
fn plain(place: usize, value: &[u8]) -> bool {
    if place == AMOUNT {
        return amount(value);
    }
    let graphic = !value.is_empty() && value.iter().all(u8::is_ascii_graphic);
    graphic && value.iter().any(u8::is_ascii_alphanumeric)
}

/// `200`, `200.00`: digits, with a point between two of them at most.
fn amount(value: &[u8]) -> bool {
    let mut parts = value.splitn(2, |&byte| byte == b'.');
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let whole = |part: &[u8]| digits(part) && (part.len() == 1 || !part.starts_with(b"0"));
    value.len() <= AMOUNT_DIGITS && parts.next().is_some_and(whole) && parts.next().is_none_or(digits)
}
