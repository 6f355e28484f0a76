//! `Webhook` against vectors that JavaScript made, and against every way to be wrong.

use edge_cashier::{
    MAX_DEPTH, Matched, Password, PasswordError, TransactionStatus, TransactionType, Webhook, WebhookError,
    WebhookEvent, canonicalize,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{bytes, cases, found, read};

/// The reference's published check.
const BODY: &str = r#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}"#;
const PASSWORD: &str = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF";
const SIGNATURE: &str = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC";

/// What follows a mismatch where no password has white space at an end.
const MISMATCH: WebhookError = WebhookError::SignatureMismatch {
    padded_password: false,
};

fn published() -> Webhook {
    Webhook::new(PASSWORD).unwrap()
}

/// Why the published webhook does not take these.
fn refusal(body: impl AsRef<[u8]>, signature: &str) -> WebhookError {
    published().verify(body.as_ref(), signature, None).unwrap_err()
}

fn passwords(vector: &Value) -> Webhook {
    let passwords = vector["passwords"].as_array().unwrap().iter().map(|entry| {
        let mut password = Password::new(entry["password"].as_str().unwrap()).unwrap();
        if let Some(id) = entry["id"].as_str() {
            password = password.named(id);
        }
        if let Some(end) = entry["not_after"].as_u64() {
            password = password.until(end);
        }
        password
    });
    Webhook::with_passwords(passwords.collect()).unwrap()
}

/// The npm package's tests have the same limits.
#[test]
fn an_event_is_127_levels_deep_at_most() {
    // The event itself is a level.
    for (levels, code) in [
        (126, None),
        (127, Some("not_a_webhook")),
        (MAX_DEPTH - 1, Some("not_a_webhook")),
        (MAX_DEPTH, Some("not_json")),
    ] {
        let nested = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let body = BODY.replace("}", &format!(r#","nested":{nested}}}"#));
        let signature = published()
            .sign(body.as_bytes())
            .unwrap_or_else(|_| SIGNATURE.to_owned());
        let verified = published().verify(body.as_bytes(), &signature, None);
        assert_eq!(verified.as_ref().err().map(WebhookError::code), code, "{levels}");
        if let Ok(verified) = verified {
            assert_eq!(verified.event.extra["nested"].to_string(), nested);
        }
    }
}

/// `serde_json` means a number by an object with this field; in a webhook it is a field like any other.
#[test]
fn a_field_that_a_parser_keeps_for_itself_is_no_number() {
    let verify = |body: &str| {
        let signature = published().sign(body.as_bytes()).unwrap();
        published().verify(body.as_bytes(), &signature, None)
    };
    for (value, name) in [
        (r#""10.05""#, "$serde_json::private::Number"),
        (r#""no number""#, "$serde_json::private::Number"),
        ("1", r"\u0024serde_json::private::Number"),
        ("{}", "$serde_json::private::Number"),
    ] {
        let odd = format!(r#"{{"{name}":{value}}}"#);
        let event = verify(&BODY.replace("}", &format!(r#","note":{odd}}}"#)))
            .unwrap()
            .event;
        let key = event.extra["note"].as_object().unwrap().keys().next().unwrap();
        assert_eq!(key, "$serde_json::private::Number");
        let error = verify(&BODY.replace(r#""200.00""#, &odd)).unwrap_err();
        assert_eq!(error.code(), "not_a_webhook");
    }
}

#[test]
fn the_published_check_verifies() {
    let verified = published().verify(BODY.as_bytes(), SIGNATURE, None).unwrap();
    assert_eq!(verified.matched, Matched::Canonical);
    assert_eq!(verified.password_id, None);
    let event = verified.event;
    assert_eq!(event.transaction_id.as_str(), "r21nmrtpcmrcava");
    assert_eq!(event.user_id.as_str(), "1111222");
    assert_eq!(event.tracking_id.as_str(), "b8f04416-116a-11ed-861d-0242ac120002");
    assert_eq!(event.status, TransactionStatus::Rejected);
    assert_eq!(event.currency.code(), "GBP");
    assert_eq!(event.amount.to_string(), "200.00");
    assert_eq!(event.transaction_type, TransactionType::Withdrawal);
    assert!(event.extra.is_empty());
    assert_eq!(serde_json::to_string(&event).unwrap(), BODY);
    assert_eq!(published().sign(BODY.as_bytes()).as_deref(), Ok(SIGNATURE));
}

#[test]
fn every_vector() {
    for vector in read("signatures.json") {
        let name = &vector["name"];
        let webhook = passwords(&vector);
        let body = bytes(&vector, "body");
        let signature = vector["signature"].as_str().unwrap();
        let result = webhook.verify(&body, signature, vector["now"].as_u64());
        let expected = &vector["expected"];
        match expected["error"].as_str() {
            Some(code) => assert_eq!(result.map_err(|error| error.code()), Err(code), "{name}"),
            None => {
                let verified = result.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(json!(verified.matched.as_str()), expected["matched"], "{name}");
                assert_eq!(json!(verified.password_id), expected["password_id"], "{name}");
            }
        }
    }
}

#[test]
fn each_flipped_bit_of_the_signature_is_refused() {
    let webhook = published();
    for at in 0..SIGNATURE.len() {
        let digit = u8::from_str_radix(&SIGNATURE[at..=at], 16).unwrap();
        for bit in 0..4 {
            let wrong = format!(
                "{}{:X}{}",
                &SIGNATURE[..at],
                digit ^ (1 << bit),
                &SIGNATURE[at + 1..]
            );
            assert_eq!(
                webhook.verify(BODY.as_bytes(), &wrong, None),
                Err(MISMATCH),
                "{wrong}"
            );
        }
    }
}

#[test]
fn each_flipped_bit_of_the_body_is_refused() {
    let webhook = published();
    for at in 0..BODY.len() {
        for bit in 0..8 {
            let mut wrong = BODY.as_bytes().to_vec();
            wrong[at] ^= 1 << bit;
            let result = webhook.verify(&wrong, SIGNATURE, None);
            assert!(
                matches!(
                    result,
                    Err(WebhookError::SignatureMismatch { .. } | WebhookError::NotJson(_))
                ),
                "byte {at}, bit {bit}: {result:?}"
            );
        }
    }
}

#[test]
fn each_flipped_bit_of_the_password_is_refused() {
    for at in 0..PASSWORD.len() {
        for bit in 0..8 {
            let mut wrong = PASSWORD.as_bytes().to_vec();
            wrong[at] ^= 1 << bit;
            let webhook = Webhook::new(&wrong).unwrap();
            assert_eq!(webhook.verify(BODY.as_bytes(), SIGNATURE, None), Err(MISMATCH));
        }
    }
}

#[test]
fn each_shorter_or_longer_signature_is_refused() {
    assert_eq!(refusal(BODY, ""), WebhookError::NoSignature);
    let twice = SIGNATURE.repeat(2);
    for found in (1..40).chain([41, 80]) {
        assert_eq!(
            refusal(BODY, &twice[..found]),
            WebhookError::SignatureLength { found }
        );
    }
}

#[test]
fn a_signature_that_is_not_hexadecimal_says_where() {
    for (signature, position) in [("5FDG", 3), (" 5F", 0), ("5Fé", 2), ("\u{0}", 0), ("0x5F", 1)] {
        assert_eq!(
            refusal(BODY, signature),
            WebhookError::SignatureNotHex { position },
            "{signature}"
        );
    }
}

#[test]
fn a_signature_is_refused_before_the_body_is_looked_at() {
    for (signature, code) in [
        ("", "no_signature"),
        ("zz", "signature_not_hex"),
        (SIGNATURE, "not_json"),
    ] {
        assert_eq!(refusal("not json", signature).code(), code);
    }
}

/// Whether a body is UTF-8 is asked only when it has bytes that ASCII has not: each of them has to be noticed.
#[test]
fn bytes_that_are_not_utf_8_are_refused_wherever_they_stand() {
    for byte in [0x80, 0xbf, 0xc3, 0xff] {
        for at in 0..40 {
            let mut text = "x".repeat(40).into_bytes();
            text[at] = byte;
            for (front, back) in [("\"", "\""), ("[\"é\",\"", "\",1]"), ("{\"", "\":1}")] {
                let body = [front.as_bytes(), &text, back.as_bytes()].concat();
                let error = published().sign(&body).unwrap_err();
                assert_eq!(error.code(), "not_json", "{}", body.escape_ascii());
            }
        }
    }
}

#[test]
fn passwords_are_checked_when_they_are_given() {
    assert_eq!(Webhook::new("").unwrap_err(), PasswordError::Empty);
    for (unset, code) in [
        ("", "empty_password"),
        (" \t\r\n", "empty_password"),
        ("undefined", "unset_password"),
        ("null\n", "unset_password"),
    ] {
        let error = Password::new(unset).unwrap_err();
        assert_eq!(error.code(), code, "{unset:?}");
        assert!(
            error.to_string().contains("the signature password is "),
            "{error}"
        );
    }
    for secret in [&b"Undefined"[..], b"nullable", b"\xff", b" spg_test\n"] {
        assert!(Password::new(secret).is_ok(), "{secret:?}");
    }
    assert_eq!(
        Webhook::with_passwords(Vec::new()).unwrap_err().code(),
        "no_password"
    );
    let named = |id| Password::new("spg_test").unwrap().named(id);
    let error = Webhook::with_passwords(vec![named("a"), named("b"), named("a")]).unwrap_err();
    assert_eq!(error, PasswordError::SameName { id: "a".to_owned() });
    assert_eq!(error.code(), "same_password_name");
    assert!(error.to_string().contains("\"a\""));
    let unnamed = || Password::new("spg_test").unwrap();
    assert!(Webhook::with_passwords(vec![unnamed(), unnamed()]).is_ok());
}

#[test]
fn of_two_equal_passwords_the_one_that_has_not_ended_counts() {
    let password = || Password::new(PASSWORD).unwrap();
    for passwords in [
        vec![password().named("ended").until(1), password().named("good")],
        vec![password().named("good"), password().named("ended").until(1)],
    ] {
        let webhook = Webhook::with_passwords(passwords).unwrap();
        let verified = webhook.verify(BODY.as_bytes(), SIGNATURE, Some(2)).unwrap();
        assert_eq!(verified.password_id.as_deref(), Some("good"));
    }
}

#[test]
fn an_ended_password_is_named() {
    let webhook =
        Webhook::with_passwords(vec![Password::new(PASSWORD).unwrap().named("2023").until(5)]).unwrap();
    let error = webhook.verify(BODY.as_bytes(), SIGNATURE, Some(6)).unwrap_err();
    assert_eq!(
        error,
        WebhookError::PasswordExpired {
            id: Some("2023".to_owned())
        }
    );
    assert!(error.to_string().contains("2023"));
    assert!(webhook.verify(BODY.as_bytes(), SIGNATURE, Some(5)).is_ok());
}

/// The usual cause of a mismatch is said first, and only where it can be the cause.
#[test]
fn a_password_with_white_space_at_an_end_is_named_by_the_mismatch() {
    for password in [
        format!("{PASSWORD}\n"),
        format!(" {PASSWORD}"),
        format!("{PASSWORD}\r\n"),
        format!("\u{feff}{PASSWORD}"),
        format!("{PASSWORD}\u{a0}"),
    ] {
        let webhook = Webhook::new(&password).unwrap();
        let error = webhook.verify(BODY.as_bytes(), SIGNATURE, None).unwrap_err();
        assert_eq!(error.code(), "signature_mismatch");
        assert!(
            error
                .to_string()
                .starts_with("a signature password has white space at an end"),
            "{error}"
        );
        assert!(!error.to_string().contains("spg_"));
        // Byte for byte it is right.
        let signature = webhook.sign(BODY.as_bytes()).unwrap();
        assert!(webhook.verify(BODY.as_bytes(), &signature, None).is_ok());
    }
    let error = refusal("{}", SIGNATURE);
    assert!(
        error.to_string().starts_with("the signature does not match"),
        "{error}"
    );
}

#[test]
fn a_body_that_no_webhook_has_is_refused_and_so_is_its_canonical_form() {
    let short = format!("[{}1]", "1e20,".repeat(500_000));
    let long = format!("\"{}\"", "x".repeat(8 * 1024 * 1024));
    for body in [short, long] {
        assert_eq!(refusal(body, SIGNATURE), WebhookError::BodyTooLarge);
    }
}

#[test]
fn the_first_password_signs() {
    let webhook = Webhook::with_passwords(vec![
        Password::new(PASSWORD).unwrap(),
        Password::new("spg_test").unwrap(),
    ])
    .unwrap();
    assert_eq!(webhook.sign(BODY.as_bytes()).as_deref(), Ok(SIGNATURE));
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(BODY).unwrap()).unwrap();
    assert_eq!(webhook.sign(pretty.as_bytes()).as_deref(), Ok(SIGNATURE));
    assert_eq!(webhook.sign(b"{").unwrap_err().code(), "not_json");
}

#[test]
fn what_was_signed_is_handed_out() {
    let webhook = published();
    let checked = webhook.check(BODY.as_bytes(), SIGNATURE, None).unwrap();
    assert!(matches!(checked.signed, std::borrow::Cow::Borrowed(bytes) if bytes == BODY.as_bytes()));
    let spaced = BODY.replace(',', ", ");
    let checked = webhook.check(spaced.as_bytes(), SIGNATURE, None).unwrap();
    assert_eq!(&*checked.signed, BODY.as_bytes());
}

/// A consumer that reads another value than the one that was verified is how duplicate keys become money.
#[test]
fn the_event_is_read_from_what_was_signed() {
    let tricky = BODY.replace(r#""amount":"200.00""#, r#""amount":"1.00","amount":"200.00""#);
    let verified = published().verify(tricky.as_bytes(), SIGNATURE, None).unwrap();
    assert_eq!(verified.event.amount.to_string(), "200.00");
}

#[test]
fn secrets_are_not_printed() {
    let webhook = Webhook::with_passwords(vec![Password::new(PASSWORD).unwrap().named("live")]).unwrap();
    let printed = format!("{webhook:?} {:#?}", webhook.clone());
    assert!(
        printed.contains("[REDACTED]") && printed.contains("live"),
        "{printed}"
    );
    let as_bytes = format!("{:?}", PASSWORD.as_bytes());
    assert!(
        !printed.contains("spg_test") && !printed.contains(&as_bytes[1..20]),
        "{printed}"
    );
    for (body, signature) in [
        (r#"{"a":"Jane Roe" 1}"#, SIGNATURE),
        (r#"{"a":"Jane Roe"}"#, SIGNATURE),
        ("{}", "Jane Roe"),
    ] {
        let error = refusal(body, signature);
        let printed = format!("{error} {error:?}");
        assert!(
            !printed.contains("Jane") && !printed.contains("spg_test") && !printed.contains(SIGNATURE),
            "{printed}"
        );
    }
}

#[test]
fn error_messages_name_the_remedy() {
    for (body, signature, part) in [
        (BODY, "", "x-signature"),
        (BODY, "zz", "byte 0"),
        (BODY, "00", "2 hexadecimal digits"),
        ("[1,", SIGNATURE, "after 3 bytes"),
        ("{}", SIGNATURE, "explain"),
    ] {
        let error = refusal(body, signature);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn every_field_that_is_wrong_is_named_at_once() {
    let error = WebhookEvent::from_json(
        br#"{"transaction_id":"","user_id":[],"status":1,"currency":null,"amount":"1e3","x":1}"#,
    )
    .unwrap_err();
    assert_eq!(
        found(&error),
        [
            ("transaction_id", "required"),
            ("user_id", "type"),
            ("tracking_id", "required"),
            ("status", "type"),
            ("currency", "type"),
            ("amount", "format"),
            ("transaction_type", "required"),
        ]
    );
    for text in ["[]", "1", "null", "{", ""] {
        let error = WebhookEvent::from_json(text.as_bytes()).unwrap_err();
        assert_eq!(found(&error), [("", "type")], "{text}");
    }
}

/// What the gateway signed is not refused for how an id looks: it is the gateway's or the merchant's own matter.
#[test]
fn an_id_is_any_text_but_the_empty_one_or_the_digits_of_a_number() {
    let long = "x".repeat(5000);
    let texts = [" 1 ", "\u{1}\n", ".", "..", long.as_str()].map(|text| (json!(text).to_string(), text));
    let numbers =
        ["0", "1.5", "-1", "1e+21", "1111222.0", "18446744073709551616"].map(|text| (text.to_owned(), text));
    for (written, expected) in texts.into_iter().chain(numbers) {
        for (name, old) in [
            ("transaction_id", "r21nmrtpcmrcava"),
            ("user_id", "1111222"),
            ("tracking_id", "b8f04416-116a-11ed-861d-0242ac120002"),
        ] {
            let text = BODY.replace(&format!("\"{old}\""), &written);
            let event = WebhookEvent::from_json(text.as_bytes()).unwrap();
            let ids = [
                event.transaction_id.as_str(),
                event.user_id.as_str(),
                event.tracking_id.as_str(),
            ];
            assert!(ids.contains(&expected), "{name} {written}");
        }
    }
    for (wrong, code) in [
        ("\"\"", "required"),
        ("null", "type"),
        ("[]", "type"),
        ("true", "type"),
    ] {
        let text = BODY.replace("\"1111222\"", wrong);
        let error = WebhookEvent::from_json(text.as_bytes()).unwrap_err();
        assert_eq!(found(&error), [("user_id", code)], "{wrong}");
    }
}

#[test]
fn what_the_gateway_may_grow_is_carried() {
    let text = r#"{"z":1.50,"transaction_id":12,"user_id":1111222,"tracking_id":"p1","status":"on_hold","currency":"XBT","amount":0.12345678901234567890,"transaction_type":"refund","note":{"b":[1],"a":"\ud83d\ude00"}}"#;
    let event = WebhookEvent::from_json(text.as_bytes()).unwrap();
    assert_eq!(event.transaction_id.as_str(), "12");
    assert_eq!(event.user_id.as_str(), "1111222");
    assert_eq!(event.status, TransactionStatus::Other("on_hold".to_owned()));
    assert_eq!(event.currency.code(), "XBT");
    assert_eq!(event.amount.to_string(), "0.12345678901234567890");
    assert_eq!(event.transaction_type.as_str(), "refund");
    assert_eq!(event.extra.keys().collect::<Vec<_>>(), ["z", "note"]);
    assert_eq!(event.extra["z"].to_string(), "1.50");
    let written = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<WebhookEvent>(&written).unwrap(), event);
    assert!(
        written.contains(r#""amount":"0.12345678901234567890""#) && written.contains(r#""z":1.50"#),
        "{written}"
    );
}

#[test]
fn half_a_surrogate_pair_becomes_a_replacement_character() {
    let text = BODY.replace("1111222", r"a\ud800b\\ud800\n\u00e9\udfff\ud83d\ude00\ud7ff");
    let event = WebhookEvent::from_json(text.as_bytes()).unwrap();
    assert_eq!(event.user_id.as_str(), "a\u{fffd}b\\ud800\né\u{fffd}😀\u{d7ff}");
    let text = BODY.replace(
        "\"user_id\"",
        r#""note":"a\ud800b\\ud800\n\u00e9\udfff\ud83d\ude00\ud7ff","user_id""#,
    );
    let event = WebhookEvent::from_json(text.as_bytes()).unwrap();
    assert_eq!(event.extra["note"], "a\u{fffd}b\\ud800\né\u{fffd}😀\u{d7ff}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(500), failure_persistence: None, ..ProptestConfig::default() })]

    /// Signing and verifying agree about every body, however it is spelled; what signs correctly is tested by vectors.
    #[test]
    fn a_signed_body_verifies_in_every_spelling(user in "[a-zA-Z0-9é]{1,20}", cents in 0_u32..10_000_000, spaces in "[ \\t\\r\\n]{0,3}") {
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let spelled = format!(
            r#"{spaces}{{"transaction_id":"t1",{spaces}"user_id":"{user}","tracking_id":"p\/1","status":"pending","currency":"EUR","amount":{amount},"transaction_type":"deposit"}}"#
        );
        let webhook = published();
        let signature = webhook.sign(spelled.as_bytes()).unwrap();
        let canonical = canonicalize(&spelled).unwrap();
        for body in [spelled.as_bytes(), canonical.as_bytes()] {
            let verified = webhook.verify(body, &signature, None).unwrap();
            prop_assert_eq!(verified.matched, Matched::Canonical);
            prop_assert_eq!(verified.event.user_id.as_str(), user.as_str());
            prop_assert_eq!(verified.event.tracking_id.as_str(), "p/1");
            prop_assert_eq!(verified.event.amount, edge_cashier::Amount::parse(&amount).unwrap());
        }
    }

    /// Nothing makes it panic, and nothing but the signature makes it accept.
    #[test]
    fn nothing_unsigned_is_accepted(body in prop::collection::vec(any::<u8>(), 0..80), signature in "[0-9A-Fa-f]{40}|.{0,50}") {
        prop_assert!(published().verify(&body, &signature, Some(0)).is_err());
    }
}

#[test]
fn a_list_of_passwords_is_read_or_refused_as_a_whole() {
    let refused = |list: Value| {
        let error = Password::list_from_value(&list).unwrap_err();
        assert!(!error.to_string().contains("4711"), "{error}");
        error
    };
    let error = refused(json!([
        {"id": "a", "password": "4711", "notAfter": 1, "expires": 4711},
        {"id": "", "password": "undefined\n", "not_after": "2030-01-31"},
        {"password": 4711, "not_after": -1},
        "4711",
        {"id": "a", "password": "4711", "not_after": null},
    ]));
    let expected = [
        ("[0].notAfter", "unknown_field"),
        ("[0].expires", "unknown_field"),
        ("[1].id", "required"),
        ("[1].password", "format"),
        ("[1].not_after", "format"),
        ("[2].id", "required"),
        ("[2].password", "type"),
        ("[2].not_after", "format"),
        ("[3]", "type"),
        ("[4].id", "duplicate"),
    ];
    assert_eq!(found(&error), expected);
    for (nothing, code) in [
        (json!([]), "required"),
        (json!(null), "required"),
        (json!(" "), "required"),
        (json!("null"), "format"),
        (json!(4711), "type"),
        (json!({"id": "a", "password": "4711"}), "type"),
    ] {
        assert_eq!(found(&refused(nothing)), [("", code)]);
    }

    let ends = |not_after: Value| {
        let list = json!([{"id": "old", "password": PASSWORD, "not_after": not_after}]);
        let webhook = Webhook::with_passwords(Password::list_from_value(&list).unwrap()).unwrap();
        move |now| webhook.verify(BODY.as_bytes(), SIGNATURE, Some(now)).is_err()
    };
    // 2027-01-15T08:00:00Z is 1,800,000,000 seconds after 1970.
    for not_after in [
        json!(1_800_000_000_000_u64),
        json!("2027-01-15T08:00:00Z"),
        json!("2027-01-15t09:30:00.000999+01:30"),
    ] {
        let ended = ends(not_after);
        assert_eq!(
            (ended(1_800_000_000_000), ended(1_800_000_000_001)),
            (false, true)
        );
    }
    let one = Password::list_from_value(&json!(PASSWORD)).unwrap();
    let verified = Webhook::with_passwords(one)
        .unwrap()
        .verify(BODY.as_bytes(), SIGNATURE, None);
    assert_eq!(verified.unwrap().password_id, None);
}
