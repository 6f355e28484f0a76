//! Reads JSON text into a tree of slices of it ([`Node`]), and that into a [`Value`]: takes and refuses what the crate `serde_json` does, to
//! which the tests hold it.
//!
//! That crate's reader is made for every type that there is and for errors with a line and a column; as nothing here needs them, it would be
//! 25 KB of wasm for these 150 lines. A tree of slices copies nothing and frees little, so what checks and writes a request is small too.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// Containers within one another, as many as `serde_json` takes.
pub(crate) const MAX_DEPTH: usize = 127;

/// The value of a whole text; `None` if it is not JSON, or nests too deep.
pub fn parse(text: &str) -> Option<Value> {
    Node::parse(text).and_then(Node::into_value)
}

/// A JSON value in its text.
#[derive(Debug)]
pub(crate) enum Node<'t> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'t str),
    /// What it says.
    Text(Cow<'t, str>),
    /// As it is written, and its items.
    List(&'t str, Vec<Node<'t>>),
    /// As it is written, and its members.
    Object(&'t str, Vec<Member<'t>>),
}

/// A name and its value.
pub(crate) type Member<'t> = (Cow<'t, str>, Node<'t>);

impl<'t> Node<'t> {
    /// The tree of a whole text; `None` if it is not JSON, or nests too deep.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let node = reader.value(0)?;
        reader.skip_white_space();
        (reader.at == text.len()).then_some(node)
    }

    /// The members of an object; nothing of anything else.
    pub(crate) fn members(&self) -> &[Member<'t>] {
        match self {
            Node::Object(_, members) => members,
            _ => &[],
        }
    }

    /// A field's value. Of two with one name the last counts, as everywhere in JSON's readers.
    pub(crate) fn get(&self, name: &str) -> Option<&Node<'t>> {
        self.members()
            .iter()
            .rev()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// A field's value, if it is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::as_text)
    }

    /// The string that it is.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number that it is, if it is written as one.
    pub(crate) fn as_count(&self) -> Option<u64> {
        match self {
            Node::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    fn into_value(self) -> Option<Value> {
        Some(match self {
            Node::Null => Value::Null,
            Node::Bool(flag) => Value::Bool(flag),
            Node::Number(number) => Value::Number(known_number(number)?),
            Node::Text(text) => Value::String(text.into_owned()),
            Node::List(_, items) => {
                Value::Array(items.into_iter().map(Node::into_value).collect::<Option<_>>()?)
            }
            Node::Object(_, members) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| Some((name.into_owned(), value.into_value()?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }
}

/// The number that a text is; `None` if JSON has no such number.
pub(crate) fn number(text: &str) -> Option<Number> {
    let mut reader = Reader { text, at: 0 };
    let number = reader.number()?;
    (reader.at == text.len()).then_some(number).and_then(known_number)
}

/// What is known to be the text of a number. In a wasm of ours without the second look of a parser, which no public function of the
/// crate leaves out; the crate itself, as it is published, keeps to the public ones.
#[cfg(all(target_arch = "wasm32", feature = "host"))]
fn known_number(text: &str) -> Option<Number> {
    Some(Number::from_string_unchecked(kept(text)))
}

#[cfg(not(all(target_arch = "wasm32", feature = "host")))]
fn known_number(text: &str) -> Option<Number> {
    text.parse().ok()
}

/// The text that `serde_json` keeps of a number: an exponent is written `e+5` or `e-5`.
#[cfg(any(test, all(target_arch = "wasm32", feature = "host")))]
fn kept(text: &str) -> String {
    match text.split_once(['e', 'E']) {
        None => text.to_owned(),
        Some((digits, exponent)) => {
            let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
            [digits, "e", sign, exponent].concat()
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> u8 {
        // 0 begins nothing in JSON, so it stands for the end.
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn skip_white_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// Goes past one byte behind white space, if it is that one.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_white_space();
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Option<Node<'t>> {
        self.skip_white_space();
        let start = self.at;
        Some(match self.peek() {
            b'{' | b'[' if depth >= MAX_DEPTH => return None,
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                if !self.take(b'}') {
                    loop {
                        self.skip_white_space();
                        let name = self.string()?;
                        if !self.take(b':') {
                            return None;
                        }
                        members.push((name, self.value(depth + 1)?));
                        if !self.take(b',') {
                            break;
                        }
                    }
                    if !self.take(b'}') {
                        return None;
                    }
                }
                Node::Object(self.since(start)?, members)
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                if !self.take(b']') {
                    loop {
                        items.push(self.value(depth + 1)?);
                        if !self.take(b',') {
                            break;
                        }
                    }
                    if !self.take(b']') {
                        return None;
                    }
                }
                Node::List(self.since(start)?, items)
            }
            b'"' => Node::Text(self.string()?),
            b't' => self.word("true", Node::Bool(true))?,
            b'f' => self.word("false", Node::Bool(false))?,
            b'n' => self.word("null", Node::Null)?,
            _ => Node::Number(self.number()?),
        })
    }

    fn since(&self, start: usize) -> Option<&'t str> {
        self.text.get(start..self.at)
    }

    fn word(&mut self, word: &str, value: Node<'t>) -> Option<Node<'t>> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word.as_bytes()).then_some(value)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<&'t str> {
        let start = self.at;
        if self.peek() == b'-' {
            self.at += 1;
        }
        if self.peek() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        self.since(start)
    }

    fn string(&mut self) -> Option<Cow<'t, str>> {
        if self.peek() != b'"' {
            return None;
        }
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            let plain = self.since(start)?;
            let stop = self.peek();
            self.at += 1;
            match stop {
                b'"' if out.is_empty() => return Some(Cow::Borrowed(plain)),
                b'"' => {
                    out.push_str(plain);
                    return Some(Cow::Owned(out));
                }
                b'\\' => {
                    out.push_str(plain);
                    out.push(self.escape()?);
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let escape = self.peek();
        self.at += 1;
        Some(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    // A low half alone is no character.
                    return char::from_u32(first);
                }
                let rest = self.text.as_bytes().get(self.at..)?;
                if !rest.starts_with(b"\\u") {
                    return None;
                }
                self.at += 2;
                let second = self.unit()?;
                if !(0xdc00..0xe000).contains(&second) {
                    return None;
                }
                return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit << 4 | char::from(self.peek()).to_digit(16)?;
            self.at += 1;
        }
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(text: &str) -> Result<(), TestCaseError> {
        prop_assert_eq!(parse(text), serde_json::from_str(text).ok(), "{}", text);
        Ok(())
    }

    #[test]
    fn depth_is_limited_alike() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [1, 126, 127, 128, 129, 1000] {
                for inner in ["1", "[]", "{}"] {
                    let text = open.repeat(depth) + inner + &close.repeat(depth);
                    assert_eq!(parse(&text), serde_json::from_str(&text).ok(), "{depth} {inner}");
                }
            }
        }
    }

    #[test]
    fn the_last_of_two_values_takes_the_place_of_the_first() -> Result<(), TestCaseError> {
        same(r#"{"a":1,"b":2,"a":3}"#)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn reads_what_serde_json_reads(text in "[\\[\\]{},: \"a]{0,12}|\"(\\\\[ux\"/bfnrt\\\\]|[dD][89aAcCfF]?[0-9a-f]{2}|[a-f0-9]{4}|[\\x00-\\x7f]|é|😀){0,6}\"") {
            same(&text)?;
        }

        #[test]
        fn reads_escapes_alike(text in "\"(\\\\u[dD][89a-fA-F][0-9a-f]{2}|\\\\u[0-9a-fA-F]{3,4}|\\\\[\"\\\\/bfnrtx]|.){0,4}\"") {
            same(&text)?;
        }

        #[test]
        fn reads_numbers_alike(text in "[ \\n]?-?(0|[1-9][0-9]{0,22}|[0-9]{0,3})(\\.[0-9]{0,20})?([eE][+-]?[0-9]{0,4})?[ \\t]?,?") {
            same(&text)?;
            let known = text.parse::<Number>().ok();
            prop_assert_eq!(number(&text), known.clone());
            prop_assert!(known.is_none_or(|known| known.as_str() == kept(&text)));
        }

        #[test]
        fn reads_whole_documents_alike(text in r#"[ \n]{0,2}(\{"a" ?: ?(true|false|null|nul|tru|1|"x"|\[1 ?, ?2,?\]|\{\}),?("b":[-1e2.]{1,4})?\}|\[\]|\[,\]|"")x?"#) {
            same(&text)?;
        }
    }
}
