//! What the replies have in common: known fields are taken out, whatever else came is kept.
//!
//! The gateway may grow, so a known field of an unexpected type is no error either: it stays among the rest, as it came.

use serde_json::{Map, Value};

use crate::amount::Amount;
use crate::identifier::TransactionId;
use crate::object::Object;

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

    /// An id: a string, or a whole number, which means its digits.
    #[inline(never)]
    pub(crate) fn id(&mut self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::Number(number) if number.is_u64() => {
                let id = number.as_str().to_owned();
                self.0.shift_remove(name);
                Some(id)
            }
            _ => self.text(name),
        }
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

/// A known field of a reply.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What to say when it is not there; a field without it may be missing.
    pub(crate) missing: Option<&'static str>,
}

/// How a field is read, by the methods of [`Taking`].
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Words,
    /// The gateway's id.
    Id,
    /// An id of which no more is known.
    OtherId,
    Amount,
    Any,
}

impl Known {
    pub(crate) const fn optional(name: &'static str, kind: Kind) -> Self {
        Known {
            name,
            kind,
            missing: None,
        }
    }

    pub(crate) const fn required(name: &'static str, kind: Kind, missing: &'static str) -> Self {
        Known {
            name,
            kind,
            missing: Some(missing),
        }
    }
}

/// A reply as JSON: read as its type would be, and written again, without the type in between. One function for all operations
/// is a tenth of the wasm of eight readers and writers; that both agree is tested with whatever a gateway may send.
#[inline(never)]
pub(crate) fn arranged(value: Value, known: &[Known]) -> Result<Map<String, Value>, Unexpected> {
    let mut fields = Taking::open(value)?;
    let mut object = Object::default();
    for field in known {
        let value = match field.kind {
            Kind::Text => fields.text(field.name).map(Value::String),
            Kind::Words => fields.words(field.name).map(Value::String),
            Kind::OtherId => fields.id(field.name).map(Value::String),
            Kind::Id => fields
                .id(field.name)
                .filter(|id| TransactionId::new(id.as_str()).is_ok())
                .map(Value::String),
            Kind::Amount => fields.amount(field.name).map(Amount::to_value),
            Kind::Any => fields.value(field.name),
        };
        if let (None, Some(problem)) = (&value, field.missing) {
            return Err(Unexpected(problem));
        }
        object.put(field.name, value);
    }
    Ok(object.and(fields.rest()))
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
