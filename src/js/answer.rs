//! What a gateway function gives: JSON text, `{"value":…}`, `{"retry":…}` or `{"error":…}`. TypeScript makes the error classes of it.

use crate::error::Violation;
use crate::exchange::Outgoing;
use crate::json_text::push_string;
use crate::text::{concat, digits};
use crate::{ErrorClass, GatewayError};

/// Writes an object field by field.
struct Facts(String);

impl Facts {
    #[inline(never)]
    fn name(&mut self, name: &str) -> &mut String {
        self.0.push_str(if self.0.ends_with('{') { "\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":");
        &mut self.0
    }

    #[inline(never)]
    fn text(&mut self, name: &str, text: &str) {
        push_string(self.name(name), text);
    }

    #[inline(never)]
    fn plain(&mut self, name: &str, value: &str) {
        self.name(name).push_str(value);
    }

    fn number(&mut self, name: &str, number: u64) {
        self.plain(name, &digits(number, 1));
    }
}

/// The text of a value, from its JSON.
pub(super) fn value(json: &str) -> String {
    concat(&["{\"value\":", json, "}"])
}

/// The text of what is wrong with a request or with options.
#[inline(never)]
pub(super) fn invalid(violations: &[Violation]) -> String {
    let mut out = Facts("{\"error\":{\"violations\":[".to_owned());
    for (place, violation) in violations.iter().enumerate() {
        out.0.push_str(if place == 0 { "{" } else { ",{" });
        out.text("path", &violation.path);
        out.text("code", violation.code);
        out.text("message", &violation.message);
        out.0.push('}');
    }
    out.0.push_str("]}}");
    out.0
}

/// Send it again after so many milliseconds.
pub(super) fn retry(milliseconds: u64) -> String {
    concat(&["{\"retry\":", &digits(milliseconds, 1), "}"])
}

/// The text of a failed call after so many attempts.
#[inline(never)]
pub(super) fn failed(error: &GatewayError, attempts: u64) -> String {
    let code = match error.class() {
        ErrorClass::Caller => "gateway_refused",
        ErrorClass::Gateway => "gateway_failed",
        ErrorClass::Transport => "transport_failed",
        ErrorClass::Timeout => "timeout",
        ErrorClass::Unreadable => "unreadable_reply",
    };
    let mut facts = Facts("{\"error\":{\"gateway\":{".to_owned());
    facts.text("code", code);
    facts.text("message", &error.message());
    facts.text("operation", error.operation());
    facts.text("class", error.class().as_str());
    if let Some(status) = error.status() {
        facts.number("status", status.into());
    }
    facts.plain("retryable", if error.safe_to_retry() { "true" } else { "false" });
    if let Some(wait) = error.retry_after() {
        facts.number("retryAfterMs", wait.as_secs().saturating_mul(1000));
    }
    if let Some(id) = error.request_id() {
        facts.text("requestId", id);
    }
    facts.number("attempts", attempts);
    facts.text("supportReport", &error.support_report());
    facts.0.push_str("}}}");
    facts.0
}

/// The text of a request that is not sent: `{method, url, headers, body}`, and by which id the gateway's support finds the payment.
pub(super) fn request(request: &Outgoing, id: &str) -> String {
    let mut facts = Facts("{\"value\":{".to_owned());
    facts.text("id", id);
    facts.text("method", request.method);
    facts.text("url", &request.url);
    facts.name("headers").push('{');
    for (name, value) in &request.headers {
        facts.text(name, value);
    }
    facts.0.push('}');
    // What was written here is JSON, so it is UTF-8.
    match std::str::from_utf8(&request.body) {
        Ok(body) if !body.is_empty() => facts.text("body", body),
        _ => facts.plain("body", "null"),
    }
    facts.0.push_str("}}");
    facts.0
}
