//! Webhooks: is this body the gateway's, and what does it say?
//!
//! The gateway signs `UPPERCASE_HEX(SHA1(JSON.stringify(body) + password))`. To check that:
//!
//! 1. read the signature; anything but 40 hexadecimal digits is refused before a byte is hashed;
//! 2. bring the body to its canonical form ([`canonicalize`]) and compare, with every password;
//! 3. compare the raw bytes too, in case the sender signed what it sent rather than what the reference says;
//! 4. refuse a password whose end date has passed;
//! 5. read the event from the very bytes that were verified.
//!
//! A wrong signature costs the same time whatever it is: every password is tried on both forms, and digests are
//! compared in constant time.

mod already_canonical;
mod canonical;
mod canonical_error;
mod error;
mod event;
mod explain;
#[cfg(any(test, all(target_arch = "wasm32", feature = "host")))]
mod host;
mod json;
mod password;
mod password_list;
mod quote;
#[cfg(not(all(target_arch = "wasm32", feature = "host")))]
mod rewrite;
mod signature;
mod verify;

pub use canonical::canonicalize;
pub use canonical_error::{CanonicalError, CanonicalErrorKind, MAX_DEPTH};
#[cfg(feature = "js-webhook")]
pub(crate) use error::MAX_BODY_BYTES;
pub use error::WebhookError;
pub use event::WebhookEvent;
pub use explain::{Explanation, Reason, Verdict};
pub use password::{Password, PasswordError};
pub use verify::{Checked, Matched, Verified, Webhook};

#[cfg(feature = "js-webhook")]
pub(crate) use already_canonical::{Proven, prove};
#[cfg(feature = "js-webhook")]
pub(crate) use event::FIELDS;
#[cfg(feature = "js-webhook")]
pub(crate) use password_list::read_list;
#[cfg(feature = "js-webhook")]
pub(crate) use signature::Signature;
