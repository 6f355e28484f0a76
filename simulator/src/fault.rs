//! What the simulator does wrong when it is asked to. A real network and a real gateway do each of these.

use axum::http::{HeaderValue, StatusCode};
use edge_cashier::OperationName;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::json::plain_text;

/// A fault of the API's replies.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The operation that it concerns; none: every operation.
    pub(crate) operation: Option<OperationName>,
    /// What goes wrong.
    pub(crate) kind: FaultKind,
    /// The HTTP status. Without it: 500 for `status`, 502 for `html`, 200 for the others.
    pub(crate) status: Option<u16>,
    /// The body of a `status` or `html` fault, sent as it stands.
    pub(crate) body: Option<String>,
    /// How long a `slow` reply takes, in milliseconds.
    pub(crate) delay_ms: Option<u32>,
    /// The value of `Retry-After`: seconds as a number, or an HTTP date as a string.
    pub(crate) retry_after: Option<Value>,
    /// How many calls it hits before all is well again; none: until it is taken away.
    pub(crate) times: Option<u32>,
    /// Whether the operation is carried out although its reply goes wrong. Without it: yes, except for `status` and `html`.
    pub(crate) executed: Option<bool>,
}

/// The ways in which a reply goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr, strum::VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum FaultKind {
    /// Another status than the operation's.
    Status,
    /// An HTML page, as a proxy in between writes it.
    Html,
    /// No body at all.
    Empty,
    /// The right reply, late.
    Slow,
    /// The status and the headers, and then a body that never ends.
    Hang,
    /// The connection ends in the middle of the body.
    Cut,
}

impl Fault {
    /// Reports every member that cannot be, by its path, and what it needs.
    pub(crate) fn check(&self, mut report: impl FnMut(&str, &str)) {
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            report("fault.status", "an HTTP status from 200 to 599 is needed");
        }
        let needs_body = matches!(self.kind, FaultKind::Hang | FaultKind::Cut);
        if needs_body && !self.status().is_none_or(may_have_body) {
            report(
                "fault.status",
                "a reply of this status has no body to hang or cut",
            );
        }
        if self.retry_after.is_some() && self.retry_after_header().is_none() {
            report("fault.retry_after", "seconds as a number, or a date as a string");
        }
        if self.kind == FaultKind::Slow && self.delay_ms.is_none() {
            report("fault.delay_ms", "a slow reply needs its delay in milliseconds");
        }
        if self.times == Some(0) {
            report("fault.times", "at least 1, or nothing to keep the fault");
        }
    }

    /// Tells whether this fault concerns the operation.
    pub(crate) fn concerns(&self, operation: OperationName) -> bool {
        self.operation.is_none_or(|concerned| concerned == operation)
    }

    /// Tells whether the operation is carried out although its reply goes wrong.
    pub(crate) fn is_executed(&self) -> bool {
        self.executed
            .unwrap_or(!matches!(self.kind, FaultKind::Status | FaultKind::Html))
    }

    /// Returns the status of the reply, if it has another one than the usual.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        self.status.and_then(|status| StatusCode::from_u16(status).ok())
    }

    /// Returns the value of `Retry-After`, if the reply has one.
    pub(crate) fn retry_after_header(&self) -> Option<HeaderValue> {
        let value = self.retry_after.as_ref()?;
        let text = (value.is_number() || value.is_string()).then(|| plain_text(value))?;
        HeaderValue::try_from(text).ok()
    }

    /// Returns the fault for the calls after this one.
    pub(crate) fn after_one_call(mut self) -> Option<Self> {
        match self.times {
            None => Some(self),
            Some(times) if times > 1 => {
                self.times = Some(times - 1);
                Some(self)
            }
            Some(_) => None,
        }
    }
}

/// Tells whether a reply of this status may have a body: with one, the platform refuses the others.
pub(crate) fn may_have_body(status: StatusCode) -> bool {
    !matches!(status.as_u16(), 204 | 205 | 304)
}

/// The most copies that a fault adds to a webhook.
const MOST_COPIES: u32 = 1000;

/// Faults of webhooks. All may be set together; the seed makes them the same in every run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebhookFault {
    /// Determines whatever is drawn; none: the settings' seed, or 0.
    pub(crate) seed: Option<u64>,
    /// How many more times the same webhook is sent, at the same moment.
    pub(crate) duplicate: u32,
    /// How late a webhook is sent, in milliseconds; with `reorder`, after it was held.
    pub(crate) delay_ms: u32,
    /// Webhooks are held until so many wait, then sent one after the other in a drawn order. Without a seed two seconds end it too.
    pub(crate) reorder: u32,
    /// How many webhooks are lost, and never sent at all.
    pub(crate) drop: u32,
    /// How many of a hundred webhooks are lost, by a drawn choice.
    pub(crate) drop_percent: u32,
    /// Whether webhooks are signed with another password than the merchant's.
    pub(crate) wrong_password: bool,
    /// How the body is written in another form than the one that is signed.
    pub(crate) wire: Option<Wire>,
}

impl WebhookFault {
    /// Reports every member that cannot be, by its path, and what it needs.
    pub(crate) fn check(&self, mut report: impl FnMut(&str, &str)) {
        if self.duplicate > MOST_COPIES {
            let problem = format!("at most {MOST_COPIES} copies");
            report("webhook_fault.duplicate", &problem);
        }
        if self.drop_percent > 100 {
            report("webhook_fault.drop_percent", "from 0 to 100");
        }
    }

    /// Returns the seed of what is drawn.
    pub(crate) fn seed_or(&self, of_settings: Option<u64>) -> Option<u64> {
        self.seed.or(of_settings)
    }

    /// Returns the fault, if any member of it is set.
    pub(crate) fn if_any(self) -> Option<Self> {
        Some(self).filter(|fault| *fault != Self::default())
    }
}

/// Other ways to write the same webhook. JavaScript reads each of them, but for the byte order mark, and signs what it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Wire {
    /// On lines of their own, indented.
    Pretty,
    /// A space after each colon and comma, as Python writes it.
    Spaces,
    /// The amount as a number with closing zeros (`200.00`), which JavaScript writes as `200`.
    Float,
    /// `\/` for `/`.
    EscapeSlash,
    /// `\u00e9` for `é`.
    EscapeUnicode,
    /// Another order, and names that are integers, which JavaScript moves to the front.
    KeyOrder,
    /// One name twice; JavaScript keeps the last.
    DuplicateKey,
    /// A byte order mark in front. `JSON.parse` refuses it, and so does whoever verifies as the gateway does.
    Bom,
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn a_fault_ends_after_its_times() {
        let fault: Option<Fault> = serde_json::from_str(r#"{"kind":"html","times":2}"#).ok();
        let second = fault.and_then(Fault::after_one_call);
        assert_eq!(second.as_ref().and_then(|fault| fault.times), Some(1));
        assert!(second.and_then(Fault::after_one_call).is_none());
    }

    #[test]
    fn only_a_refusal_leaves_the_operation_undone() {
        let executed = |json: &str| {
            serde_json::from_str::<Fault>(json)
                .ok()
                .map(|fault| fault.is_executed())
        };
        assert_eq!(executed(r#"{"kind":"status"}"#), Some(false));
        assert_eq!(executed(r#"{"kind":"hang"}"#), Some(true));
        assert_eq!(executed(r#"{"kind":"status","executed":true}"#), Some(true));
    }
}
