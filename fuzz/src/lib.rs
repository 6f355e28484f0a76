//! What the reply targets share.

use edge_cashier::{ApiKey, Gateway, GatewayConfig, OperationName, Routes};

/// Reads a reply made of fuzzed bytes: the status, a header, the body.
///
/// # Panics
///
/// When reading panics, or an error gives the API key away: that is what the fuzzer looks for.
pub fn reply(operation: OperationName, data: &[u8]) {
    const KEY: &str = "key_that_must_not_be_seen";
    let Some(([high, low, length], rest)) = data.split_first_chunk() else { return };
    let (header, body) = rest.split_at(usize::from(*length).min(rest.len()));
    let status = 100 + u16::from_be_bytes([*high, *low]) % 500;
    let mut builder = http::Response::builder().status(status);
    if let Ok(value) = http::HeaderValue::from_bytes(header) {
        builder = builder.header("retry-after", value.clone()).header("x-request-id", value);
    }
    let gateway = Gateway::new(GatewayConfig {
        api_key: ApiKey::new(KEY).expect("a key"),
        base_url: "https://gateway.example".to_owned(),
        cashier_url: None,
        routes: Routes::default(),
        user_agent: None,
    })
    .expect("a configuration");
    let response = builder.body(body.to_vec()).expect("a response");
    match gateway.reply_for(operation, response) {
        Ok(reply) => drop(reply.to_string()),
        Err(error) => {
            let told = format!("{error} {error:?} {} {:?}", error.support_report(), error.retry_after());
            assert!(!told.contains(KEY));
        }
    }
}
