//! Why a webhook was not accepted.

use super::canonical_error::CanonicalError;
use crate::read::violation::ValidationError;

/// The longest body, and the longest canonical form: `1e20` is written with many digits.
pub(crate) const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// What is reported first where a password has white space at an end.
pub(super) const PADDED: &str = "password has white space at an end, or an invisible character, which is part of it, since it is used byte for byte: \
     remove it unless the merchant portal shows it";

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
    /// The body, or its canonical form, is longer than any webhook.
    #[error(
        "the body has more than {MAX_BODY_BYTES} bytes; no webhook is that large. Cap bodies before you read them."
    )]
    BodyTooLarge,
    /// No password gives this signature for this body.
    #[error(
        "{}the signature does not match the body: pass the body's bytes as they came, and the signature password of the \
         same environment; `explain` of `edge-cashier` names the usual mistakes",
        if *padded_password { format!("a signature {PADDED}; ") } else { String::new() }
    )]
    SignatureMismatch {
        /// Whether a password has white space at an end. It is used byte for byte, so a line end from a file is part of it.
        padded_password: bool,
    },
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
            Self::BodyTooLarge => "body_too_large",
            Self::SignatureMismatch { .. } => "signature_mismatch",
            Self::PasswordExpired { .. } => "password_expired",
            Self::NotAWebhook(_) => "not_a_webhook",
        }
    }
}
