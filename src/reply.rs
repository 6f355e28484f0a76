//! What the replies have in common: known fields are taken out, whatever else came is kept.
//!
//! The gateway may grow, so a known field of an unexpected type is no error either: it stays among the rest, as it came.

use serde_json::{Map, Value};

use crate::amount::Amount;

/// Why a reply cannot be what the operation means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpected(pub(crate) &'static str);

/// The fields of a reply that nobody has taken yet.
pub(crate) struct Taking(Map<String, Value>);

impl Taking {
    pub(crate) fn open(value: Value) -> Result<Self, Unexpected> {
        match value {
            Value::Object(map) => Ok(Taking(map)),
            _ => Err(Unexpected("the reply is not a JSON object")),
        }
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(_) => match self.0.shift_remove(name) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            Value::Null => {
                self.0.shift_remove(name);
                None
            }
            _ => None,
        }
    }

    /// A string that is not empty.
    #[inline(never)]
    pub(crate) fn words(&mut self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    #[inline(never)]
    pub(crate) fn amount(&mut self, name: &str) -> Option<Amount> {
        let amount = match self.0.get(name)? {
            Value::Number(number) => Amount::from_number(number),
            Value::String(text) => Amount::parse(text),
            _ => return None,
        };
        let amount = amount.ok()?;
        self.0.shift_remove(name);
        Some(amount)
    }

    #[inline(never)]
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name).filter(|value| !value.is_null())
    }

    /// Whatever nobody took.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.0
    }
}

/// Serializes a type by its `to_map`.
macro_rules! serialize_as_map {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.to_map().serialize(serializer)
            }
        }
    };
}

pub(crate) use serialize_as_map;
