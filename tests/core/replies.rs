//! Replies are read leniently: no field that a gateway sends is lost, and only what the operation cannot mean is refused.

use edge_cashier::{Amount, ErrorClass, GatewayError, HostedDeposit, OperationName};
use http::Response;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{gateway, reply};

fn typed(name: OperationName, body: &str) -> Value {
    gateway()
        .typed_reply_for(name, Response::new(body.as_bytes().to_vec()))
        .unwrap()
}

#[test]
fn a_reply_keeps_what_it_does_not_know() {
    let grown = r#"{"token":"abc","expires_in":900,"limits":{"max":1000000000000.01}}"#;
    assert_eq!(reply(OperationName::HostedDeposit, grown).to_string(), grown);
}

#[test]
fn the_reply_of_a_direct_payment_may_be_json_or_a_redirect() {
    for text in [
        r#"{}"#,
        r#"{"url":"https://provider.example/pay","token":"t","transaction_status":"on_hold","error":{"code":7}}"#,
    ] {
        assert_eq!(reply(OperationName::DirectPayment, text).to_string(), text);
    }
    for (status, location) in [
        (302, "https://provider.example/3ds?id=1"),
        (303, "https://provider.example/3ds?id=1"),
        (302, "HTTPS://provider.example:8443/"),
        (302, "http://localhost:8788/3ds"),
        // Another port is another origin.
        (302, "https://gateway.example:8443/3ds"),
    ] {
        assert_eq!(
            redirected(status, Some(location)).unwrap(),
            json!({ "url": location })
        );
    }
}

fn redirected(status: u16, location: Option<&str>) -> Result<Value, GatewayError> {
    let mut response = Response::builder().status(status);
    if let Some(location) = location {
        response = response.header("location", location);
    }
    gateway().reply_for(OperationName::DirectPayment, response.body(Vec::new()).unwrap())
}

/// A moved API, a login page or a slash too many is no page that a user should be sent to.
#[test]
fn a_redirect_that_is_no_provider_s_page_is_refused() {
    for (status, location, why) in [
        (301, Some("https://provider.example/3ds"), "302 or 303"),
        (304, Some("https://provider.example/3ds"), "302 or 303"),
        (307, Some("https://provider.example/3ds"), "302 or 303"),
        (308, Some("https://provider.example/3ds"), "302 or 303"),
        (302, None, "no https address"),
        (302, Some(""), "no https address"),
        (302, Some("/login"), "no https address"),
        (302, Some("//provider.example/3ds"), "no https address"),
        (302, Some("javascript:alert(1)"), "no https address"),
        (302, Some("http://provider.example/3ds"), "no https address"),
        (
            302,
            Some("https://user:pass@provider.example/"),
            "no https address",
        ),
        (303, Some("https://gateway.example/login"), "own address"),
        (
            302,
            Some("https://GATEWAY.example:443/api/v1/payments/direct/"),
            "own address",
        ),
        (302, Some("https://gateway.example./"), "own address"),
    ] {
        let error = redirected(status, location).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Unreadable, "{status} {location:?}");
        assert!(error.to_string().contains(why), "{status} {location:?}: {error}");
    }
}

/// As of a redirect, but for the origin: the gateway may have the page itself.
#[test]
fn a_page_that_a_reply_names_is_one() {
    for (url, is_page) in [
        ("", true),
        ("https://bank.example/3ds?id=1#a", true),
        ("https://bank.example/é", true),
        ("https://gateway.example/3ds", true),
        ("http://localhost:8788/3ds", true),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("http://bank.example/3ds", false),
        ("https://user:pass@bank.example/", false),
        ("/3ds", false),
    ] {
        let body = json!({"url": url, "transaction_status": "pending"}).to_string();
        for name in [OperationName::CardPayment, OperationName::DirectPayment] {
            let reply = gateway().reply_for(name, Response::new(body.clone().into_bytes()));
            assert_eq!(reply.is_ok(), is_page, "{name} {url}");
            if let Err(error) = reply {
                assert!(error.to_string().contains("no https address"), "{error}");
                assert!(error.may_have_acted(), "the card may have been charged");
            }
        }
    }
}

