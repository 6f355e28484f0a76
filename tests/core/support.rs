//! What the tests share: a gateway, what is wrong with a request, the published webhook, and the vectors in `tests/vectors`.

use edge_cashier::{
    ApiKey, Gateway, GatewayConfig, OperationName, Routes, ValidationError, Webhook, WebhookError,
};
use http::Response;
use serde_json::Value;

/// The least that a gateway needs.
pub(crate) fn config(api_key: &str, base_url: &str) -> GatewayConfig {
    GatewayConfig {
        api_key: ApiKey::new(api_key).unwrap(),
        base_url: base_url.to_owned(),
        cashier_url: None,
        routes: Routes::default(),
        user_agent: None,
        allow_insecure: false,
    }
}

pub(crate) fn gateway() -> Gateway {
    Gateway::new(config("example_key", "https://gateway.example/api/v1")).unwrap()
}

/// The operation's reply, read from this body.
pub(crate) fn reply(name: OperationName, body: &str) -> Value {
    gateway()
        .reply_for(name, Response::new(body.as_bytes().to_vec()))
        .unwrap()
}

/// The path and the code of everything that is wrong.
pub(crate) fn found(error: &ValidationError) -> Vec<(&str, &'static str)> {
    let violations = error.violations().iter();
    violations
        .map(|violation| (violation.path.as_str(), violation.code))
        .collect()
}

/// The reference's published check.
pub(crate) const BODY: &str = r#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}"#;
pub(crate) const PASSWORD: &str = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF";
pub(crate) const SIGNATURE: &str = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC";

pub(crate) fn published() -> Webhook {
    Webhook::new(PASSWORD).unwrap()
}

/// Why the published webhook does not take these.
pub(crate) fn refusal(body: impl AsRef<[u8]>, signature: &str) -> WebhookError {
    published().verify(body.as_ref(), signature, None).unwrap_err()
}

/// The vectors of one file, never none.
pub(crate) fn read(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let Value::Array(vectors) = serde_json::from_str::<Value>(&text).unwrap()["vectors"].take() else {
        panic!("{file} has no vectors");
    };
    assert!(!vectors.is_empty(), "{file} is empty");
    vectors
}

/// A field that is text, or bytes in hexadecimal.
pub(crate) fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    match (vector[field].as_str(), vector[format!("{field}_hex")].as_str()) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(digits)) => hex::decode(digits).unwrap(),
        _ => panic!("{} has no {field}", vector["name"]),
    }
}

/// How many cases a property is tried with: so many, unless `PROPTEST_CASES` says otherwise.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(usual)
}
