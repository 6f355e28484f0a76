//! One line a request, as JSON, for whoever runs the Worker; and one for each inner failure.
//!
//! A line holds the request's id, the route's pattern, the method, the status, the problem's code and the time. It holds no path, query string,
//! header, body, secret or personal data: those who need more find the payment by the request id, which is stored with every record.

use edge_cashier::GatewayError;
use serde_json::json;
use worker::{console_error, console_log};

/// The line for one answered request.
pub(crate) fn request(request_id: &str, method: &str, route: &str, status: u16, code: Option<&str>, ms: i64) {
    let line = json!({
        "event": "request",
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "code": code,
        "ms": ms,
    });
    console_log!("{line}");
}

/// An inner failure: what failed and where. `cause` is a runtime error, never anything that came with the request.
pub(crate) fn failure(request_id: &str, step: &str, cause: &str) {
    console_error!(
        "{}",
        json!({ "event": "failure", "request_id": request_id, "step": step, "cause": cause })
    );
}

/// A gateway call that came to nothing, with the gateway's own request id for its support. The gateway's body is not in it: it may repeat what was sent.
pub(crate) fn gateway_failure(request_id: &str, error: &GatewayError) {
    let line = json!({
        "event": "gateway_failure",
        "request_id": request_id,
        "operation": error.operation(),
        "class": error.class().as_str(),
        "status": error.status(),
        "gateway_request_id": error.request_id(),
        "what_to_do": error.what_to_do(),
    });
    console_error!("{line}");
}