#[test]
fn a_row_keeps_values_of_another_type_and_numbers_of_any_size() {
    let odd = r#"[{"transaction_id":"a","status":"charged_back","amount":1000000000000.01,"currency":"XBT2","payment_provider":7,"fee":{"amount":"0.10"},"user_amount":"n/a"}]"#;
    let value = reply(OperationName::ListTransactions, odd);
    let expected = r#"[{"transaction_id":"a","status":"charged_back","amount":1000000000000.01,"currency":"XBT2","payment_provider":7,"fee":{"amount":"0.10"},"user_amount":"n/a"}]"#;
    assert_eq!(value.to_string(), expected);
    assert_eq!(
        reply(
            OperationName::ListTransactions,
            r#"[{"transaction_id":"a","status":"s","fx_amount":1.5e-7}]"#
        )[0]["fx_amount"]
            .to_string(),
        "0.00000015"
    );
}

/// As in webhooks. A number that is no id's digits is no id, and no row hides the others.
#[test]
fn an_id_of_a_row_may_be_a_whole_number() {
    let row = r#"[{"transaction_id":18446744073709551615,"gateway_transaction_id":7,"provider_transaction_id":0,"status":"pending"}]"#;
    let expected = r#"[{"transaction_id":"18446744073709551615","gateway_transaction_id":"7","provider_transaction_id":"0","status":"pending"}]"#;
    assert_eq!(reply(OperationName::ListTransactions, row).to_string(), expected);
    for odd in ["1.0", "-1", "true", "[]"] {
        let rows = format!(r#"[{{"transaction_id":{odd},"status":"pending"}},{{"transaction_id":"a"}}]"#);
        let value = reply(OperationName::ListTransactions, &rows);
        assert_eq!(
            value[0]["transaction_id"].to_string(),
            odd,
            "what is no id is kept as it came"
        );
        assert_eq!(value[1]["transaction_id"], "a");
        let typed = typed(OperationName::ListTransactions, &rows);
        assert_eq!(typed[0]["extra"]["transaction_id"].to_string(), odd);
    }
}

#[test]
fn a_row_with_missing_or_null_fields_is_that_row_without_them() {
    let rows = r#"[{"transaction_id":null,"status":"pending","amount":null},{},{"status":null,"transaction_id":" odd id\n","amount":"8.56"}]"#;
    assert_eq!(
        typed(OperationName::ListTransactions, rows),
        json!([{"status": "pending"}, {}, {"transaction_id": " odd id\n", "amount": 8.56}])
    );
}

#[test]
fn a_row_that_is_no_object_hides_no_other() {
    for rows in [
        r#"[null,{"transaction_id":"a"},{"transaction_id":"b"}]"#,
        r#"[{"transaction_id":"a"},7,"x",[],{"transaction_id":"b"},null]"#,
    ] {
        assert_eq!(
            reply(OperationName::ListTransactions, rows),
            json!([{"transaction_id": "a"}, {"transaction_id": "b"}])
        );
    }
    assert_eq!(reply(OperationName::ListTransactions, "[null]"), json!([]));
}

/// A name that was cut within an emoji, at the end of a text, before another escape and before a letter.
#[test]
fn a_row_with_half_a_surrogate_pair_hides_no_other_and_rounds_no_number() {
    let name = r"a\ud83d";
    let note = r"\udfff\ud83d\\ud800\u00e9\ud83d\ude00\ud7ff\ud83d\ud83d\ude00\ud83d";
    let rows = format!(
        r#"[{{"transaction_id":"a","name":"{name}","fee":0.12345678901234567890}},{{"transaction_id":"b","note":"{note}"}}]"#
    );
    let rows = reply(OperationName::ListTransactions, &rows);
    assert_eq!(rows[0]["name"], "a\u{fffd}");
    assert_eq!(rows[0]["fee"].to_string(), "0.12345678901234567890");
    assert_eq!(
        rows[1]["note"],
        "\u{fffd}\u{fffd}\\ud800é😀\u{d7ff}\u{fffd}😀\u{fffd}"
    );
}

#[test]
fn a_reply_in_the_form_of_its_type_has_what_is_unknown_under_extra() {
    assert_eq!(
        typed(
            OperationName::HostedDeposit,
            r#"{"extra":{"a":1},"token":"abc","b":2}"#
        ),
        json!({"token": "abc", "extra": {"extra": {"a": 1}, "b": 2}})
    );
}

#[test]
fn a_reply_that_the_operation_cannot_mean_is_unreadable() {
    let cases = [
        (OperationName::HostedDeposit, "{}"),
        (OperationName::HostedDeposit, r#"{"token":""}"#),
        (OperationName::HostedDeposit, r#"{"token":5}"#),
        (OperationName::HostedDeposit, "[]"),
        (OperationName::HostedWithdrawal, ""),
        (OperationName::HostedWithdrawal, r#"{"token":"cut"#),
        (OperationName::DirectPayment, "null"),
        (OperationName::CardPayment, r#"{"url":"https://x.example"}"#),
        (OperationName::RejectPayout, ""),
        (OperationName::RejectPayout, "[]"),
        (OperationName::ApprovePayout, r#"{"error":"no"}"#),
        (OperationName::TransactionStatus, "<html></html>"),
        (OperationName::ListTransactions, "{}"),
        (OperationName::ListTransactions, "[7]"),
        (OperationName::ListTransactions, r#"[null,"transaction_id"]"#),
    ];
    for (name, text) in cases {
        let error = gateway()
            .reply_for(name, Response::new(text.as_bytes().to_vec()))
            .unwrap_err();
        assert_eq!(
            error.class(),
            edge_cashier::ErrorClass::Unreadable,
            "{name} {text}"
        );
        assert_eq!(error.safe_to_retry(), name.may_be_sent_twice(), "{name} {text}");
    }
}

#[test]
fn a_byte_order_mark_does_not_hide_a_reply() {
    let reply = gateway()
        .reply::<HostedDeposit>(Response::new(b"\xEF\xBB\xBF{\"token\":\"t\"}".to_vec()))
        .unwrap();
    assert_eq!(reply.token, "t");
    assert!(!format!("{reply:?}").contains("\"t\""));
}

/// Whether a field came through: unchanged, or as what it means.
fn same(sent: &Value, read: Option<&Value>) -> bool {
    let number = |value: &Value| match value {
        Value::Number(_) => serde_json::from_value::<Amount>(value.clone()).ok(),
        Value::String(text) => Amount::parse(text).ok(),
        _ => None,
    };
    match read {
        None => sent.is_null() || sent == "",
        // An amount may be a number or a string, an id the digits of a number.
        Some(read) => sent == read || (number(sent).is_some() && number(sent) == number(read)),
    }
}

fn keeps(name: OperationName, body: &Value) -> Result<(), TestCaseError> {
    let response = Response::new(serde_json::to_vec(body).unwrap());
    let Ok(reply) = gateway().reply_for(name, response) else {
        return Ok(());
    };
    let row = |value: &Value| value.as_object().unwrap().clone();
    let pairs = match (body, &reply) {
        (Value::Array(sent), Value::Array(read)) => {
            prop_assert_eq!(sent.len(), read.len(), "no row hides another");
            sent.iter()
                .zip(read)
                .map(|(sent, read)| (row(sent), row(read)))
                .collect()
        }
        (sent, read) => vec![(row(sent), row(read))],
    };
    for (sent, read) in pairs {
        for (field, value) in &sent {
            prop_assert!(
                same(value, read.get(field)),
                "{name} {field}: {value} -> {:?}",
                read.get(field)
            );
        }
    }
    Ok(())
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "token",
        "url",
        "transaction_status",
        "error",
        "message",
        "rejected_reason",
        "transaction_id",
        "gateway_transaction_id",
        "provider_transaction_id",
        "transaction_type",
        "transaction_date",
        "status",
        "payment_provider",
        "customer_id",
        "amount",
        "currency",
        "user_amount",
        "user_currency",
        "fx_amount",
        "unknown",
        "",
    ])
    .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop::sample::select(vec!["", ".", " ", "pending", "EUR", "200.00", "1e3", "id-1"]).prop_map(Value::from),
        1 => prop::sample::select(vec!["10.050", "1e-7", "1e400", "-3", "0", "1234567890"]).prop_map(|text| serde_json::from_str(text).unwrap()),
        1 => prop::sample::select(vec![json!(null), json!(true), json!([]), json!({"a": 1.50})]),
    ]
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((name(), value()), 0..20).prop_map(|fields| Value::Object(Map::from_iter(fields)))
}

proptest! {
    #[test]
    fn no_field_of_a_reply_is_lost(body in prop_oneof![9 => object(), 1 => value()]) {
        for name in OperationName::ALL {
            keeps(name, &body)?;
        }
    }

    #[test]
    fn no_field_and_no_row_of_a_list_is_lost(rows in prop::collection::vec(object(), 0..3)) {
        keeps(OperationName::ListTransactions, &Value::Array(rows))?;
    }
}
