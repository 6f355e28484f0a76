//! JSON as plain values: read once, taken apart by name.
//!
//! Nothing here is generic over what it reads. A derived reader for each message and each row would put a copy of the whole parser into the upload for each, with the
//! tables that print and parse floats; money is never a float here, and serde's errors about types would reach nobody.

use serde_json::{Map, Value};

/// The text of a value.
pub(crate) fn text(value: &Value) -> String {
    // All keys are strings, so it cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// The value of a JSON text.
pub(crate) fn parse(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}

/// The members of a text that is a JSON object.
pub(crate) fn parse_object(text: &[u8]) -> Option<Members> {
    parse(text).and_then(Members::of)
}

/// An object of these members, in this order.
#[inline(never)]
pub(crate) fn object(members: Vec<(&'static str, Value)>) -> Value {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// A member that may be absent: then it is `null`.
pub(crate) fn optional(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::String)
}

/// The members of an object that nobody has taken yet.
#[derive(Debug)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    #[inline(never)]
    pub(crate) fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self(members)),
            _ => None,
        }
    }

    /// Takes a member out; `null` is one that is not there.
    #[inline(never)]
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        match self.0.get_mut(name).map(Value::take) {
            None | Some(Value::Null) => None,
            value => value,
        }
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    #[inline(never)]
    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        self.value(name)?.as_i64()
    }

    /// The names, taken or not.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_digit_for_digit() {
        let written = text(&object(vec![
            ("b", parse(b"200.00").unwrap_or_default()),
            ("a", Value::from("ü")),
        ]));
        assert_eq!(written, r#"{"b":200.00,"a":"ü"}"#);
        let mut members = parse_object(written.as_bytes());
        assert_eq!(
            members.as_mut().and_then(|members| members.text("a")).as_deref(),
            Some("ü")
        );
        assert_eq!(members.and_then(|mut members| members.text("b")), None);
    }

    #[test]
    fn a_null_is_not_there_and_an_array_is_no_object() {
        let mut members = parse_object(br#"{"a":null,"n":7}"#);
        assert_eq!(members.as_mut().and_then(|members| members.value("a")), None);
        assert_eq!(members.and_then(|mut members| members.integer("n")), Some(7));
        assert!(parse_object(b"[]").is_none() && parse_object(b"{").is_none());
    }
}
