//! What a verified webhook says: every field, read leniently and from the text that was signed.

use edge_cashier::{MAX_DEPTH, TransactionStatus, WebhookError, WebhookEvent};
use serde_json::json;

use crate::support::{BODY, SIGNATURE, found, published};

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

/// A consumer that reads another value than the one that was verified is how duplicate keys become money.
#[test]
fn the_event_is_read_from_what_was_signed() {
    let tricky = BODY.replace(r#""amount":"200.00""#, r#""amount":"1.00","amount":"200.00""#);
    let verified = published().verify(tricky.as_bytes(), SIGNATURE, None).unwrap();
    assert_eq!(verified.event.amount.to_string(), "200.00");
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
