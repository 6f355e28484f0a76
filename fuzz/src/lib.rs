//! What the reply targets share.

use edge_cashier::{ApiKey, Gateway, GatewayConfig, OperationName, Routes};

/// The key as it is, and as a gateway may write it back. The bytes 1 to 5 of a body stand for these.
const WRITTEN: [&str; 5] = [
    "key/that+must_not_be_seen",
    "key\\/that+must_not_be_seen",
    "key\\u002fthat\\u002Bmust_not_be_seen",
    "key%2Fthat%2bmust_not_be_seen",
    "key%252Fthat%252Bmust_not_be_seen",
];

/// Reads a reply made of fuzzed bytes: the status, a header, the body.
///
/// # Panics
///
/// When reading panics, or an error gives the API key away: that is what the fuzzer looks for.
pub fn reply(operation: OperationName, data: &[u8]) {
    let Some(([high, low, length], rest)) = data.split_first_chunk() else {
        return;
    };
    let (header, body) = rest.split_at(usize::from(*length).min(rest.len()));
    let mut echo = Vec::new();
    for byte in body {
        match usize::from(*byte)
            .checked_sub(1)
            .and_then(|place| WRITTEN.get(place))
        {
            Some(written) => echo.extend_from_slice(written.as_bytes()),
            None => echo.push(*byte),
        }
    }
    let status = 100 + u16::from_be_bytes([*high, *low]) % 500;
    let mut builder = http::Response::builder().status(status);
    if let Ok(value) = http::HeaderValue::from_bytes(header) {
        builder = builder
            .header("retry-after", value.clone())
            .header("x-request-id", value);
    }
    let gateway = Gateway::new(GatewayConfig {
        api_key: ApiKey::new(WRITTEN[0]).expect("a key"),
        base_url: "https://gateway.example".to_owned(),
        cashier_url: None,
        routes: Routes::default(),
        user_agent: None,
        allow_insecure: false,
    })
    .expect("a configuration");
    let response = builder.body(echo).expect("a response");
    match gateway.reply_for(operation, response) {
        Ok(reply) => drop(reply.to_string()),
        Err(error) => {
            let shown = format!(
                "{error} {error:?} {} {:?}",
                error.support_report(),
                error.retry_after()
            );
            for written in WRITTEN {
                assert!(!shown.contains(written), "{written}");
            }
        }
    }
}
