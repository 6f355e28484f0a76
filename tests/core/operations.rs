//! Each operation against the gateway's reference: the request body is the reference's example, byte for byte (written
//! compactly), the URL and method are the route's, and the reply is the reference's example.

use edge_cashier::OperationName;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::support::{found, gateway, reply};

fn body(request: &Request<Vec<u8>>) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

/// Sends `example` (compact JSON) through the operation and expects it to leave as it came.
fn leaves_as_it_came(name: OperationName, path: &str, example: &str) {
    let value: Value = serde_json::from_str(example).unwrap();
    let request = gateway().request_for(name, &value).unwrap();
    assert_eq!(body(&request), example);
    assert_eq!(request.method(), Method::POST);
    assert_eq!(
        request.uri().to_string(),
        format!("https://gateway.example/api/v1{path}")
    );
    assert_eq!(request.headers()["x-api-key"], "example_key");
    assert!(request.headers()["x-api-key"].is_sensitive());
    assert_eq!(request.headers()["content-type"], "application/json");
    // A payment's request object may also be given alone.
    if let Some(inner) = value
        .get("request")
        .filter(|_| value.as_object().unwrap().len() == 1)
    {
        assert_eq!(body(&gateway().request_for(name, inner).unwrap()), example);
    }
}

macro_rules! customer {
    ($limit:literal) => {
        concat!(
            r#""customer":{"#, $limit, r#""first_name":"John","last_name":"Doe","kyc_status":"passed","email":"user@example.com","zip_code":"12345","#,
            r#""address":"123 Main Street","city":"New York","dob":"05/03/2000","country_code":"GB","phone":{"country":"GB","number":783433252,"prefix":44}}"#
        )
    };
}

