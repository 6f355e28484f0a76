//! Ids: what is one, and that nothing that is read from outside crashes a reader.

use edge_cashier::{OperationName, TrackingId, TransactionId, TransactionStatus, UserId};
use http::Response;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::gateway;

#[test]
fn an_id_is_kept_as_it_is_or_refused() {
    for good in [
        "128",
        "fb832194-34e1-4e6c-8494-d88034cf3e47",
        "a b",
        "é",
        "...",
        &"x".repeat(255),
    ] {
        assert_eq!(TrackingId::new(good).unwrap().as_str(), good);
    }
    for (bad, code) in [
        ("", "required"),
        (" a", "format"),
        ("a\n", "format"),
        ("a\u{0}b", "format"),
        (".", "format"),
        ("..", "format"),
        (&"x".repeat(256), "range"),
    ] {
        assert_eq!(TrackingId::new(bad).unwrap_err().code, code, "{bad:?}");
    }
}

#[test]
fn an_id_that_a_gateway_writes_as_a_number_is_the_same_id() {
    assert_eq!(
        serde_json::from_str::<UserId>("1111222").unwrap(),
        UserId::new("1111222").unwrap()
    );
    assert_eq!(
        serde_json::from_str::<UserId>("12345678901234567890")
            .unwrap()
            .as_str(),
        "12345678901234567890"
    );
    assert_eq!(
        serde_json::to_string(&TransactionId::new("a\"b").unwrap()).unwrap(),
        r#""a\"b""#
    );
    for bad in ["1.5", "-1", "true", "null", "\"\"", "[]"] {
        assert!(serde_json::from_str::<UserId>(bad).is_err(), "{bad}");
    }
}

#[test]
fn an_open_value_is_the_same_whether_it_has_a_name_or_not() {
    assert_eq!(
        TransactionStatus::Other("successful".to_owned()),
        TransactionStatus::Successful
    );
    assert!(TransactionStatus::Other("successful".to_owned()).is_final());
    assert!(TransactionStatus::Rejected.is_final() && !TransactionStatus::Pending.is_final());
    assert!(!TransactionStatus::from("refunded").is_final());
    let carried: TransactionStatus = serde_json::from_str("\"on hold\"").unwrap();
    assert_eq!(serde_json::to_string(&carried).unwrap(), "\"on hold\"");
}

/// JSON of any shape, with the names that the readers know among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "request",
        "mode",
        "theme",
        "settings",
        "user_id",
        "tracking_id",
        "ip",
        "amount",
        "currency",
        "amount_restricted",
        "customer",
        "extra",
        "provider_id",
        "routing_id",
        "card_details",
        "card_number",
        "cvc",
        "exp_month",
        "exp_year",
        "holder_name",
        "transaction_id",
        "id",
        "from",
        "to",
        "token",
        "url",
        "transaction_status",
        "status",
        "message",
        "phone",
        "number",
        "prefix",
        "country",
        "dob",
        "email",
        "é",
        "",
    ]);
    let texts = prop::sample::select(vec![
        "10.05",
        "EUR",
        "JPY",
        "01-08-2024",
        "09-08-2024",
        "31/12/1999",
        "4111111111111111",
        "737",
        "05",
        "2030",
        "GB",
        "user@example.com",
        "::1",
        "1e5",
        "",
        " ",
        "é\u{0}",
        "..",
        "pending",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(serde_json::from_str("1e999").unwrap()),
        texts.prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..12).prop_map(|fields| Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// No reader panics. What is accepted leaves as JSON; what is refused says why, and where.
    #[test]
    fn every_request_reader_takes_any_json(value in any_json()) {
        for name in OperationName::ALL {
            match gateway().request_for(name, &value) {
                Ok(request) => {
                    let empty = request.body().is_empty();
                    prop_assert!(empty || serde_json::from_slice::<Value>(request.body()).is_ok());
                }
                Err(error) => prop_assert!(!error.violations().is_empty()),
            }
        }
    }

    /// No reply parser panics, and what it accepts it writes as JSON again that reads the same.
    #[test]
    fn every_reply_reader_takes_any_json(value in any_json(), status in prop::sample::select(vec![200u16, 204, 302, 404, 503])) {
        for name in OperationName::ALL {
            let reply = |body: &Value| gateway().reply_for(name, Response::builder().status(status).body(serde_json::to_vec(body).unwrap()).unwrap());
            if let Ok(read) = reply(&value) {
                prop_assert_eq!(reply(&read).unwrap(), read);
            }
        }
    }

    /// No bytes at all crash an error, and it stays within its size.
    #[test]
    fn every_error_takes_any_bytes(body in prop::collection::vec(any::<u8>(), 0..600), text in "[0-9a-z@.\" :={}\\\\-]{0,300}") {
        for bytes in [body, format!("\"cvc\":{text}").into_bytes()] {
            let error = gateway().reply_for(OperationName::HostedDeposit, Response::builder().status(500).body(bytes).unwrap()).unwrap_err();
            // An e-mail address or a card may become a longer word, not a much longer one.
            prop_assert!(error.body().len() <= 4096 + 3);
            prop_assert!(!error.support_report().is_empty());
        }
    }

    /// A request that has every required field right is accepted whatever the ids are.
    #[test]
    fn any_id_leaves_as_it_is(id in "[!-~é]{1,40}") {
        prop_assume!(id != "." && id != "..");
        let request = json!({"user_id": id, "tracking_id": id, "amount": "1", "currency": "EUR"});
        let request = gateway().request_for(OperationName::HostedDeposit, &request).unwrap();
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        prop_assert_eq!(body["request"]["tracking_id"].as_str().unwrap(), id.as_str());
        let request = gateway().request_for(OperationName::TransactionStatus, &json!(id)).unwrap();
        let segment = request.uri().path().strip_prefix("/api/v1/transactions/").unwrap();
        prop_assert!(!segment.contains('/') && request.uri().query().is_none());
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
        prop_assert_eq!(decoded.as_ref(), id.as_str());
    }
}
