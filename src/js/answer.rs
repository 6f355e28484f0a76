//! What a gateway function gives: JSON text, `{"value":…}` or `{"error":…}`. TypeScript makes the error classes of it.

use serde_json::Value;

use crate::error::Violation;
use crate::json_text;
use crate::{ErrorClass, Explanation, GatewayError, Verdict};

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
        json_text::push_string(self.name(name), text);
    }

    #[inline(never)]
    fn plain(&mut self, name: &str, value: &str) {
        self.name(name).push_str(value);
    }
}

/// The text of a value.
pub(super) fn value(value: &Value) -> String {
    let mut out = "{\"value\":".to_owned();
    json_text::push(&mut out, value);
    out.push('}');
    out
}

/// The text of what is wrong with a request or with options.
#[cold]
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

/// Gives the paths of options the names that JavaScript knows them by.
pub(super) fn name_options(violations: &mut [Violation]) {
    for violation in violations {
        let name = match violation.path.as_str() {
            "api_key" => "apiKey",
            "base_url" => "baseUrl",
            "cashier_url" => "cashierUrl",
            "user_agent" => "userAgent",
            _ => continue,
        };
        violation.path = name.to_owned();
    }
}

/// The text of a failed call after so many attempts.
#[cold]
#[inline(never)]
pub(super) fn failed(error: &GatewayError, attempts: u32) -> String {
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
        facts.plain("status", &status.to_string());
    }
    facts.plain("retryable", if error.safe_to_retry() { "true" } else { "false" });
    if let Some(wait) = error.retry_after() {
        let milliseconds = wait
            .as_secs()
            .saturating_mul(1000)
            .saturating_add(wait.subsec_millis().into());
        facts.plain("retryAfterMs", &milliseconds.to_string());
    }
    if let Some(id) = error.request_id() {
        facts.text("requestId", id);
    }
    facts.plain("attempts", &attempts.to_string());
    facts.text("supportReport", &error.support_report());
    facts.0.push_str("}}}");
    facts.0
}

/// The text of a request that is not sent: `{method, url, headers, body}`.
pub(super) fn request(request: &crate::exchange::Outgoing, body: Option<&str>) -> String {
    let mut facts = Facts("{\"value\":{".to_owned());
    facts.text("method", request.method);
    facts.text("url", &request.url);
    facts.name("headers").push('{');
    for (name, value) in &request.headers {
        facts.text(name, value);
    }
    facts.0.push('}');
    match body {
        Some(body) => facts.text("body", body),
        None => facts.plain("body", "null"),
    }
    facts.0.push_str("}}");
    facts.0
}

/// `{verdict, reason, hint}`.
pub(super) fn explanation(explanation: &Explanation) -> String {
    let mut facts = Facts("{".to_owned());
    facts.text(
        "verdict",
        match explanation.verdict {
            Verdict::Verified => "verified",
            Verdict::Refused => "refused",
        },
    );
    facts.text("reason", explanation.reason.as_str());
    facts.text("hint", &explanation.hint);
    facts.0.push('}');
    facts.0
}
