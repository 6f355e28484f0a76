//! The passwords of a `Webhook`: which are taken, which one matches, and that none is printed.

use edge_cashier::{Password, PasswordError, Webhook, WebhookError};
use serde_json::{Value, json};

use crate::support::{BODY, PASSWORD, SIGNATURE, found, refusal};

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
