//! The form that is signed: `JSON.stringify(JSON.parse(text))`, to the byte.
//!
//! That is not RFC 8785 (JCS), which sorts every key: JavaScript keeps the order in which keys were first written,
//! but for array indices, which come first in ascending order; a key that comes twice has its last value in its
//! first place; numbers go through a double and come back in their shortest form.
//!
//! Two ways lead there. Most bodies already are canonical, and [`already_canonical`](super::already_canonical) proves
//! it in one pass, so they are used as they came. The rest is rewritten: in the Worker by its host's own
//! `JSON` (`host.rs`), everywhere else by [`rewrite`](super::rewrite). Both refuse the same texts at the same byte, since both
//! walk the one grammar in [`json`](super::json) first.

use std::borrow::Cow;

use super::already_canonical::is_already_canonical;
use super::canonical_error::{CanonicalError, CanonicalErrorKind};

/// Brings a JSON text to the exact form that the gateway signs: `JSON.stringify(JSON.parse(text))`.
///
/// The text is borrowed when it already has that form.
///
/// # Errors
///
/// Whatever `JSON.parse` refuses is refused, with the position of the first wrong byte; so is text that is not UTF-8,
/// and text that nests deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
///
/// ```
/// let text = r#"{ "b": 1.0, "2": "\u00e9", "b": 1e3 }"#;
/// assert_eq!(edge_cashier::canonicalize(text)?, r#"{"2":"é","b":1000}"#);
/// # Ok::<(), edge_cashier::CanonicalError>(())
/// ```
pub fn canonicalize<T: AsRef<[u8]> + ?Sized>(text: &T) -> Result<Cow<'_, str>, CanonicalError> {
    let text = utf8(text.as_ref())?;
    if is_already_canonical(text.as_bytes()) {
        return Ok(Cow::Borrowed(text));
    }
    slow(text).map(Cow::Owned)
}

/// The same for bytes that are only to be hashed: a canonical body need not be looked at twice.
pub(super) fn canonical_bytes(text: &[u8]) -> Result<Cow<'_, [u8]>, CanonicalError> {
    if is_already_canonical(text) {
        return Ok(Cow::Borrowed(text));
    }
    slow(utf8(text)?).map(|text| Cow::Owned(text.into_bytes()))
}

fn utf8(text: &[u8]) -> Result<&str, CanonicalError> {
    std::str::from_utf8(text)
        .map_err(|error| CanonicalError::new(CanonicalErrorKind::NotUtf8, error.valid_up_to()))
}

/// Rewrites with the host's own `JSON`: it is the definition of the form, and it is already there.
#[cfg(all(target_arch = "wasm32", feature = "host"))]
fn slow(text: &str) -> Result<String, CanonicalError> {
    super::host::rewrite(text)
}

/// Rewrites where there is no JavaScript host.
#[cfg(not(all(target_arch = "wasm32", feature = "host")))]
fn slow(text: &str) -> Result<String, CanonicalError> {
    super::rewrite::rewrite(text)
}
