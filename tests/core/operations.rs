//! Each operation against the gateway's reference: the request body is the reference's example, byte for byte (written
//! compactly), the URL and method are the route's, and the reply is the reference's example.

use edge_cashier::{ErrorClass, Gateway, GatewayError, OperationName};
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::support::{config, found};

fn gateway() -> Gateway {
    Gateway::new(config("example_key", "https://gateway.example/api/v1")).unwrap()
}

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

fn reply(name: OperationName, body: &str) -> Value {
    gateway()
        .reply_for(name, Response::new(body.as_bytes().to_vec()))
        .unwrap()
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
fn a_reply_keeps_what_it_does_not_know() {
    let grown = r#"{"token":"abc","expires_in":900,"limits":{"max":1000000000000.01}}"#;
    assert_eq!(reply(OperationName::HostedDeposit, grown).to_string(), grown);
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

fn typed(name: OperationName, body: &str) -> Value {
    gateway()
        .typed_reply_for(name, Response::new(body.as_bytes().to_vec()))
        .unwrap()
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
