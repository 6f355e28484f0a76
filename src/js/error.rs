//! What the JavaScript face throws: plain objects, out of which `pkg/src/thrown.ts` makes instances of the package's error classes.

use serde::Serialize;
use wasm_bindgen::JsValue;

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
}

impl From<Thrown<'_>> for JsValue {
    fn from(thrown: Thrown<'_>) -> Self {
        // A failure here reaches the caller as an `internal_error`.
        serde_wasm_bindgen::to_value(&thrown).unwrap_or(JsValue::UNDEFINED)
    }
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
