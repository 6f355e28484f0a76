//! The transport: one call of an operation, with its retries, over the host's `fetch`.
//!
//! What is sent, what a reply means and whether to try again is decided by the core; the request is built by gloo-net. The host (TypeScript)
//! holds what has to do with time: one deadline over all tries, the caller's abort signal, and both also while a body is read.

use gloo_net::http::RequestBuilder;
use js_sys::{Array, Promise, Uint8Array};
use serde_json::Value;
use std::time::Duration;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestRedirect};

use super::answer;
use super::gateway::{body, open, prepare};
use crate::retry::{Retry, RetryPolicy, decide};
use crate::{Gateway, GatewayError, OperationName};

#[wasm_bindgen]
extern "C" {
    /// What TypeScript gives to one call.
    pub type Host;
    /// Aborted at the deadline, and by the caller.
    #[wasm_bindgen(method, getter)]
    fn signal(this: &Host) -> AbortSignal;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    fn timeout_ms(this: &Host) -> f64;
    #[wasm_bindgen(method, getter, js_name = maxRetries)]
    fn max_retries(this: &Host) -> u32;
    /// Sends a request and reads its answer. The promise never rejects.
    #[wasm_bindgen(method)]
    fn send(this: &Host, request: &web_sys::Request, body: Option<&str>) -> Promise;
    /// Waits; gives false at once when the deadline would come first, or the caller has aborted.
    #[wasm_bindgen(method)]
    fn wait(this: &Host, milliseconds: f64) -> Promise;
    /// From 0 to below 1.
    #[wasm_bindgen(method)]
    fn random(this: &Host) -> f64;

    /// What came of sending a request.
    type Answer;
    /// `timeout`, `aborted` or `transport`, when no whole answer came.
    #[wasm_bindgen(method, getter)]
    fn problem(this: &Answer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn detail(this: &Answer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    /// Names and values in turn.
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Answer) -> Array;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> Uint8Array;
}

/// Sends an operation and gives its reply: `{"value":…}` or `{"error":…}`.
#[wasm_bindgen]
pub async fn call(options: String, operation: String, request: String, host: Host) -> String {
    let gateway = match open(&options) {
        Ok(gateway) => gateway,
        Err(violations) => return answer::invalid_options(&violations),
    };
    let (name, request) = match prepare(&gateway, &operation, &request) {
        Ok(prepared) => prepared,
        Err(error) => return answer::invalid(&error),
    };
    let policy = RetryPolicy::with_max_retries(host.max_retries());
    let mut attempt = 0;
    loop {
        attempt += 1;
        let error = match send(&gateway, name, &request, &host).await {
            Ok(value) => return answer::value(with_address(&gateway, name, value)),
            Err(error) => error,
        };
        let again = match decide(name, attempt, &error, &policy, host.random()) {
            Retry::After(pause) => JsFuture::from(host.wait(pause.as_secs_f64() * 1000.0))
                .await
                .is_ok_and(|waited| waited.is_truthy()),
            Retry::GiveUp => false,
        };
        if !again {
            return answer::failed(&error, attempt);
        }
    }
}

async fn send(
    gateway: &Gateway,
    name: OperationName,
    request: &http::Request<Vec<u8>>,
    host: &Host,
) -> Result<Value, GatewayError> {
    let text = body(request);
    let broken = |detail: &str| gateway.transport_error(name, detail);
    let built =
        build(request, text.as_deref(), &host.signal()).map_err(|error| broken(&error.to_string()))?;
    let answer = JsFuture::from(host.send(&built, text.as_deref()))
        .await
        .map_err(|_| broken("fetch failed"))?;
    let answer: Answer = answer.unchecked_into();
    match answer.problem().as_deref() {
        None => gateway.reply_for(name, response(&answer)),
        Some("timeout") => Err(GatewayError::timeout(
            name,
            Duration::from_secs_f64(host.timeout_ms() / 1000.0),
        )),
        Some(_) => Err(broken(answer.detail().as_deref().unwrap_or("no answer"))),
    }
}

fn build(
    request: &http::Request<Vec<u8>>,
    text: Option<&str>,
    signal: &AbortSignal,
) -> Result<web_sys::Request, gloo_net::Error> {
    let mut builder = RequestBuilder::new(&request.uri().to_string())
        .method(request.method().clone())
        .abort_signal(Some(signal))
        // A redirect would carry the API key to wherever it points: fetch takes only `authorization` off.
        .redirect(RequestRedirect::Manual);
    for (name, value) in request.headers() {
        builder = builder.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    Ok(match text {
        Some(text) => builder.body(JsValue::from_str(text))?,
        None => builder.build()?,
    }
    .into())
}

fn response(answer: &Answer) -> http::Response<Vec<u8>> {
    let mut response = http::Response::new(answer.body().to_vec());
    *response.status_mut() =
        http::StatusCode::from_u16(answer.status()).unwrap_or(http::StatusCode::BAD_GATEWAY);
    let headers = answer.headers();
    for at in (0..headers.length()).step_by(2) {
        let text = |at| headers.get(at).as_string().unwrap_or_default();
        // A header that no server may send is not read either.
        if let (Ok(name), Ok(value)) = (text(at).parse::<http::HeaderName>(), text(at + 1).parse()) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The hosted cashier's address beside its token.
fn with_address(gateway: &Gateway, name: OperationName, mut value: Value) -> Value {
    if !matches!(
        name,
        OperationName::HostedDeposit | OperationName::HostedWithdrawal
    ) {
        return value;
    }
    let address = value
        .get("token")
        .and_then(Value::as_str)
        .and_then(|token| gateway.cashier_url(token));
    if let (Some(address), Some(reply)) = (address, value.as_object_mut()) {
        reply.insert("cashier_url".to_owned(), address.into());
    }
    value
}
