//! JSON text as a value, every number with all its digits.
//!
//! `serde_json` (feature `arbitrary_precision`) hands a number over as an object with one field of a reserved name, and so takes a real object with that
//! field for a number. Here the two are distinguished: a number's digits come as an owned string, which text of the document never does.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::violation::{ValidationError, Violation};

/// The field's name by which `serde_json` hands a number over.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads a JSON document.
///
/// # Errors
/// A text that is not JSON, with the place; one that nests deeper than 127 levels.
pub(crate) fn parse(text: &str) -> Result<Value, ValidationError> {
    value(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        // The only error that serde_json has no category for.
        let problem = if error.to_string().starts_with("recursion limit") {
            "nests too deep"
        } else {
            "not JSON"
        };
        let message = format!("{problem} (line {line}, column {column}); send one plain JSON object");
        Violation::new("json", message).into()
    })
}

/// The same with the parser's own error.
pub(crate) fn value(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).map(|exact: Exact| exact.value)
}

/// [`value`], with U+FFFD in place of each half of a surrogate pair that stands alone: a text that was cut within an emoji, which no Rust string can hold.
pub(crate) fn lenient(text: &str) -> serde_json::Result<Value> {
    value(text).or_else(|_| value(&replace_lone_surrogates(text)))
}

/// Replaces the escapes of lone surrogates; pairs and all else stay as they are.
fn replace_lone_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let next = escape.get(5..).and_then(|after| after.strip_prefix('\\'));
        let (length, is_lone) = match (half(escape), next.and_then(half)) {
            (Some(Half::High), Some(Half::Low)) => (11, false),
            (Some(_), _) => (5, true),
            (None, _) => (1, false),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        if is_lone {
            out.push(char::REPLACEMENT_CHARACTER);
        } else {
            out.push('\\');
            out.push_str(escape);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A half of a surrogate pair.
enum Half {
    High,
    Low,
}

/// Which half an escape is, given without its backslash.
fn half(escape: &str) -> Option<Half> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

struct Exact {
    value: Value,
    /// Whether it came as an owned string: the digits of a number.
    is_digits: bool,
}

impl From<Value> for Exact {
    fn from(value: Value) -> Self {
        Exact {
            value,
            is_digits: false,
        }
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExactVisitor)
    }
}

struct ExactVisitor;

impl<'de> Visitor<'de> for ExactVisitor {
    type Value = Exact;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Exact, E> {
        Ok(Value::Null.into())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Exact, E> {
        Ok(Value::Bool(flag).into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Exact, E> {
        Ok(Value::from(number).into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Exact, E> {
        Ok(Value::from(number).into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Exact, E> {
        Ok(Value::String(text.to_owned()).into())
    }

    fn visit_string<E: Error>(self, digits: String) -> Result<Exact, E> {
        let number = digits.parse().map_err(E::custom)?;
        Ok(Exact {
            value: Value::Number(number),
            is_digits: true,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Exact, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Exact>()? {
            list.push(item.value);
        }
        Ok(Value::Array(list).into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Exact, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let Exact { value, is_digits } = members.next_value()?;
            if is_digits && name == NUMBER {
                return Ok(value.into());
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map).into())
    }
}

/// A value that may hold a card or a password: its strings are overwritten when it is dropped.
pub(crate) struct Wiped(pub(crate) Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

/// An id, if the value is one: a string that is not empty, or a whole number, which means its digits. The reference has strings; a gateway that writes an integer
/// means the same id, and any other number is no id.
pub(crate) fn id(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) if number.as_str().bytes().all(|byte| byte.is_ascii_digit()) => number.as_str(),
        _ => return None,
    };
    (!text.is_empty()).then(|| text.to_owned())
}
