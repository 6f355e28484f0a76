//! Brings a JSON text to its canonical form with the `JSON` of the JavaScript host.
//!
//! V8 12.8 to 14.6 at least (Chrome, Node 23 to 26, workerd) reads some keys wrongly: once any object with a backslash in
//! a key has been parsed, a key that is written with an escape, in an object of the same shape, may come out as that
//! other key (nodejs/node#63785). So no key goes to the host with an escape: a mark that occurs nowhere else stands in
//! for the backslash on the way in, and the backslash for the mark on the way out.

use super::canonical::{CanonicalError, CanonicalErrorKind};
use super::json::{Container, Sink, walk};
use super::quote::quote;
use crate::text::find;

/// The text as the host's `JSON.stringify(JSON.parse(text))` gives it.
pub(super) fn rewrite(text: &str) -> Result<String, CanonicalError> {
    let mut keys = EscapedKeys(false);
    walk(text, &mut keys)?;
    match mark(text).filter(|_| keys.0) {
        None => host(text),
        Some(mark) => {
            let mut marked = Marked {
                mark,
                out: String::with_capacity(text.len()),
            };
            walk(text, &mut marked)?;
            host(&marked.out).map(|text| unmark(&text, mark))
        }
    }
}

fn host(text: &str) -> Result<String, CanonicalError> {
    // The grammar has accepted the text, so the host can refuse it only for want of memory or stack.
    js_sys::JSON::parse(text)
        .and_then(|value| js_sys::JSON::stringify(&value))
        .map(String::from)
        .map_err(|_| CanonicalError::new(CanonicalErrorKind::TooDeep, 0))
}

/// Whether a key is written with an escape.
struct EscapedKeys(bool);

impl Sink for EscapedKeys {
    fn key(&mut self, written: &str) {
        self.0 |= written.contains('\\');
    }
}

/// A character for private use that the text does not hold, neither as such nor as an escape.
fn mark(text: &str) -> Option<char> {
    let lower = text.to_ascii_lowercase();
    ('\u{e000}'..='\u{e0ff}')
        .find(|&mark| !text.contains(mark) && find(&lower, &format!("\\u{:x}", u32::from(mark))).is_none())
}

/// Writes the text again, with its keys in their canonical spelling and the mark for each backslash in them.
struct Marked {
    mark: char,
    out: String,
}

impl Sink for Marked {
    fn open(&mut self, container: Container) {
        self.out
            .push(if container == Container::Object { '{' } else { '[' });
    }

    fn close(&mut self, container: Container) {
        self.out
            .push(if container == Container::Object { '}' } else { ']' });
    }

    fn comma(&mut self, _container: Container) {
        self.out.push(',');
    }

    fn key(&mut self, written: &str) {
        let mut quoted = String::new();
        quote(written, &mut quoted);
        let mut escaped = false;
        for character in quoted.chars() {
            self.out.push(match character {
                '"' if escaped => 'Q',
                '\\' if escaped => 'B',
                '\\' => self.mark,
                other => other,
            });
            escaped = character == '\\' && !escaped;
        }
        self.out.push(':');
    }

    fn string(&mut self, written: &str) {
        self.out.push('"');
        self.out.push_str(written);
        self.out.push('"');
    }

    fn number(&mut self, written: &str) {
        self.out.push_str(written);
    }

    fn literal(&mut self, written: &str) {
        self.out.push_str(written);
    }
}

fn unmark(text: &str, mark: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for character in text.chars() {
        out.push(match character {
            'Q' if escaped => '"',
            'B' if escaped => '\\',
            other if other == mark => '\\',
            other => other,
        });
        escaped = character == mark;
    }
    out
}
