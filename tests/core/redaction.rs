//! What a gateway echoes of a key or a card is in no error, however it was written.

use edge_cashier::{Gateway, GatewayError, OperationName};
use http::Response;
use proptest::prelude::*;

use crate::support::config;

const KEY: &str = "k-abc/def+fake";

fn gateway() -> Gateway {
    Gateway::new(config(KEY, "https://gateway.example")).unwrap()
}

/// All that can be seen of the error that comes of `body`.
fn shown(body: &str) -> String {
    let response = Response::builder()
        .status(422)
        .body(body.as_bytes().to_vec())
        .unwrap();
    let error: GatewayError = gateway()
        .reply_for(OperationName::CardPayment, response)
        .unwrap_err();
    format!("{error} {error:?} {} {}", error.body(), error.support_report())
}

fn hides(body: &str, secrets: &[&str]) {
    let shown = shown(body);
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} of {body}: {shown}");
    }
}

#[test]
fn the_key_is_hidden_however_it_is_escaped() {
    for written in [
        KEY,
        r"k-abc\/def+fake",
        r"k-abc\u002fdef\u002bfake",
        r"k-abc\u002Fdef\u002Bfake",
        r"k-abc\\\/def+fake",
        "k-abc%2Fdef%2Bfake",
        "k-abc%2fdef%2bfake",
        "k-abc%252Fdef%252Bfake",
        "k-abc/def fake",
        "k-abc&#x2F;def&#43;fake",
    ] {
        for body in [
            format!("the key {written} is unknown"),
            format!(r#"{{"apiKey":"{written}"}}"#),
            format!(r#"{{"seen":"{written}"}}"#),
            format!("{{\"seen\":\"{{\\\"key\\\":\\\"{written}\\\"}}\"}}"),
            format!("x={written}&y=1"),
        ] {
            hides(&body, &["abc", "def", "fake"]);
        }
    }
}

/// The id is cut to 128 characters, and not through a key.
#[test]
fn the_key_is_hidden_in_the_request_id_too() {
    for before in [0, 110, 120, 127] {
        let response = Response::builder()
            .status(500)
            .header("x-request-id", "x".repeat(before) + "-" + KEY)
            .body(Vec::new())
            .unwrap();
        let error = gateway()
            .reply_for(OperationName::CardPayment, response)
            .unwrap_err();
        let id = error.request_id().unwrap();
        assert!(id.len() <= 128 && !id.contains("abc"), "{id}");
    }
}

#[test]
fn a_secret_field_is_known_by_any_of_its_names() {
    for name in [
        "apiKey",
        "x-api-key",
        "API_KEY",
        "cvc",
        "CVC",
        "cardCvc",
        "card_cvv2",
        "securityCode",
        "security-code",
        "csc",
        "verification_value",
        "verificationValue",
        "expMonth",
        "expYear",
        "exp_month",
        "EXP-YEAR",
        "expiryMonth",
        "cardNumber",
        "card_number",
        "accessToken",
        "holder_name",
        "holderName",
    ] {
        for body in [
            format!(r#"{{"{name}":"73q7"}}"#),
            format!(r#"{{"{name}" : 73q7, "x":1}}"#),
            format!(r#"{{"echo":"{{\"{name}\":\"73q7\"}}"}}"#),
            format!(r#"{{"echo":"{{\\\"{name}\\\":\\\"73q7\\\"}}"}}"#),
            format!(r#"{{"echo":"{{\u0022{name}\u0022:\u002273q7\u0022}}"}}"#),
            format!("{name}=73q7&x=1"),
            format!("card_details[{name}]=73q7&x=1"),
            format!("card_details%5B{name}%5D%3D73q7%26x%3D1"),
            format!("%7B%22{name}%22%3A%2273q7%22%7D"),
            format!("&quot;{name}&quot;:&quot;73q7&quot;"),
            format!("<{name}>73q7</{name}>"),
            format!(r#"{{"{name}":["73q7","x"]}}"#),
        ] {
            hides(&body, &["73q7"]);
        }
    }
}

/// A value goes on behind a quote that is escaped, and behind a comma that is percent-encoded.
#[test]
fn a_secret_value_is_hidden_to_its_end() {
    hides(r#"{"password":"abc\"def,ghi"}"#, &["abc", "def", "ghi"]);
    hides(
        r#"{"echo":"{\"password\":\"abc\\\"def,ghi\"}"}"#,
        &["abc", "def", "ghi"],
    );
    hides("password=abc%2Cdef%26ghi&x=1", &["abc", "def", "ghi"]);
}

#[test]
fn a_card_number_is_hidden_whatever_stands_between_its_digits() {
    for gap in [
        "",
        " ",
        "-",
        ".",
        "+",
        "%20",
        "%2B",
        "%2520",
        "\\u0020",
        "\\\\u0020",
        "\u{a0}",
        "\\u00a0",
        "%C2%A0",
        "\u{202f}",
        "\u{2009}",
        "\u{2011}",
        "&nbsp;",
        "&#32;",
        "\\t",
        " - ",
    ] {
        let number = ["4111", "1111", "1111", "1111"].join(gap);
        for body in [
            format!("card {number} refused"),
            format!(r#"{{"seen":"{number}"}}"#),
            format!("seen={number}&x=1"),
        ] {
            hides(&body, &[&number, "4111"]);
        }
    }
}

/// The check digit does not matter where the name says that a card's number stands there.
#[test]
fn a_card_number_with_a_slip_is_hidden_too() {
    for name in ["card", "cardNo", "card_no", "number", "creditCard", "cc", "ccnum"] {
        for number in ["4111111111111112", "4111 1111 1111 1112", "4111+1111+1111+1112"] {
            hides(&format!(r#"{{"{name}":"{number}"}}"#), &[number, "4111"]);
            hides(&format!("{name}={number}&x=1"), &[number, "4111"]);
        }
    }
}

#[test]
fn an_address_is_hidden_however_its_sign_is_written() {
    for sign in ["@", "%40", "\\u0040", "&#64;"] {
        hides(
            &format!("mail=first.last{sign}example.com&x=1"),
            &["first", "last", "example.com"],
        );
    }
}

#[test]
fn what_is_no_secret_stays() {
    for kept in [
        "<span>the order is closed</span>",
        r#""transaction_id":"r21nmrtpcmrcava""#,
        r#""order_number":"1234567890123""#,
        r#""card":{"brand":"visa"}"#,
        r#""cvc_check":"failed""#,
        r#""number":"12""#,
        r#""company":"Example""#,
        r#""path":"C:\\note\\%zz%""#,
        "100% & more &#; &#xzz; %",
    ] {
        let shown = shown(kept);
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
}

proptest! {
    /// No text makes it panic or lose its place: what is around a card stays.
    #[test]
    fn nothing_around_is_lost(before in "[ -~é\\\\%&]{0,30}", after in "[ -~é\\\\%&]{0,30}") {
        let shown = shown(&format!("{before}\n<4111111111111111>\n{after}"));
        prop_assert!(!shown.contains("4111111111111111"));
    }

    /// Whatever stands around it.
    #[test]
    fn the_key_is_hidden_anywhere(
        before in "[a-z0-9 \\\\/%&#;\"'@:=<>\\[\\]{}+.\n-]{0,12}",
        written in prop::sample::select(vec![KEY, r"k-abc\/def+fake", r"k-abc\u002fdef\u002Bfake", "k-abc%2Fdef%2bfake", "k-abc%252Fdef%252Bfake", r"k-abc\\\/def+fake"]),
        after in "[a-z0-9 \\\\/%&#;\"'@:=<>\\[\\]{}+.\n-]{0,12}",
    ) {
        let shown = shown(&format!("{before}{written}{after}"));
        prop_assert!(!shown.contains(written), "{}", shown);
    }

    /// A text in which nothing looks like a secret comes out as it went in.
    #[test]
    fn a_plain_text_is_not_touched(text in "[a-z \\\\/%&;\"'é\\[\\]{}]{1,60}") {
        let shown = shown(&text);
        prop_assert!(shown.contains(&text), "{} {}", text, shown);
    }
}
