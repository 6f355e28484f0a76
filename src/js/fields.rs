//! Where the seven documented fields stand in a body that is canonical: JavaScript cuts them out of the text that it already has, so that an
//! ordinary webhook costs no second parse.
//!
//! As with the proof of the canonical form, this may be wrong in one direction only: whatever it does not recognise is read by the core's own
//! [`WebhookEvent`](crate::WebhookEvent), which also finds what is wrong.

/// How many fields are documented.
pub(super) const COUNT: usize = 7;

/// The documented fields in the order in which the gateway writes them, each with what stands before its value.
const HEADS: [(&[u8], &[u8]); COUNT] = [
    (b"transaction_id", b"\"transaction_id\":\""),
    (b"user_id", b"\"user_id\":\""),
    (b"tracking_id", b"\"tracking_id\":\""),
    (b"status", b"\"status\":\""),
    (b"currency", b"\"currency\":\""),
    (b"amount", b"\"amount\":\""),
    (b"transaction_type", b"\"transaction_type\":\""),
];

const AMOUNT: usize = 5;
/// As many digits as every reader of amounts takes.
const AMOUNT_DIGITS: usize = 15;
/// A longer value goes the long way, where the core judges it.
const LONGEST: usize = 200;

/// First byte and end of each value of an ordinary webhook, without its quotes; and behind them one of these.
pub(super) type Places = [u32; 2 * COUNT + 1];

/// The places before it count, and the body has no other fields.
const FOUND: u32 = 1;
/// They count, and it has.
const FOUND_AND_MORE: u32 = 3;

/// The fields, when `body` is an ordinary webhook. `body` is canonical: compact, and no object holds a key twice.
pub(super) fn find(body: &[u8]) -> Option<Places> {
    let mut places = [0; 2 * COUNT + 1];
    let mut found = 0;
    let mut more = false;
    if body.first() != Some(&b'{') {
        return None;
    }
    let mut at = 1;
    loop {
        let rest = body.get(at..)?;
        match place(rest, found) {
            Some((place, head)) => {
                let start = at + head;
                let end = text_end(body, start)?;
                if !ordinary(place, body.get(start..end)?) {
                    return None;
                }
                *places.get_mut(2 * place)? = start as u32;
                *places.get_mut(2 * place + 1)? = end as u32;
                found += 1;
                at = end + 1;
            }
            None => {
                more = true;
                at = behind_other(body, at)?;
            }
        }
        match body.get(at)? {
            _ if found == COUNT => {
                let more = more || body.get(at) != Some(&b'}');
                *places.last_mut()? = if more { FOUND_AND_MORE } else { FOUND };
                return Some(places);
            }
            b',' => at += 1,
            _ => return None,
        }
    }
}

/// Which documented field begins here with a string, and how long its key is. The next one in order is nearly always the one.
fn place(rest: &[u8], next: usize) -> Option<(usize, usize)> {
    let is = |place: &usize| HEADS.get(*place).is_some_and(|(_, head)| begins(rest, head));
    let place = Some(next).filter(is).or_else(|| (0..COUNT).find(is))?;
    HEADS.get(place).map(|(_, head)| (place, head.len()))
}

/// `starts_with` in words of eight bytes: the general one compares byte by byte in wasm. No head is shorter than a word or longer than three.
#[inline(always)]
fn begins(rest: &[u8], head: &[u8]) -> bool {
    let Some(start) = rest.get(..head.len()) else {
        return false;
    };
    let middle = |text: &[u8]| text.get(8..).and_then(|text| text.first_chunk::<8>().copied());
    start.first_chunk::<8>() == head.first_chunk::<8>()
        && start.last_chunk::<8>() == head.last_chunk::<8>()
        && (head.len() <= 16 || middle(start) == middle(head))
}

