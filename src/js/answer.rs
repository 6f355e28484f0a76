//! What a gateway function gives: JSON text, `{"value":…}` or `{"error":…}`. TypeScript makes the error classes of it.

use serde_json::{Map, Value, json};

use crate::error::{ValidationError, Violation};
use crate::{ErrorClass, GatewayError};

/// The text of a value.
pub(super) fn value(value: Value) -> String {
    json!({ "value": value }).to_string()
}

/// The text of what is wrong with a request.
pub(super) fn invalid(error: &ValidationError) -> String {
    json!({ "error": { "violations": violations(error, |path| path.to_owned()) } }).to_string()
}

/// The same for options: their paths become the names that JavaScript knows them by.
pub(super) fn invalid_options(violations: &[Violation]) -> String {
    let list: Vec<Value> = violations
        .iter()
        .map(|violation| written(violation, option_name(&violation.path)))
        .collect();
    json!({ "error": { "violations": list } }).to_string()
}

fn violations(error: &ValidationError, name: fn(&str) -> String) -> Vec<Value> {
    error
        .violations()
        .iter()
        .map(|violation| written(violation, name(&violation.path)))
        .collect()
}

fn written(violation: &Violation, path: String) -> Value {
    json!({ "path": path, "code": violation.code, "message": violation.message })
}

fn option_name(path: &str) -> String {
    match path {
        "api_key" => "apiKey",
        "base_url" => "baseUrl",
        "cashier_url" => "cashierUrl",
        "user_agent" => "userAgent",
        other => other,
    }
    .to_owned()
}

/// The text of a failed call after so many attempts.
pub(super) fn failed(error: &GatewayError, attempts: u32) -> String {
    let code = match error.class() {
        ErrorClass::Caller => "gateway_refused",
        ErrorClass::Gateway => "gateway_failed",
        ErrorClass::Transport => "transport_failed",
        ErrorClass::Timeout => "timeout",
        ErrorClass::Unreadable => "unreadable_reply",
    };
    let mut facts = Map::new();
    let mut fact = |name: &str, value: Value| {
        if !value.is_null() {
            facts.insert(name.to_owned(), value);
        }
    };
    fact("code", code.into());
    fact("message", error.to_string().into());
    fact("operation", error.operation().into());
    fact("class", error.class().as_str().into());
    fact("status", error.status().into());
    fact("retryable", error.safe_to_retry().into());
    fact(
        "retryAfterMs",
        error
            .retry_after()
            .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
            .into(),
    );
    fact("requestId", error.request_id().into());
    fact("attempts", attempts.into());
    fact("supportReport", error.support_report().into());
    json!({ "error": { "gateway": facts } }).to_string()
}
