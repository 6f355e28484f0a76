//! `canonicalize` against vectors that JavaScript made, and against rules that need no oracle.

use std::borrow::Cow;

use edge_cashier::{CanonicalErrorKind as Kind, MAX_DEPTH, canonicalize};
use proptest::prelude::*;

use crate::support::{bytes, cases, read};

#[test]
fn every_vector() {
    let mut accepted = 0;
    let mut refused = 0;
    for vector in read("canonical.json") {
        let name = &vector["name"];
        let text = bytes(&vector, "text");
        let ours = canonicalize(&text);
        match vector["canonical"].as_str() {
            Some(expected) => {
                accepted += 1;
                assert_eq!(ours.as_deref(), Ok(expected), "{name}");
            }
            None => {
                refused += 1;
                let error = ours.expect_err(&format!("{name} has no canonical form"));
                assert!(error.position() <= text.len(), "{name}: {error}");
            }
        }
    }
    assert!(
        accepted > 150 && refused > 80,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn a_canonical_text_is_borrowed() {
    for text in [
        r#"{"transaction_id":"t1","user_id":"J\"ö\\rg\n","amount":"200.00","n":[0,-1,10.05,123456789012345,0.000001,-0.5,100],"o":{"t":true,"f":false,"n":null,"":{}},"3ds":[]}"#,
        "{}",
        "[]",
        "\"\"",
        "\"abc\"",
        "0",
        "[0.00000123456789012345,-0.000001,-99999999999999.9]",
    ] {
        assert!(is_borrowed(text), "{text}");
    }
}

/// More keys than the table for them has at first, and the same ones again in other objects.
#[test]
fn a_canonical_text_with_many_keys_is_borrowed() {
    for keys in [1, 31, 32, 33, 127, 128, 129, 3000] {
        let members: Vec<_> = (0..keys).map(|n| format!("\"field {n}\":{n}")).collect();
        let object = format!("{{{}}}", members.join(","));
        assert!(is_borrowed(&object), "{keys} keys");
        assert!(is_borrowed(&format!("[{object},{object}]")), "twice {keys} keys");
    }
}

/// Bodies nest once or twice; what nests deeper may cost more, but must not be refused.
#[test]
fn a_canonical_text_is_borrowed_to_32_levels() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        assert!(is_borrowed(&nested(32)));
        assert_eq!(canonicalize(&nested(33)).as_deref(), Ok(nested(33).as_str()));
    }
}

/// A string is looked at eight bytes at a time: nothing may hide at any place of the eight, nor behind them.
#[test]
fn what_has_to_change_is_seen_wherever_it_stands() {
    for at in 0..100 {
        let (before, behind) = ("x".repeat(at), "x".repeat(100 - at));
        for (escape, character) in [(r"\u0041", "A"), (r"\/", "/"), (r"\u000A", r"\n")] {
            let written = format!("\"{before}{escape}{behind}\"");
            let expected = format!("\"{before}{character}{behind}\"");
            for (front, back) in [("", ""), ("[\"é\\\"\",", "]"), ("{\"k\":", "}"), ("{", ":1}")] {
                assert_eq!(
                    canonicalize(&format!("{front}{written}{back}")),
                    Ok(Cow::Owned(format!("{front}{expected}{back}"))),
                    "{at}"
                );
            }
        }
        let error =
            canonicalize(&format!("\"{before}\u{1f}{behind}\"")).expect_err("has a control character");
        assert_eq!((error.kind(), error.position()), (Kind::ControlCharacter, at + 1));
    }
}

fn is_borrowed(text: &str) -> bool {
    matches!(canonicalize(text), Ok(Cow::Borrowed(same)) if same == text)
}

