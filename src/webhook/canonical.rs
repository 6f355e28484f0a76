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
use std::fmt;

use super::already_canonical::is_already_canonical;

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

/// Why a text has no canonical form, and where.
///
/// Nothing of the text is in it: a body may be somebody's personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanonicalError {
    kind: CanonicalErrorKind,
    position: usize,
}

/// What is wrong with a text that `JSON.parse` would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CanonicalErrorKind {
    /// The bytes are not UTF-8, the only encoding of JSON between systems (RFC 8259 §8.1).
    NotUtf8,
    /// The text begins with U+FEFF. `JSON.parse` does not count it as white space.
    ByteOrderMark,
    /// The text ends where it must go on; an empty text does so at once.
    UnexpectedEnd,
    /// Something else stands where one of these had to.
    Unexpected {
        /// What had to stand there.
        expected: &'static str,
    },
    /// A character below U+0020 stands in a string as it is, where JSON wants it escaped.
    ControlCharacter,
    /// A backslash with something behind it that is no escape of JSON.
    Escape,
    /// A number begins with a zero and goes on with digits.
    LeadingZero,
    /// The value is complete, but more than white space follows.
    TrailingText,
    /// Arrays and objects stand deeper in one another than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
}

impl CanonicalError {
    pub(super) fn new(kind: CanonicalErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> CanonicalErrorKind {
        self.kind
    }

    /// The byte at which it is wrong, counted from 0; the text's length when the text ends too early.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            CanonicalErrorKind::NotUtf8 => write!(f, "not UTF-8 at byte {position}: send JSON as UTF-8"),
            CanonicalErrorKind::ByteOrderMark => {
                f.write_str("begins with a byte order mark (U+FEFF): leave it out")
            }
            CanonicalErrorKind::UnexpectedEnd => write!(f, "ends too early, after {position} bytes"),
            CanonicalErrorKind::Unexpected { expected } => {
                write!(f, "expected {expected} at byte {position}")
            }
            CanonicalErrorKind::ControlCharacter => {
                write!(
                    f,
                    "a control character at byte {position}: in a JSON string it must be escaped"
                )
            }
            CanonicalErrorKind::Escape => write!(f, "an escape that JSON does not have at byte {position}"),
            CanonicalErrorKind::LeadingZero => write!(f, "a digit after a leading zero at byte {position}"),
            CanonicalErrorKind::TrailingText => {
                write!(f, "text after the end of the JSON value, from byte {position}")
            }
            CanonicalErrorKind::TooDeep => {
                write!(
                    f,
                    "more than {} levels of nesting, at byte {position}",
                    super::MAX_DEPTH
                )
            }
        }
    }
}

impl std::error::Error for CanonicalError {}