/// Behind a field that is none of the documented ones and holds a string, a number or a word. A documented field that is no string, and a
/// container before the documented fields, are not ordinary.
fn behind_other(body: &[u8], at: usize) -> Option<usize> {
    let start = at + 1;
    let end = text_end(body, start)?;
    let name = body.get(start..end)?;
    if HEADS.iter().any(|(known, _)| *known == name) || body.get(end + 1) != Some(&b':') {
        return None;
    }
    let value = end + 2;
    match body.get(value)? {
        b'"' => {
            let inside = body.get(value + 1..)?;
            let length = inside.iter().position(|&byte| matches!(byte, b'"' | b'\\'))?;
            (inside.get(length) == Some(&b'"')).then_some(value + 1 + length + 1)
        }
        b'{' | b'[' => None,
        _ => body
            .get(value..)?
            .iter()
            .position(|&byte| matches!(byte, b',' | b'}'))
            .map(|length| value + length),
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The place of the quote that ends a text of printable ASCII without escapes, eight bytes at a time. The text is canonical, so no control character but DEL
/// is in it.
#[inline(always)]
fn text_end(body: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while let Some(chunk) = body.get(at..)?.first_chunk() {
        let word = u64::from_le_bytes(*chunk);
        let zero_in = |word: u64| word.wrapping_sub(ONES) & !word;
        let quote = zero_in(word ^ (ONES * b'"' as u64));
        let backslash = zero_in(word ^ (ONES * b'\\' as u64));
        let delete = word.wrapping_add(ONES);
        let stops = (quote | backslash | delete | word) & HIGHS;
        if stops != 0 {
            // Only the lowest bit that is set is exact, and only that one is used.
            at += stops.trailing_zeros() as usize / 8;
            return (body.get(at) == Some(&b'"')).then_some(at);
        }
        at += 8;
    }
    let length = body
        .get(at..)?
        .iter()
        .position(|byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\'))?;
    (body.get(at + length) == Some(&b'"')).then_some(at + length)
}

/// Whether every reader of this field takes the value as it stands.
fn ordinary(place: usize, value: &[u8]) -> bool {
    if place == AMOUNT {
        return amount(value);
    }
    // `.` and `..` are no ids, and none has a space at an end.
    matches!(value.len(), 1..=LONGEST)
        && !matches!(value.first(), Some(b'.' | b' '))
        && value.last() != Some(&b' ')
}

/// `200`, `200.00`: digits, with a point between two of them at most, and no zero before others.
fn amount(value: &[u8]) -> bool {
    let mut parts = value.splitn(2, |&byte| byte == b'.');
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let whole = |part: &[u8]| digits(part) && (part.len() == 1 || !part.starts_with(b"0"));
    value.len() <= AMOUNT_DIGITS && parts.next().is_some_and(whole) && parts.next().is_none_or(digits)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::WebhookEvent;

    const BODY: &str = r#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}"#;

    /// What is found must be what the core reads.
    fn agrees(body: &str) -> Option<Places> {
        let places = find(body.as_bytes())?;
        let event = WebhookEvent::from_json(body.as_bytes()).unwrap();
        let (pairs, flags) = places.as_chunks::<2>();
        let found: Vec<&str> = pairs
            .iter()
            .map(|[start, end]| body.get(*start as usize..*end as usize).unwrap())
            .collect();
        let amount = event.amount.to_string();
        let read = [
            event.transaction_id.as_str(),
            event.user_id.as_str(),
            event.tracking_id.as_str(),
            event.status.as_str(),
            event.currency.code(),
            &amount,
            event.transaction_type.as_str(),
        ];
        assert_eq!(found, read, "{body}");
        assert_eq!(flags == [FOUND_AND_MORE], !event.extra.is_empty(), "{body}");
        Some(places)
    }

    #[test]
    fn finds_the_fields_of_ordinary_bodies() {
        for body in [
            BODY.to_owned(),
            BODY.replace("\"200.00\"", "\"0\""),
            BODY.replace("\"1111222\"", "\"an id ~\""),
            BODY.replace('}', r#","note":"a \" b","n":{"amount":"1"}}"#),
            BODY.replace('{', r#"{"note":"é","n":-1.5,"t":true,"#),
            BODY.replace(r#""status":"rejected","#, "")
                .replace('}', r#","status":"rejected"}"#),
        ] {
            assert!(agrees(&body).is_some(), "{body}");
        }
    }

    #[test]
    fn leaves_the_rest_to_the_core() {
        for body in [
            "{}".to_owned(),
            "[]".to_owned(),
            "\"\"".to_owned(),
            BODY.replace("\"1111222\"", "1111222"),
            BODY.replace("\"1111222\"", "\"\""),
            BODY.replace("\"1111222\"", "\"..\""),
            BODY.replace("\"1111222\"", "\" 1\""),
            BODY.replace("\"1111222\"", "\"1 \""),
            BODY.replace("\"1111222\"", "\"1234567\u{7f}9\""),
            BODY.replace("\"1111222\"", "\"\u{7f}\""),
            BODY.replace("\"1111222\"", r#""1\n""#),
            BODY.replace("\"1111222\"", "\"é\""),
            BODY.replace("\"1111222\"", &format!("\"{}\"", "1".repeat(256))),
            BODY.replace("\"200.00\"", "\"0200\""),
            BODY.replace("\"200.00\"", "\"-1\""),
            BODY.replace("\"200.00\"", "\"1e3\""),
            BODY.replace("\"200.00\"", "\"1.\""),
            BODY.replace("\"200.00\"", "\"\""),
            BODY.replace("\"amount\":\"200.00\",", ""),
            BODY.replace('{', r#"{"nested":{"amount":"1"},"#),
        ] {
            assert_eq!(find(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn survives_every_cut() {
        for end in 0..BODY.len() {
            assert_eq!(find(BODY.get(..end).unwrap().as_bytes()), None);
        }
    }
}
