//! The transport: one call of an operation, with its retries, over the host's `fetch`.
//!
//! What is sent, what a reply means and whether to try again is decided by the core; the request is built by gloo-net. The host (TypeScript)
//! holds what has to do with time: one deadline over all tries, the caller's abort signal, and both also while a body is read.

use gloo_net::http::{Method, RequestBuilder};
use js_sys::{Array, Date, Promise, Uint8Array};
use serde_json::Value;
use std::time::Duration;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestRedirect};

use super::answer;
use super::gateway::{Prepared, prepare};
use crate::exchange::{Incoming, Outgoing};
use crate::retry::{Retry, RetryPolicy, decide};
use crate::{GatewayError, OperationName};

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
///
/// Only what waits stands in an `async fn`: what an await lies in is compiled into a state machine, which no other code shares.
#[wasm_bindgen]
pub async fn call(options: String, operation: String, request: String, host: Host) -> String {
    let prepared = match prepare(&options, &operation, &request) {
        Ok(prepared) => prepared,
        Err(refusal) => return refusal,
    };
    let mut attempt = 0;
    loop {
        attempt += 1;
        let answer = match send(&prepared, &host) {
            Ok(answer) => Ok(JsFuture::from(answer).await),
            Err(error) => Err(error),
        };
        match next(&prepared, &host, answer, attempt) {
            Next::Done(answer) => return answer,
            Next::Wait(pause, error) => {
                if !JsFuture::from(pause).await.is_ok_and(|waited| waited.is_truthy()) {
                    return failed(&prepared, error, attempt);
                }
            }
        }
    }
}

/// What follows an attempt.
enum Next {
    /// The call is over.
    Done(String),
    /// It goes on when the promise says so, and otherwise ends with the error.
    Wait(Promise, GatewayError),
}

#[inline(never)]
fn next(
    prepared: &Prepared,
    host: &Host,
    answer: Result<Result<JsValue, JsValue>, GatewayError>,
    attempt: u32,
) -> Next {
    let error = match answer.and_then(|answer| received(prepared, host, answer)) {
        Ok(value) => return Next::Done(answer::value(&with_address(prepared, value))),
        Err(error) => error,
    };
    let policy = RetryPolicy::with_max_retries(host.max_retries());
    match decide(prepared.name, attempt, &error, &policy, host.random()) {
        Retry::After(pause) => Next::Wait(host.wait(pause.as_secs_f64() * 1000.0), error),
        Retry::GiveUp => Next::Done(failed(prepared, error, attempt)),
    }
}

/// The text of a failed call, with all that its support report should say.
#[cold]
#[inline(never)]
fn failed(prepared: &Prepared, error: GatewayError, attempts: u32) -> String {
    let Outgoing { method, url, .. } = &prepared.request;
    let now = Date::new_0().to_iso_string();
    let error = error
        .about(&prepared.id, method, url)
        .after_attempts(attempts, &String::from(now));
    answer::failed(&error, attempts)
}

#[cold]
fn broken(prepared: &Prepared, detail: &str) -> GatewayError {
    prepared.gateway.transport_error(prepared.name, detail)
}

#[inline(never)]
fn send(prepared: &Prepared, host: &Host) -> Result<Promise, GatewayError> {
    let body = prepared.body();
    let request = build(&prepared.request, body, &host.signal())
        .map_err(|error| broken(prepared, &error.to_string()))?;
    Ok(host.send(&request, body))
}

fn build(
    request: &Outgoing,
    body: Option<&str>,
    signal: &AbortSignal,
) -> Result<web_sys::Request, gloo_net::Error> {
    let method = match request.method {
        "GET" => Method::GET,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => Method::POST,
    };
    let mut builder = RequestBuilder::new(&request.url)
        .method(method)
        .abort_signal(Some(signal))
        // A redirect would carry the API key to wherever it points: fetch takes only `authorization` off.
        .redirect(RequestRedirect::Manual);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    Ok(match body {
        Some(body) => builder.body(JsValue::from_str(body))?,
        None => builder.build()?,
    }
    .into())
}

#[inline(never)]
fn received(
    prepared: &Prepared,
    host: &Host,
    answer: Result<JsValue, JsValue>,
) -> Result<Value, GatewayError> {
    let Ok(answer) = answer else {
        return Err(broken(prepared, "fetch failed"));
    };
    let answer: Answer = answer.unchecked_into();
    match answer.problem().as_deref() {
        None => {}
        Some("timeout") => {
            let after = Duration::from_millis(host.timeout_ms() as u64);
            return Err(GatewayError::timeout(prepared.name, after));
        }
        Some(_) => {
            return Err(broken(
                prepared,
                answer.detail().as_deref().unwrap_or("no answer"),
            ));
        }
    }
    let names_and_values = answer.headers();
    let headers: Vec<String> = (0..names_and_values.length())
        .map(|at| names_and_values.get(at).as_string().unwrap_or_default())
        .collect();
    let (headers, _) = headers.as_chunks::<2>();
    prepared.gateway.incoming(
        prepared.name,
        &Incoming {
            status: answer.status(),
            headers: &|wanted| {
                headers
                    .iter()
                    .find_map(|[name, value]| name.eq_ignore_ascii_case(wanted).then_some(value.as_str()))
            },
            body: &answer.body().to_vec(),
        },
    )
}

/// The hosted cashier's address beside its token.
fn with_address(prepared: &Prepared, mut value: Value) -> Value {
    if !matches!(
        prepared.name,
        OperationName::HostedDeposit | OperationName::HostedWithdrawal
    ) {
        return value;
    }
    let address = value
        .get("token")
        .and_then(Value::as_str)
        .and_then(|token| prepared.gateway.cashier_url(token));
    if let (Some(address), Some(reply)) = (address, value.as_object_mut()) {
        reply.insert("cashier_url".to_owned(), address.into());
    }
    value
}
