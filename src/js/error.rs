//! What the JavaScript face throws: plain objects, out of which `pkg/src/thrown.ts` makes instances of the package's error classes.

use serde::Serialize;
use wasm_bindgen::JsValue;

#[cfg(feature = "js")]
use crate::gateway::error::{ErrorClass, GatewayError};
use crate::read::violation::{ValidationError, Violation};
use crate::webhook::WebhookError;

/// One error, by its class.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Thrown<'a> {
    /// `ValidationError`: an argument cannot be used.
    Validation {
        /// Everything that is wrong.
        violations: &'a [Violation],
    },
    /// `WebhookVerificationError`: the webhook must not be believed.
    Verification {
        /// A stable word.
        code: &'a str,
        /// What happened and what to do.
        message: &'a str,
    },
    /// `GatewayError`: a call did not succeed.
    #[cfg(feature = "js")]
    #[serde(rename_all = "camelCase")]
    Gateway {
        /// A stable word.
        code: &'a str,
        /// What happened and what to do.
        message: String,
        operation: &'a str,
        class: &'a str,
        status: Option<u16>,
        retryable: bool,
        retry_after_ms: Option<f64>,
        request_id: Option<&'a str>,
        /// What the gateway sent, redacted.
        body: Option<&'a str>,
        /// How often the request was sent.
        attempts: u32,
        support_report: String,
    },
}

impl From<Thrown<'_>> for JsValue {
    fn from(thrown: Thrown<'_>) -> Self {
        // A failure here reaches the caller as an `internal_error`.
        serde_wasm_bindgen::to_value(&thrown).unwrap_or(JsValue::UNDEFINED)
    }
}

impl Thrown<'_> {
    /// The error with what JavaScript code threw, for its `cause`.
    #[cfg(feature = "js")]
    pub(super) fn with_cause(self, cause: Option<&JsValue>) -> JsValue {
        let thrown = JsValue::from(self);
        if let Some(cause) = cause.filter(|_| thrown.is_object()) {
            super::host::define(&thrown, "cause", cause);
        }
        thrown
    }
}

/// What is thrown for a call that was sent so often and failed.
#[cfg(feature = "js")]
pub(super) fn failed(error: &GatewayError, attempts: u32, cause: Option<&JsValue>) -> JsValue {
    Thrown::Gateway {
        code: match error.class() {
            ErrorClass::Caller => "gateway_refused",
            ErrorClass::Gateway => "gateway_failed",
            ErrorClass::Transport => "transport_failed",
            ErrorClass::Timeout => "timeout",
            ErrorClass::Unreadable => "unreadable_reply",
            ErrorClass::Aborted => "aborted",
        },
        message: error.to_string(),
        operation: error.operation(),
        class: error.class().as_str(),
        status: error.status(),
        retryable: error.safe_to_retry(),
        retry_after_ms: error.retry_after().map(|wait| wait.as_millis() as f64),
        request_id: error.request_id(),
        body: Some(error.body()).filter(|body| !body.is_empty()),
        attempts,
        support_report: error.support_report(),
    }
    .with_cause(cause)
}

/// Turns an error of the core into what is thrown.
pub(super) trait Throw {
    fn throw(self) -> JsValue;
}

impl Throw for ValidationError {
    fn throw(self) -> JsValue {
        Thrown::Validation {
            violations: self.violations(),
        }
        .into()
    }
}

impl Throw for Violation {
    fn throw(self) -> JsValue {
        ValidationError::from(self).throw()
    }
}

impl Throw for WebhookError {
    fn throw(self) -> JsValue {
        Thrown::Verification {
            code: self.code(),
            message: &self.to_string(),
        }
        .into()
    }
}

/// Violations, and what a getter threw.
#[cfg(feature = "js")]
#[derive(Default)]
pub(super) struct Refused {
    pub(super) violations: Vec<Violation>,
    pub(super) cause: Option<JsValue>,
}

#[cfg(feature = "js")]
impl From<Violation> for Refused {
    fn from(violation: Violation) -> Self {
        Refused {
            violations: vec![violation],
            cause: None,
        }
    }
}

#[cfg(feature = "js")]
impl Throw for Refused {
    fn throw(self) -> JsValue {
        Thrown::Validation {
            violations: &self.violations,
        }
        .with_cause(self.cause.as_ref())
    }
}
