//! Finds the fields of an ordinary event in its canonical text: seven plain strings, which need no JSON reader.

use std::ops::Range;

use crate::webhook::FIELDS;

/// As many digits as every reader of amounts takes.
const AMOUNT_DIGITS: usize = 15;

/// Start and end of each documented field's value in the body, without its quotes.
pub(super) type Places = [u32; 2 * FIELDS.len()];

/// What was found of the outermost members of a body.
#[derive(Default)]
pub(super) struct Members {
    pub(super) places: Places,
    found: usize,
    /// Whether there are unknown fields too.
    pub(super) more: bool,
}

impl Members {
    /// Adds one member. No key occurs twice in a canonical body.
    pub(super) fn add(&mut self, body: &[u8], key: &[u8], value: Option<Range<usize>>) {
        let Some(place) = FIELDS.iter().position(|name| name.as_bytes() == key) else {
            self.more = true;
            return;
        };
        let Some(range) = value else { return };
        let text = body.get(range.clone()).unwrap_or_default();
        let is_ordinary = match FIELDS.get(place) {
            Some(&"amount") => is_amount(text),
            _ => !text.is_empty() && !text.contains(&b'\\'),
        };
        if is_ordinary && let Some([start, end]) = self.places.as_chunks_mut::<2>().0.get_mut(place) {
            *start = range.start as u32;
            *end = range.end as u32;
            self.found += 1;
        }
    }

    /// Tells whether the values as they are written are what the core would read.
    pub(super) fn are_ordinary(&self) -> bool {
        self.found == FIELDS.len()
    }
}

/// Accepts `200` and `200.00`: digits with at most one point between them and no leading zero.
fn is_amount(value: &[u8]) -> bool {
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
    use crate::webhook::{Proven, prove};

    const BODY: &str = r#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}"#;

    /// What is found must be what the core reads.
    fn is_ordinary(body: &str) -> bool {
        let bytes = body.as_bytes();
        let mut members = Members::default();
        let proven = prove(bytes, |key, value| members.add(bytes, key, value));
        if proven != Some(Proven::Ascii) || !members.are_ordinary() {
            return false;
        }
        let event = WebhookEvent::from_json(bytes).unwrap();
        let (pairs, _) = members.places.as_chunks::<2>();
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
        assert_eq!(members.more, !event.extra.is_empty(), "{body}");
        true
    }

    #[test]
    fn finds_the_fields_of_ordinary_bodies() {
        for body in [
            BODY.to_owned(),
            BODY.replace("\"200.00\"", "\"0\""),
            BODY.replace("\"1111222\"", "\" an id ~\u{7f}\""),
            BODY.replace("\"1111222\"", "\"..\""),
            BODY.replace("\"1111222\"", &format!("\"{}\"", "1".repeat(256))),
            BODY.replace('}', r#","note":"a \" b","n":{"amount":"1"}}"#),
            BODY.replace('{', r#"{"note":"e","n":-1.5,"t":true,"nested":{"amount":"1"},"#),
            BODY.replace(r#""status":"rejected","#, "")
                .replace('}', r#","status":"rejected"}"#),
        ] {
            assert!(is_ordinary(&body), "{body}");
        }
    }

    #[test]
    fn leaves_the_rest_to_the_core() {
        for body in [
            "{}".to_owned(),
            "[]".to_owned(),
            "\"\"".to_owned(),
            format!("[{BODY}]"),
            format!("{{\"a\":{BODY}}}"),
            BODY.replace("\"1111222\"", "1111222"),
            BODY.replace("\"1111222\"", "null"),
            BODY.replace("\"1111222\"", "[\"1111222\"]"),
            BODY.replace("\"1111222\"", "\"\""),
            BODY.replace("\"1111222\"", r#""1\n""#),
            BODY.replace("\"1111222\"", "\"é\""),
            BODY.replace("\"200.00\"", "\"0200\""),
            BODY.replace("\"200.00\"", "\"-1\""),
            BODY.replace("\"200.00\"", "\"1e3\""),
            BODY.replace("\"200.00\"", "\"1.\""),
            BODY.replace("\"200.00\"", "\"\""),
            BODY.replace("\"200.00\"", "\"1234567890123456\""),
            BODY.replace("\"amount\":\"200.00\",", ""),
        ] {
            assert!(!is_ordinary(&body), "{body}");
        }
    }

    #[test]
    fn survives_every_cut() {
        for end in 0..BODY.len() {
            assert!(!is_ordinary(BODY.get(..end).unwrap()));
        }
    }
}
