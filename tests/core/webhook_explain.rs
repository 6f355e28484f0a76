//! `explain`: each usual mistake, made on purpose by JavaScript, is named.

use std::collections::BTreeSet;

use edge_cashier::{Password, Reason, Verdict, Webhook};
use serde_json::{Value, json};

use crate::support::{bytes, read};

const BODY: &[u8] = br#"{"transaction_id":"t1","status":"pending"}"#;

fn webhook(password: &str) -> Webhook {
    Webhook::new(password).unwrap()
}

fn candidates(vector: &Value) -> Vec<Password> {
    let made = |entry: &Value| {
        Password::new(entry["password"].as_str().unwrap())
            .unwrap()
            .named(entry["id"].as_str().unwrap())
    };
    vector["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(made)
        .collect()
}

#[test]
fn every_mistake_is_named() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for vector in read("explain.json") {
        let webhook = webhook(vector["password"].as_str().unwrap());
        let body = bytes(&vector, "body");
        let signature = vector["signature"].as_str().unwrap();
        let explanation = webhook.explain(&body, signature, None, &candidates(&vector));
        let expected = vector["reason"].as_str().unwrap();
        if explanation.reason.as_str() != expected {
            wrong.push(format!(
                "{}: {expected} expected, {}",
                vector["name"], explanation.reason
            ));
        }
        let verified = webhook.check(&body, signature, None).is_ok();
        assert_eq!(
            explanation.verdict == Verdict::Verified,
            verified,
            "{}",
            vector["name"]
        );
        assert!(!explanation.hint.is_empty());
        let told = format!("{} {:?}", explanation.hint, explanation);
        assert!(
            !told.contains("spg_") && !told.contains("r21nmr") && !told.contains("Jörg"),
            "{told}"
        );
        seen.insert(expected.to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Only the one that needs a clock is not among the vectors.
    assert_eq!(seen.len(), 27, "{seen:?}");
}

#[test]
fn a_password_that_has_ended() {
    let webhook = Webhook::with_passwords(vec![Password::new("spg_test_old").unwrap().until(5)]).unwrap();
    let signature = webhook.sign(BODY).unwrap();
    assert_eq!(
        webhook.explain(BODY, &signature, Some(5), &[]).reason,
        Reason::MatchedCanonical
    );
    let ended = webhook.explain(BODY, &signature, Some(6), &[]);
    assert_eq!(
        (ended.reason, ended.verdict),
        (Reason::PasswordExpired, Verdict::Refused)
    );
}

#[test]
fn every_password_is_tried() {
    let passwords = ["spg_a", "spg_b"].map(|secret| Password::new(secret).unwrap());
    let webhook = Webhook::with_passwords(passwords.to_vec()).unwrap();
    let signature = self::webhook("spg_b\n").sign(BODY).unwrap();
    assert_eq!(
        webhook.explain(BODY, &signature, None, &[]).reason,
        Reason::PasswordWhiteSpace
    );
}

/// The other details are in `tests/pkg/explain.test.mjs`, against signatures that Node makes.
#[test]
fn details_are_left_out_where_nothing_is_known() {
    let webhook = webhook("spg_test");
    let right = webhook.sign(BODY).unwrap();
    let hint = |body: &[u8], signature: &str| webhook.explain(body, signature, None, &[]).hint;
    assert!(hint(BODY, &right[..8]).ends_with("What is there is right."));
    assert!(!hint(BODY, &right[..7]).contains("What is there is right."));
    assert!(hint(&[b" ", BODY].concat(), &right).contains("not as JSON.stringify writes it"));
    assert!(!hint(BODY, &right).contains("not as JSON.stringify writes it"));
    let signed = self::webhook("spg_live").sign(BODY).unwrap();
    let nameless = Password::new("spg_live").unwrap();
    for (candidate, named) in [(nameless.clone(), false), (nameless.named("live"), true)] {
        let hint = webhook.explain(BODY, &signed, None, &[candidate]).hint;
        assert_eq!(hint.ends_with(" \"live\"."), named, "{hint}");
        assert!(hint.ends_with('.'), "{hint}");
    }
}

/// What is found in a body is compared in its canonical form, and as it is.
#[test]
fn behind_a_byte_order_mark_either_form_may_have_been_signed() {
    let webhook = webhook("spg_test");
    let text = [b" ", BODY].concat();
    let body = [b"\xef\xbb\xbf", &*text].concat();
    // printf ' {…}spg_test' | sha1sum
    let raw = "D00978AEAC40E712212A8F729C8432CFE31D9099";
    for signature in [webhook.sign(BODY).unwrap(), raw.to_owned()] {
        let explanation = webhook.explain(&body, &signature, None, &[]);
        assert_eq!(explanation.reason, Reason::ByteOrderMark);
        assert!(
            explanation.hint.ends_with("Without it the signature is right."),
            "{signature}"
        );
    }
}

#[test]
fn a_body_in_another_charset_is_read_before_it_is_judged() {
    let webhook = webhook("spg_test");
    let text = r#"{"name":"Zoë"}"#;
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let right = webhook.sign(text.as_bytes()).unwrap();
    let wrong = webhook.sign(BODY).unwrap();
    for body in [
        b"{\"name\":\"Zo\xeb\"}".to_vec(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ] {
        for (signature, is_right) in [(&right, true), (&wrong, false)] {
            let explanation = webhook.explain(&body, signature, None, &[]);
            assert_eq!(explanation.reason, Reason::Charset, "{}", body.escape_ascii());
            assert_eq!(explanation.hint.contains("it is what was signed"), is_right);
        }
    }
    // ASCII in UTF-16 is UTF-8 too, with a NUL beside each character: only a signature tells that it was not meant so.
    let ascii: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (signature, reason) in [
        (&webhook.sign(b"{}").unwrap(), Reason::Charset),
        (&wrong, Reason::NotJson),
    ] {
        assert_eq!(webhook.explain(&ascii, signature, None, &[]).reason, reason);
    }
    // € and Ž are where windows-1252 differs from Latin-1.
    let right = webhook.sign(r#"{"name":"Žižek €"}"#.as_bytes()).unwrap();
    let explanation = webhook.explain(b"{\"name\":\"\x8ei\x9eek \x80\"}", &right, None, &[]);
    assert!(explanation.hint.contains("it is what was signed"));
}

/// Fewer than eight fields are tried in every order, not only in those that somebody is known to write.
#[test]
fn every_order_of_a_few_fields_is_found() {
    let webhook = webhook("spg_test");
    let object = |members: &[&str]| format!("{{{}}}", members.join(","));
    let members = [
        r#""b":1"#,
        r#""c":{"x":[2,{"y":3}],"w":4}"#,
        r#""a":"5""#,
        r#""e":6"#,
        r#""d":7"#,
    ];
    let mut orders: Vec<Vec<&str>> = vec![Vec::new()];
    for (others, member) in members.into_iter().enumerate() {
        orders = orders
            .iter()
            .flat_map(|order| (0..=others).map(|at| [&order[..at], &[member], &order[at..]].concat()))
            .collect();
    }
    assert_eq!(orders.iter().collect::<BTreeSet<_>>().len(), 120);
    let body = object(&members);
    for order in orders {
        let signature = webhook.sign(object(&order).as_bytes()).unwrap();
        let explanation = webhook.explain(body.as_bytes(), &signature, None, &[]);
        let expected = if order == members {
            Reason::MatchedCanonical
        } else {
            Reason::BodyRewritten
        };
        assert_eq!(explanation.reason, expected, "{order:?}");
    }
}

/// A mistake that is found says so; what is not found may come of the password's end.
#[test]
fn white_space_at_an_end_of_a_password_comes_first() {
    let webhook = webhook(" spg_test");
    let padded = "A password has white space at an end";
    let hint = |signature: &str| webhook.explain(BODY, signature, None, &[]).hint;
    assert!(hint(&"0".repeat(40)).starts_with(padded));
    assert!(hint(&self::webhook("\u{a0}spg").sign(BODY).unwrap()).starts_with(padded));
    for other in ["spg_test", "spg_test\n", "\"spg_test\""] {
        assert!(
            !hint(&self::webhook(other).sign(BODY).unwrap()).starts_with(padded),
            "{other:?}"
        );
    }
    assert!(!hint(&webhook.sign(BODY).unwrap()).starts_with(padded));
}

#[test]
fn what_a_body_is_encoded_by_is_named() {
    let webhook = webhook("spg_test");
    let right = webhook.sign(BODY).unwrap();
    let wrong = "0".repeat(40);
    let explain = |body: &[u8], signature: &str| {
        let explanation = webhook.explain(body, signature, None, &[]);
        (explanation.reason, explanation.hint)
    };
    // printf '{"transaction_id":"t1","status":"pending"}' | base64
    let base64 = b"eyJ0cmFuc2FjdGlvbl9pZCI6InQxIiwic3RhdHVzIjoicGVuZGluZyJ9";
    // The same in lines, and with the padding that it does not need.
    let (first, second) = base64.split_at(20);
    let lines = [first, b"\r\n", second, b"=="].concat();
    for body in [base64.to_vec(), [base64, &b"\n"[..]].concat(), lines] {
        for (signature, detail) in [
            (&right, "Decoded, it is what was signed."),
            (&wrong, "Even decoded, it is not what was signed."),
        ] {
            let (reason, hint) = explain(&body, signature);
            assert_eq!(reason, Reason::BodyBase64);
            assert!(hint.ends_with(detail), "{hint}");
        }
    }
    // Words that base64 has letters for, and base64 of something else.
    for body in [&b"body"[..], b"undefined", b"aGVsbG8=", b"eyJ0cmFuc2FjdGlvbl9p"] {
        assert_eq!(
            explain(body, &right).0,
            Reason::NotJson,
            "{}",
            body.escape_ascii()
        );
    }
    for (body, detail) in [
        (&b"\x1f\x8b\x08\0"[..], "It begins as gzip does."),
        ("\u{1f}\u{fffd}\u{8}".as_bytes(), "It begins as gzip does."),
        ("\u{1f}\u{8b}\u{8}".as_bytes(), "It begins as gzip does."),
        (b"\x28\xb5\x2f\xfd\x04", "It begins as Zstandard does."),
        (b"\x78\x9c\xab\x56\x02\x01", "It begins as deflate (zlib) does."),
        (
            b"\x8b\x62\x80\x7b\x01\x22",
            "It only looks so: Brotli, for one, has no mark to know it by.",
        ),
        (
            "\u{fffd}b\u{fffd}{\u{1}\"".as_bytes(),
            "It only looks so: Brotli, for one, has no mark to know it by.",
        ),
    ] {
        let (reason, hint) = explain(body, &right);
        assert_eq!(reason, Reason::BodyCompressed, "{}", body.escape_ascii());
        assert!(hint.ends_with(detail), "{hint}");
    }
    // "x^" is how zlib begins, and text.
    assert_eq!(explain(b"x^2", &right).0, Reason::NotJson);
    assert_eq!(explain(b"x\x9c\xe9", &right).0, Reason::Charset);
}

#[test]
fn it_serializes_for_tools() {
    let webhook = webhook("spg_test");
    let explanation = webhook.explain(BODY, "", None, &[]);
    let hint = &explanation.hint;
    assert_eq!(
        serde_json::to_value(&explanation).unwrap(),
        json!({ "verdict": "refused", "reason": "no_signature", "hint": hint })
    );
}
