//! `Webhook` against vectors that JavaScript made, and against every way to be wrong.

use edge_cashier::{
    Matched, Password, TransactionStatus, TransactionType, Webhook, WebhookError, canonicalize,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{BODY, PASSWORD, SIGNATURE, bytes, cases, published, read, refusal};

/// What follows a mismatch where no password has white space at an end.
const MISMATCH: WebhookError = WebhookError::SignatureMismatch {
    padded_password: false,
};

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
fn a_body_that_no_webhook_has_is_refused_and_so_is_its_canonical_form() {
    let short = format!("[{}1]", "1e20,".repeat(500_000));
    let long = format!("\"{}\"", "x".repeat(8 * 1024 * 1024));
    for body in [short, long] {
        assert_eq!(refusal(body, SIGNATURE), WebhookError::BodyTooLarge);
    }
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
