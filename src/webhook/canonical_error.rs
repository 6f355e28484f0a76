//! Why a text has no canonical form.

use std::fmt;

/// How deep arrays and objects may nest before [`canonicalize`](crate::canonicalize) refuses a text. An event, whose
/// fields are read too, may be 127 levels deep, here and in the npm package alike: as deep as the crate `serde_json` reads.
///
/// A webhook nests once or twice. V8 itself gives up at some thousand levels, depending on the stack that is left;
/// this limit is below every host's, so that all builds refuse the same texts.
pub const MAX_DEPTH: usize = 1024;

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
    /// Something else was found where one of these was expected.
    Unexpected {
        /// What was expected.
        expected: &'static str,
    },
    /// A string has an unescaped character below U+0020.
    ControlCharacter,
    /// A backslash with something behind it that is no escape of JSON.
    Escape,
    /// A number begins with a zero and goes on with digits.
    LeadingZero,
    /// The value is complete, but more than white space follows.
    TrailingText,
    /// Arrays and objects nest deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A key has an escape and the text has every character for private use (U+E000 to U+F8FF): it cannot be given to a JavaScript host safely. Never without
    /// the feature `host`.
    PrivateUse,
}

impl CanonicalError {
    pub(super) fn new(kind: CanonicalErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn kind(&self) -> CanonicalErrorKind {
        self.kind
    }

    /// Returns the byte at which it is wrong, counted from 0; the text's length when the text ends too early.
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
            CanonicalErrorKind::UnexpectedEnd if position == 0 => {
                f.write_str("it is empty: see whether something has read it before")
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
            CanonicalErrorKind::PrivateUse => {
                f.write_str("it has escapes in keys and every character for private use")
            }
            CanonicalErrorKind::TooDeep => {
                write!(f, "more than {} levels of nesting, at byte {position}", MAX_DEPTH)
            }
        }
    }
}

impl std::error::Error for CanonicalError {}
