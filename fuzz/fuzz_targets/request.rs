//! A request of any operation: any JSON. What passes is written as JSON that says the same about money and whose it is.
#![no_main]

use edge_cashier::{Amount, ApiKey, Gateway, GatewayConfig, OperationName, Routes};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some((operation, text)) = data.split_first() else {
        return;
    };
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    let gateway = Gateway::new(GatewayConfig {
        api_key: ApiKey::new("example_key").expect("a key"),
        base_url: "https://gateway.example".to_owned(),
        cashier_url: None,
        routes: Routes::default(),
        user_agent: None,
        allow_insecure: false,
    })
    .expect("a configuration");
    let name = OperationName::ALL[usize::from(*operation) % OperationName::ALL.len()];
    match gateway.request_for(name, &value) {
        Ok(request) if !request.body().is_empty() => {
            let sent: Value = serde_json::from_slice(request.body()).expect("a body is JSON");
            let inner = |body: &Value| body.get("request").unwrap_or(body).clone();
            let (given, sent) = (inner(&value), inner(&sent));
            for field in ["user_id", "tracking_id", "currency", "transaction_id"] {
                assert_eq!(given.get(field), sent.get(field), "{field}");
            }
            let amount = |body: &Value| match body.get("amount") {
                Some(Value::Number(number)) => Amount::parse(&number.to_string()).ok(),
                Some(Value::String(text)) => Amount::parse(text).ok(),
                _ => None,
            };
            assert_eq!(amount(&given), amount(&sent));
        }
        Ok(_) => {}
        Err(error) => assert!(!error.violations().is_empty()),
    }
});
