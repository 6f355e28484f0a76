//! Why a webhook was not accepted.

use super::canonical::CanonicalError;
use crate::read::violation::ValidationError;

/// Why a webhook was not accepted. Nothing of its body, its signature or a password is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The request has no signature, or an empty one.
    #[error("no signature: the gateway sends one in the header x-signature")]
    NoSignature,
    /// The signature has a character that is no hexadecimal digit.
    #[error("the signature is not hexadecimal at byte {position}: pass the value of x-signature as it came")]
    SignatureNotHex {
        /// The first such byte, counted from 0.
        position: usize,
    },
    /// The signature is hexadecimal, but not of SHA-1's length.
    #[error("the signature has {found} hexadecimal digits: SHA-1 has 40")]
    SignatureLength {
        /// How many digits it has.
        found: usize,
    },
    /// The body is not a JSON text, so it has no form that could have been signed.
    #[error("the body is not JSON: {0}")]
    NotJson(#[source] CanonicalError),
    /// No password gives this signature for this body.
    #[error(
        "the signature does not match the body: pass the body's bytes as they came, and the signature password of the \
         same environment; `explain` names the usual mistakes"
    )]
    SignatureMismatch,
    /// The signature is right, by a password whose end date has passed.
    #[error("the signature was made with a password that has ended{}", id.as_ref().map(|id| format!(": {id:?}")).unwrap_or_default())]
    PasswordExpired {
        /// The password's name, if it has one.
        id: Option<String>,
    },
    /// The signature is right, but the body is not an event of a payment.
    #[error("the body is signed, but it is not a payment's webhook: {0}")]
    NotAWebhook(#[source] ValidationError),
}

impl WebhookError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSignature => "no_signature",
            Self::SignatureNotHex { .. } => "signature_not_hex",
            Self::SignatureLength { .. } => "signature_length",
            Self::NotJson(_) => "not_json",
            Self::SignatureMismatch => "signature_mismatch",
            Self::PasswordExpired { .. } => "password_expired",
            Self::NotAWebhook(_) => "not_a_webhook",
        }
    }
}
