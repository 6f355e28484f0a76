//! The JSON grammar, once: exactly the texts that ECMAScript's `JSON.parse` accepts (ECMA-262 §25.5.1, RFC 8259).
//!
//! One iterative walk reports the tokens to a [`Sink`]; nesting uses no stack. No crate serves here: the readers that
//! build for wasm either refuse lone surrogate escapes, or lose the order and the repetition of keys, or do not say at
//! which byte a text stops being JSON.

use super::canonical_error::{CanonicalError, CanonicalErrorKind as Kind, MAX_DEPTH};

/// What opens, closes or separates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

/// Receives the tokens of a text in their order.
pub(super) trait Sink {
    /// `[` or `{`.
    fn open(&mut self, _container: Container) {}
    /// `]` or `}`.
    fn close(&mut self, _container: Container) {}
    /// `,` between two elements or two members.
    fn comma(&mut self, _container: Container) {}
    /// A member's key as written, without its quotes.
    fn key(&mut self, _written: &str) {}
    /// A string value as written, without its quotes.
    fn string(&mut self, _written: &str) {}
    /// A number as written.
    fn number(&mut self, _written: &str) {}
    /// `true`, `false` or `null`.
    fn literal(&mut self, _written: &str) {}
}

/// Walks the whole of `text`, or reports the first byte at which it is not JSON.
pub(super) fn walk(text: &str, sink: &mut dyn Sink) -> Result<(), CanonicalError> {
    if text.starts_with('\u{feff}') {
        return Err(CanonicalError::new(Kind::ByteOrderMark, 0));
    }
    let mut cursor = Cursor { text, at: 0 };
    let mut open: Vec<Container> = Vec::new();
    'value: loop {
        cursor.skip_white_space();
        match cursor.peek() {
            Some(b'{') => {
                cursor.at += 1;
                enter(&mut open, Container::Object, &cursor)?;
                sink.open(Container::Object);
                cursor.skip_white_space();
                if cursor.peek() != Some(b'}') {
                    cursor.key(sink)?;
                    continue 'value;
                }
            }
            Some(b'[') => {
                cursor.at += 1;
                enter(&mut open, Container::Array, &cursor)?;
                sink.open(Container::Array);
                cursor.skip_white_space();
                if cursor.peek() != Some(b']') {
                    continue 'value;
                }
            }
            Some(b'"') => sink.string(cursor.string()?),
            Some(b'-' | b'0'..=b'9') => sink.number(cursor.number()?),
            Some(b't') => sink.literal(cursor.literal("true")?),
            Some(b'f') => sink.literal(cursor.literal("false")?),
            Some(b'n') => sink.literal(cursor.literal("null")?),
            _ => return Err(cursor.unexpected("a value")),
        }
        // A value, or the bracket that opens an empty container, is behind us.
        loop {
            cursor.skip_white_space();
            let Some(&container) = open.last() else {
                return match cursor.peek() {
                    None => Ok(()),
                    Some(_) => Err(CanonicalError::new(Kind::TrailingText, cursor.at)),
                };
            };
            match (container, cursor.peek()) {
                (Container::Object, Some(b'}')) | (Container::Array, Some(b']')) => {
                    cursor.at += 1;
                    open.pop();
                    sink.close(container);
                }
                (_, Some(b',')) => {
                    cursor.at += 1;
                    sink.comma(container);
                    if container == Container::Object {
                        cursor.skip_white_space();
                        cursor.key(sink)?;
                    }
                    continue 'value;
                }
                (Container::Object, _) => return Err(cursor.unexpected("',' or '}'")),
                (Container::Array, _) => return Err(cursor.unexpected("',' or ']'")),
            }
        }
    }
}

fn enter(open: &mut Vec<Container>, container: Container, cursor: &Cursor<'_>) -> Result<(), CanonicalError> {
    if open.len() == MAX_DEPTH {
        return Err(CanonicalError::new(Kind::TooDeep, cursor.at - 1));
    }
    open.push(container);
    Ok(())
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips the four characters that JSON calls white space; a no-break space or a BOM is none.
    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn unexpected(&self, expected: &'static str) -> CanonicalError {
        let kind = if self.peek().is_none() {
            Kind::UnexpectedEnd
        } else {
            Kind::Unexpected { expected }
        };
        CanonicalError::new(kind, self.at)
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn key(&mut self, sink: &mut dyn Sink) -> Result<(), CanonicalError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        sink.key(self.string()?);
        self.skip_white_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("':'"));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads from the opening quote past the closing one and returns what is between them.
    fn string(&mut self) -> Result<&'a str, CanonicalError> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let written = self.since(start);
                    self.at += 1;
                    return Ok(written);
                }
                Some(b'\\') => self.escape()?,
                Some(0x00..=0x1f) => return Err(CanonicalError::new(Kind::ControlCharacter, self.at)),
                Some(_) => self.at += 1,
                None => return Err(CanonicalError::new(Kind::UnexpectedEnd, self.at)),
            }
        }
    }

    fn escape(&mut self) -> Result<(), CanonicalError> {
        let start = self.at;
        self.at += 1;
        let digits = match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 0,
            Some(b'u') => 4,
            Some(_) => return Err(CanonicalError::new(Kind::Escape, start)),
            None => return Err(CanonicalError::new(Kind::UnexpectedEnd, self.at)),
        };
        self.at += 1;
        for _ in 0..digits {
            match self.peek() {
                Some(byte) if byte.is_ascii_hexdigit() => self.at += 1,
                Some(_) => return Err(CanonicalError::new(Kind::Escape, start)),
                None => return Err(CanonicalError::new(Kind::UnexpectedEnd, self.at)),
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), CanonicalError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("a digit"));
        }
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<&'a str, CanonicalError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if let Some(b'0'..=b'9') = self.peek() {
                return Err(CanonicalError::new(Kind::LeadingZero, self.at));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.since(start))
    }

    fn literal(&mut self, word: &'static str) -> Result<&'static str, CanonicalError> {
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.unexpected("'true', 'false' or 'null'"));
            }
            self.at += 1;
        }
        Ok(word)
    }
}
