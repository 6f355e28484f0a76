//! What the core says, as JSON.

use edge_cashier::{ErrorClass, GatewayError, Outgoing, Violation};
use serde_json::{Map, Value, json};

/// Everything that is wrong, in the core's order.
pub(crate) fn violations(found: &[Violation]) -> Value {
    let all: Vec<Value> = found
        .iter()
        .map(|violation| {
            json!({
                "path": violation.path,
                "code": violation.code,
                "message": violation.message,
            })
        })
        .collect();
    json!({ "violations": all })
}

/// A request as it would be sent.
pub(crate) fn request(request: &Outgoing) -> Value {
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect();
    let body = (!request.body.is_empty()).then(|| String::from_utf8_lossy(&request.body));
    json!({
        "method": request.method,
        "url": request.url,
        "headers": headers,
        "body": body,
    })
}

/// A value without a key that JavaScript would have to read.
pub(crate) fn keyless(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: Vec<Value> = members
                .into_iter()
                .map(|(name, value)| json!([name, keyless(value)]))
                .collect();
            json!({ "object": members })
        }
        Value::Array(items) => items.into_iter().map(keyless).collect(),
        other => other,
    }
}

/// The facts of an error, under the names that JavaScript has for them. What it does not have is left out.
pub(crate) fn error(error: &GatewayError) -> Value {
    let mut facts = Map::new();
    let mut add = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    add("code", code(error.class()).into());
    add("class", error.class().as_str().into());
    add("message", error.to_string().into());
    add("operation", error.operation().into());
    if let Some(status) = error.status() {
        add("status", status.into());
    }
    add("retryable", error.safe_to_retry().into());
    if let Some(wait) = error.retry_after() {
        add("retryAfterMs", wait.as_secs().saturating_mul(1000).into());
    }
    if let Some(id) = error.request_id() {
        add("requestId", id.into());
    }
    add("supportReport", error.support_report().into());
    Value::Object(facts)
}

/// The word that the package's errors carry in `code`.
fn code(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Caller => "gateway_refused",
        ErrorClass::Gateway => "gateway_failed",
        ErrorClass::Transport => "transport_failed",
        ErrorClass::Timeout => "timeout",
        ErrorClass::Unreadable => "unreadable_reply",
        _ => "unknown",
    }
}
