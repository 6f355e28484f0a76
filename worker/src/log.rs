//! One line a request, as JSON, for whoever runs the Worker; and one for each inner failure.
//!
//! A line holds the request's id, the route's pattern, the method, the status, the problem's code and the time. It holds no path, query string,
//! header, body, secret or personal data: those who need more find the payment by the request id, which is stored with every record.

use edge_cashier::GatewayError;
use serde_json::Value;
use wasm_bindgen::JsValue;
use web_sys::console;

use crate::json;

/// The line for one answered request.
pub(crate) fn request(request_id: &str, method: &str, route: &str, status: u16, code: Option<&str>, ms: i64) {
    let line = json::object(vec![
        ("event", Value::from("request")),
        ("request_id", Value::from(request_id)),
        ("method", Value::from(method)),
        ("route", Value::from(route)),
        ("status", Value::from(status)),
        ("code", json::optional(code.map(str::to_owned))),
        ("ms", Value::from(ms)),
    ]);
    console::log_1(&JsValue::from_str(&json::text(&line)));
}

/// An inner failure: what failed and where. `cause` is a runtime error, never anything that came with the request.
pub(crate) fn failure(request_id: &str, step: &str, cause: &str) {
    error(vec![
        ("event", Value::from("failure")),
        ("request_id", Value::from(request_id)),
        ("step", Value::from(step)),
        ("cause", Value::from(cause)),
    ]);
}

/// A gateway call that came to nothing, with what the gateway's support needs: its own request id, and the tracking id, which is in no record when
/// nothing was opened. The gateway's body is not in it: it may repeat what was sent.
pub(crate) fn gateway_failure(request_id: &str, tracking_id: &str, gateway_error: &GatewayError) {
    error(vec![
        ("event", Value::from("gateway_failure")),
        ("request_id", Value::from(request_id)),
        ("tracking_id", Value::from(tracking_id)),
        ("operation", Value::from(gateway_error.operation())),
        ("class", Value::from(gateway_error.class().as_str())),
        ("status", gateway_error.status().map_or(Value::Null, Value::from)),
        (
            "gateway_request_id",
            json::optional(gateway_error.request_id().map(str::to_owned)),
        ),
        ("what_to_do", Value::from(gateway_error.what_to_do())),
    ]);
}

fn error(line: Vec<(&'static str, Value)>) {
    console::error_1(&JsValue::from_str(&json::text(&json::object(line))));
}
