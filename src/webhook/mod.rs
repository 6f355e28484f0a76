//! Webhooks.

mod already_canonical;
mod canonical;
mod json;
mod rewrite;

pub use canonical::{CanonicalError, CanonicalErrorKind, canonicalize};
pub use json::MAX_DEPTH;
