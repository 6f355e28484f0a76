//! What the replies have in common: known fields are taken out, whatever else came is kept.
//!
//! The gateway may grow, so a known field of an unexpected type is no error either: it stays among the rest, as it came.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::id::TransactionId;
use crate::money::amount::Amount;
use crate::money::plain_decimal::{Plain, without_exponent};
use crate::read::json_read::Node;
use crate::read::json_text::push_string;
use crate::read::shape::push;

/// Why a reply cannot be what the operation means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpected(pub(crate) &'static str);

/// The fields of a reply that nobody has taken yet.
pub(crate) struct Taking(Map<String, Value>);

impl Taking {
    pub(crate) fn open(value: Value) -> Result<Self, Unexpected> {
        match value {
            Value::Object(map) => Ok(Taking(map)),
            _ => Err(Unexpected(NO_OBJECT)),
        }
    }

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
    pub(crate) fn words(&mut self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// An id: a string, or a whole number, which means its digits.
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

/// A reply as JSON text: read as its type would be, and written again, without the type in between. One function for all operations
/// is a tenth of the wasm of eight readers and writers; that both agree is tested with whatever a gateway may send.
pub(crate) fn arrange(reply: &Node<'_>, known: &[Known], out: &mut String) -> Result<(), Unexpected> {
    let Node::Object(_, members) = reply else {
        return Err(Unexpected(NO_OBJECT));
    };
    let mut before = '{';
    let mut add = |name: &str, write: &dyn Fn(&mut String), out: &mut String| {
        out.push(before);
        before = ',';
        push_string(out, name);
        out.push(':');
        write(out);
    };
    // Known fields that are not what they should be stay among the rest, as they came.
    let mut left = Vec::new();
    for field in known {
        let value = reply.get(field.name);
        let found = match (field.kind, value) {
            (_, None) => None,
            (Kind::Any, Some(Node::Null)) => None,
            (Kind::Any, Some(value)) => {
                add(field.name, &|out| push(value, out), out);
                Some(())
            }
            (Kind::Amount, Some(value)) => {
                let text = match value {
                    Node::Number(text) => without_exponent(text).ok(),
                    Node::Text(text) => Some(Cow::Borrowed(&**text)),
                    _ => None,
                };
                match text.as_deref().map(Plain::parse) {
                    Some(Ok(plain)) => {
                        add(field.name, &|out| plain.push(out, None), out);
                        Some(())
                    }
                    _ => {
                        left.push(field.name);
                        None
                    }
                }
            }
            (Kind::Id | Kind::OtherId, Some(Node::Number(digits)))
                if value.and_then(Node::as_count).is_some() =>
            {
                add(field.name, &|out| push_string(out, digits), out);
                Some(())
            }
            (_, Some(Node::Null)) => None,
            (kind, Some(Node::Text(text))) => {
                let unfit = match kind {
                    Kind::Words => text.is_empty(),
                    Kind::Id => TransactionId::check(text).is_err(),
                    _ => false,
                };
                if unfit {
                    None
                } else {
                    add(field.name, &|out| push_string(out, text), out);
                    Some(())
                }
            }
            _ => {
                left.push(field.name);
                None
            }
        };
        if let (None, Some(problem)) = (found, field.missing) {
            return Err(Unexpected(problem));
        }
    }
    for (name, value) in members {
        if left.contains(&&**name) || !known.iter().any(|field| field.name == name) {
            add(name, &|out| push(value, out), out);
        }
    }
    if before == '{' {
        out.push('{');
    }
    out.push('}');
    Ok(())
}

const NO_OBJECT: &str = "the reply is not a JSON object";

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