#[test]
fn hosted_deposit_is_the_reference_s_example() {
    leaves_as_it_came(
        OperationName::HostedDeposit,
        "/cashier/deposit",
        concat!(
            r#"{"request":{"mode":"test","theme":"dark","settings":{},"user_id":"128","tracking_id":"fb832194-34e1-4e6c-8494-d88034cf3e47","#,
            r#""ip":"127.34.125.54","amount":10.05,"currency":"EUR","amount_restricted":true,"#,
            customer!(r#""max_deposit_limit":1000,"#),
            "}}"
        ),
    );
    let token = r#"{"token":"Mtg4OakI0YSGdHPY1y4vUnGLOaMxnJJZ9BX09LQ1u3yft0OY81"}"#;
    assert_eq!(reply(OperationName::HostedDeposit, token).to_string(), token);
}

#[test]
fn settings_are_an_empty_object_when_there_are_none_and_optional_fields_are_left_out() {
    let request = json!({"user_id": "128", "tracking_id": "t-1", "amount": "10.05", "currency": "EUR", "customer": null});
    let request = gateway()
        .request_for(OperationName::HostedDeposit, &request)
        .unwrap();
    assert_eq!(
        body(&request),
        r#"{"request":{"settings":{},"user_id":"128","tracking_id":"t-1","amount":10.05,"currency":"EUR"}}"#
    );
}

#[test]
fn hosted_withdrawal_is_the_reference_s_example() {
    leaves_as_it_came(
        OperationName::HostedWithdrawal,
        "/cashier/withdrawal",
        concat!(
            r#"{"request":{"mode":"test","theme":"dark","settings":{},"user_id":"128","tracking_id":"fb832194-34e1-4e6c-8494-d88034cf3e47","#,
            r#""ip":"127.34.125.54","amount":10.05,"currency":"EUR","#,
            customer!(""),
            "}}"
        ),
    );
    let token = r#"{"token":"Mtg4OakI0YSGdHPY1y4vUnGLOaMxnJJZ9BX09LQ1u3yft0OY81"}"#;
    assert_eq!(reply(OperationName::HostedWithdrawal, token).to_string(), token);
}

#[test]
fn a_withdrawal_has_neither_a_restricted_amount_nor_a_deposit_limit() {
    let request = json!({"user_id": "1", "tracking_id": "t", "amount": 1, "currency": "EUR", "amount_restricted": true, "customer": {"max_deposit_limit": 5}});
    let error = gateway()
        .request_for(OperationName::HostedWithdrawal, &request)
        .unwrap_err();
    assert_eq!(
        found(&error),
        [
            ("request.amount_restricted", "unknown_field"),
            ("request.customer.max_deposit_limit", "unknown_field")
        ]
    );
}

/// Not `extra`: the gateway has the field, elsewhere.
#[test]
fn a_field_of_another_payment_says_where_it_belongs() {
    let specific = [
        (OperationName::HostedDeposit, vec!["theme", "amount_restricted"]),
        (OperationName::HostedWithdrawal, vec!["theme"]),
        (OperationName::DirectPayment, vec!["provider_id"]),
        (OperationName::CardPayment, vec!["routing_id"]),
    ];
    for (name, own) in specific {
        let payment = json!({"user_id": "1", "tracking_id": "t", "amount": 1, "currency": "EUR",
            "theme": "dark", "amount_restricted": true, "provider_id": 1, "routing_id": 1});
        let card = json!({"holder_name": "A", "card_number": "4111111111111111", "cvc": "444", "exp_month": "05", "exp_year": "2035"});
        let body = match name {
            OperationName::CardPayment => json!({"request": payment, "card_details": card}),
            _ => json!({"request": payment}),
        };
        let error = gateway().request_for(name, &body).unwrap_err();
        let all = ["theme", "amount_restricted", "provider_id", "routing_id"];
        let expected: Vec<String> = all
            .iter()
            .filter(|field| !own.contains(field))
            .map(|field| format!("request.{field}"))
            .collect();
        let paths: Vec<&str> = error
            .violations()
            .iter()
            .map(|found| found.path.as_str())
            .collect();
        assert_eq!(paths, expected, "{name}");
        for violation in error.violations() {
            assert!(
                violation.message.contains("belongs to") && violation.message.ends_with("leave it out"),
                "{violation}"
            );
        }
    }
}

#[test]
fn a_card_payment_without_its_request_object_says_where_the_fields_belong() {
    let flat = json!({"user_id": "1", "tracking_id": "t", "amount": 1, "currency": "EUR", "mode": "test", "routing_id": 1,
        "settings": {}, "ip": "::1", "customer": {},
        "card_details": {"holder_name": "A", "card_number": "4111111111111111", "cvc": "444", "exp_month": "05", "exp_year": "2035"}});
    let error = gateway()
        .request_for(OperationName::CardPayment, &flat)
        .unwrap_err();
    let (last, rest) = error.violations().split_last().unwrap();
    assert_eq!((last.path.as_str(), last.code), ("request", "required"));
    assert_eq!(rest.len(), 9);
    for violation in rest {
        assert!(
            violation.message.contains("put it under `request`"),
            "{violation}"
        );
    }
}

#[test]
fn direct_payment_is_the_reference_s_example() {
    leaves_as_it_came(
        OperationName::DirectPayment,
        "/payments/direct",
        concat!(
            r#"{"request":{"mode":"test","provider_id":210,"settings":{},"user_id":"128","tracking_id":"fb832194-34e1-4e6c-8494-d88034cf3e47","#,
            r#""ip":"127.34.125.54","amount":10.05,"currency":"EUR","#,
            customer!(r#""max_deposit_limit":1000,"#),
            "}}"
        ),
    );
}

#[test]
fn card_payment_is_the_reference_s_example() {
    leaves_as_it_came(
        OperationName::CardPayment,
        "/payments/card",
        concat!(
            r#"{"request":{"mode":"test","routing_id":210,"settings":{},"user_id":"U123","tracking_id":"fb832194-34e1-4e6c-8494-d88034cf3e47","#,
            r#""ip":"127.34.125.54","amount":10.05,"currency":"EUR","#,
            customer!(r#""max_deposit_limit":1000,"#),
            r#"},"card_details":{"holder_name":"John Doe","card_number":"4111111111111111","cvc":"444","exp_month":"05","exp_year":"2025"}}"#
        ),
    );
    // With an address in place of the reference's `{{url}}`.
    let example = r#"{"url":"https://bank.example/3ds","transaction_status":"pending"}"#;
    assert_eq!(reply(OperationName::CardPayment, example).to_string(), example);
    let rejected = r#"{"url":"","transaction_status":"rejected","error":"Do not honour"}"#;
    assert_eq!(
        reply(OperationName::CardPayment, rejected),
        json!({"transaction_status": "rejected", "error": "Do not honour"})
    );
}

#[test]
fn payouts_are_the_reference_s_examples() {
    let body = r#"{"transaction_id":"fb832194-34e1-4e6c-8494-d88034cf3e47"}"#;
    leaves_as_it_came(OperationName::RejectPayout, "/payouts/reject", body);
    leaves_as_it_came(OperationName::ApprovePayout, "/payouts/approve", body);
    assert_eq!(reply(OperationName::RejectPayout, "{ }"), json!({}));
    let approved = r#"{"message":"Transaction Withdrawal has been approved successfully","transaction_status":"pending"}"#;
    assert_eq!(
        reply(OperationName::ApprovePayout, approved).to_string(),
        approved
    );
    let nothing = Response::builder().status(204).body(Vec::new()).unwrap();
    assert_eq!(
        gateway().reply_for(OperationName::RejectPayout, nothing).unwrap(),
        json!({})
    );
}

#[test]
fn transaction_status_puts_the_id_into_the_path_and_nothing_but_the_id() {
    let uri = |value: Value| {
        gateway()
            .request_for(OperationName::TransactionStatus, &value)
            .map(|request| {
                assert_eq!(request.method(), Method::GET);
                assert!(request.body().is_empty());
                assert!(!request.headers().contains_key("content-type"));
                request.uri().to_string()
            })
    };
    let base = "https://gateway.example/api/v1/transactions";
    assert_eq!(
        uri(json!("fb832194-34e1-4e6c-8494-d88034cf3e47")).unwrap(),
        format!("{base}/fb832194-34e1-4e6c-8494-d88034cf3e47")
    );
    assert_eq!(
        uri(json!({"id": "a/../b?c#d é%2F{id}"})).unwrap(),
        format!("{base}/a%2F..%2Fb%3Fc%23d%20%C3%A9%252F%7Bid%7D")
    );
    for dots in [".", ".."] {
        assert_eq!(
            uri(json!({ "id": dots })).unwrap_err().violations()[0].code,
            "format"
        );
    }
    assert_eq!(uri(json!({})).unwrap_err().violations()[0].path, "id");
    let example = r#"{"transaction_status":"rejected","rejected_reason":"Insufficient funds"}"#;
    assert_eq!(
        reply(OperationName::TransactionStatus, example).to_string(),
        example
    );
}

#[test]
fn list_transactions_is_the_reference_s_example() {
    let uri = |value: Value| {
        gateway()
            .request_for(OperationName::ListTransactions, &value)
            .unwrap()
            .uri()
            .to_string()
    };
    let base = "https://gateway.example/api/v1/transactions";
    assert_eq!(
        uri(json!({"from": "01-08-2024", "to": "02-08-2024"})),
        format!("{base}?from=01-08-2024&to=02-08-2024")
    );
    assert_eq!(uri(json!({"to": "02-08-2024"})), format!("{base}?to=02-08-2024"));
    assert_eq!(uri(json!({})), base);
    assert_eq!(uri(Value::Null), base);
    let example = concat!(
        r#"[{"transaction_id":"g7xp8kudinz3tyi","gateway_transaction_id":"sh7gv8knfxpktgh","#,
        r#""provider_transaction_id":"9474883d-6c07-4205-8d89-d7ee0a6f3d7a","transaction_type":"deposit","#,
        r#""transaction_date":"2024-07-05 11:53:25","status":"rejected","payment_provider":"numipay_simulator","customer_id":123,"#,
        r#""amount":8.56,"currency":"GBP","user_amount":10,"user_currency":"EUR","fx_amount":0}]"#
    );
    assert_eq!(
        reply(OperationName::ListTransactions, example).to_string(),
        example
    );
    assert_eq!(reply(OperationName::ListTransactions, "[]"), json!([]));
}

#[test]
fn only_what_moves_no_money_may_be_sent_twice() {
    let twice: Vec<_> = OperationName::ALL
        .into_iter()
        .filter(|name| name.may_be_sent_twice())
        .map(OperationName::as_str)
        .collect();
    assert_eq!(
        twice,
        [
            "hosted_deposit",
            "hosted_withdrawal",
            "transaction_status",
            "list_transactions"
        ]
    );
    for name in OperationName::ALL {
        assert_eq!(OperationName::parse(name.as_str()), Some(name));
    }
}