#[test]
fn errors_say_where_and_why() {
    let wrong = |expected| Kind::Unexpected { expected };
    for (text, kind, position) in [
        (&b""[..], Kind::UnexpectedEnd, 0),
        (b"  ", Kind::UnexpectedEnd, 2),
        (b"{\"a\":1", Kind::UnexpectedEnd, 6),
        (b"\"abc", Kind::UnexpectedEnd, 4),
        (b"\"\\", Kind::UnexpectedEnd, 2),
        (b"\"\\u12", Kind::UnexpectedEnd, 5),
        (b"[1 2]", wrong("',' or ']'"), 3),
        (b"{\"a\":1 2}", wrong("',' or '}'"), 7),
        (b"{\"a\" 1}", wrong("':'"), 5),
        (b"{a:1}", wrong("a key in double quotes"), 1),
        (b"{\"a\":1,}", wrong("a key in double quotes"), 7),
        (b"[1,]", wrong("a value"), 3),
        (b"1.x", wrong("a digit"), 2),
        (b"-x", wrong("a digit"), 1),
        (b"1e+", Kind::UnexpectedEnd, 3),
        (b"nulx", wrong("'true', 'false' or 'null'"), 3),
        (b"01", Kind::LeadingZero, 1),
        (b"-007", Kind::LeadingZero, 2),
        (b"\"a\tb\"", Kind::ControlCharacter, 2),
        (b"[\"\\x41\"]", Kind::Escape, 2),
        (b"[\"a\\u12g4\"]", Kind::Escape, 3),
        (b"{} {}", Kind::TrailingText, 3),
        (b"\xef\xbb\xbf{}", Kind::ByteOrderMark, 0),
        (b"\"ab\xe9\"", Kind::NotUtf8, 3),
    ] {
        let error = canonicalize(text).expect_err("is not JSON");
        assert_eq!(
            (error.kind(), error.position()),
            (kind, position),
            "{}",
            text.escape_ascii()
        );
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn nesting_has_a_limit_that_is_an_error() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| format!("{}1.0{}", open.repeat(levels), close.repeat(levels));
        let expected = nested(MAX_DEPTH).replace("1.0", "1");
        assert_eq!(canonicalize(&nested(MAX_DEPTH)).as_deref(), Ok(expected.as_str()));
        for levels in [MAX_DEPTH + 1, 1_000_000] {
            let error = canonicalize(&nested(levels)).expect_err("is too deep");
            assert_eq!(
                (error.kind(), error.position()),
                (Kind::TooDeep, MAX_DEPTH * open.len())
            );
        }
    }
    let error = canonicalize(&"[".repeat(1_000_000)).expect_err("never ends");
    assert_eq!(error.kind(), Kind::TooDeep);
}

#[test]
fn an_error_repeats_nothing_of_the_text() {
    let error = canonicalize(r#"{"holder":"Jane Roe" x}"#).expect_err("is not JSON");
    assert!(!format!("{error} {error:?}").contains("Jane"));
}

/// JSON values as their texts: what may stand in a body, spelled in every way that JSON allows.
fn json_text() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<f64>()
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(|n| format!("{n:e}")),
        any::<f64>()
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(|n| format!("{n:?}")),
        any::<i64>().prop_map(|n| n.to_string()),
        (any::<u32>(), 0_u32..100).prop_map(|(n, cents)| format!("{n}.{cents:02}")),
        "-?(0|[1-9][0-9]{0,16})(\\.[0-9]{1,12})?",
    ];
    let string = prop_oneof![
        "[a-z_0-9]{0,12}",
        r#"([a-zé€😀/]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00){0,8}"#,
        "[0-9]{1,3}",
    ];
    let leaf = prop_oneof![
        number,
        string.clone().prop_map(|s| format!("\"{s}\"")),
        Just("true".to_owned()),
        Just("null".to_owned())
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((string.clone(), inner), 0..8).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(2000), failure_persistence: None, ..ProptestConfig::default() })]

    /// What has been brought to the canonical form stays as it is, and white space between tokens changes nothing.
    #[test]
    fn canonical_form_is_stable(text in json_text()) {
        let once = canonicalize(&text).unwrap().into_owned();
        prop_assert_eq!(canonicalize(&once).unwrap(), once.as_str());
        let spaced = format!(" \t{text}\r\n ");
        prop_assert_eq!(canonicalize(&spaced).unwrap(), once.as_str());
    }

    /// No bytes whatever make it panic, and a refusal points into the text.
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Err(error) = canonicalize(&bytes) {
            prop_assert!(error.position() <= bytes.len());
        }
    }

    /// A text that is nearly JSON is either refused or has a stable form.
    #[test]
    fn nearly_json(text in json_text(), at in any::<prop::sample::Index>(), with in "[\\[\\]{},:\"\\\\0-9eE.+\\- ]{0,2}") {
        let mut broken: Vec<char> = text.chars().collect();
        let at = at.index(broken.len() + 1);
        broken.splice(at..(at + 1).min(broken.len()), with.chars());
        let broken: String = broken.into_iter().collect();
        match canonicalize(&broken) {
            Ok(once) => prop_assert_eq!(canonicalize(&*once).unwrap(), &*once),
            Err(error) => prop_assert!(error.position() <= broken.len()),
        }
    }
}
