//! Each operation against the gateway's reference: the request body is the reference's example, byte for byte (written
//! compactly), the URL and method are the route's, and the reply is the reference's example.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use edge_cashier::{ApiKey, Gateway, GatewayConfig, OperationName, Routes};
use http::{Method, Request, Response};
use serde_json::{Value, json};

fn gateway() -> Gateway {
    Gateway::new(GatewayConfig {
        api_key: ApiKey::new("example_key").unwrap(),
        base_url: "https://gateway.example/api/v1".to_owned(),
        cashier_url: None,
        routes: Routes::default(),
        user_agent: None,
    })
    .unwrap()
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
    assert_eq!(request.uri().to_string(), format!("https://gateway.example/api/v1{path}"));
    assert_eq!(request.headers()["x-api-key"], "example_key");
    assert!(request.headers()["x-api-key"].is_sensitive());
    assert_eq!(request.headers()["content-type"], "application/json");
    // A payment's request object may also be given alone.
    if let Some(inner) = value.get("request").filter(|_| value.as_object().unwrap().len() == 1) {
        assert_eq!(body(&gateway().request_for(name, inner).unwrap()), example);
    }
}

fn reply(name: OperationName, body: &str) -> Value {
    gateway().reply_for(name, Response::new(body.as_bytes().to_vec())).unwrap()
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
    let request = gateway().request_for(OperationName::HostedDeposit, &request).unwrap();
    assert_eq!(body(&request), r#"{"request":{"settings":{},"user_id":"128","tracking_id":"t-1","amount":10.05,"currency":"EUR"}}"#);
}
