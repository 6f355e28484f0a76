//! The launch ticket: a JWT ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)), HS256, that the merchant's backend signs. `docs/tickets.md` describes it for its signers.
//!
//! It says who pays what (`sub`, `jti`, `amount`, `currency`, …), so that nothing about money or identity comes from a browser.
//! This module answers one question: did the merchant sign it, for us, and is it still good? What the ticket asks for is [`launch`]'s.
//!
//! Guarantees: only HS256 is accepted; the signature is compared in constant time; `aud` and `exp` are required; a ticket lives at most 15 minutes; time is
//! an argument; every refusal says what to change.

pub(crate) mod launch;
mod signature;
mod time;

use std::fmt;

use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// What the ticket is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To open a session: until `exp`.
    Open,
    /// To read the payment's state: until a day after `exp`.
    Read,
}

/// Verifies tickets with the secrets that the Worker shares with the merchant's backend. It prints no secret.
pub(crate) struct TicketVerifier {
    keys: Vec<DecodingKey>,
    validation: Validation,
}

/// The claims of a ticket that the merchant did sign, for us, and that is still good. Their contents are not checked yet.
#[derive(Debug)]
pub(crate) struct Claims(Map<String, Value>);

impl fmt::Debug for TicketVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketVerifier")
            .field("keys", &format_args!("[REDACTED]"))
            .field("audience", &self.validation.aud)
            .finish()
    }
}

impl TicketVerifier {
    /// Accepts tickets for this audience that are signed with any of these secrets.
    pub(crate) fn new(secrets: &[String], audience: &str) -> Self {
        Self {
            keys: signature::keys(secrets),
            validation: signature::validation(audience),
        }
    }

    /// Verifies a ticket; `now` is in seconds since 1970.
    pub(crate) fn verify(&self, token: &str, purpose: Purpose, now: i64) -> Result<Claims, Problem> {
        let claims = signature::verify(token, &self.keys, &self.validation)?;
        time::check(&claims, purpose, now)?;
        Ok(Claims(claims))
    }
}

impl Claims {
    /// The payment whose holder the ticket's owner is: `jti`, the tracking id.
    pub(crate) fn tracking_id(&self) -> Option<&str> {
        self.0.get("jti").and_then(Value::as_str)
    }

    /// The person: `sub`, the user id.
    pub(crate) fn user_id(&self) -> Option<&str> {
        self.0.get("sub").and_then(Value::as_str)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
