//! Reads what the gateway sends, leniently: known fields are taken out, whatever else came is kept.
//!
//! The gateway may grow, so a known field of an unexpected type is no error either: it is kept among the rest, as it came.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::read::json;

/// Why a reply cannot be what the operation means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpected(pub(crate) &'static str);

const EXTRA: &str = "extra";

/// A reply of the gateway. Serialized it has the fields that this version does not know under `extra`.
pub trait Reply: Serialize + Sized {
    /// Reads what came.
    ///
    /// # Errors
    /// What the operation cannot mean.
    #[doc(hidden)]
    fn read(value: Value) -> Result<Self, Unexpected>;
}

/// The fields of a reply that nobody has taken yet.
pub(crate) struct ReplyFields(Map<String, Value>);

impl ReplyFields {
    pub(crate) fn open(value: Value) -> Result<Self, Unexpected> {
        match value {
            Value::Object(map) => Ok(ReplyFields(map)),
            _ => Err(Unexpected("the reply is not a JSON object")),
        }
    }

    /// What `read` makes of a field; a field that it cannot read stays, and `null` is a field that is missing.
    pub(crate) fn take<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.0.get(name)?;
        let taken = read(value);
        if taken.is_some() || value.is_null() {
            self.0.shift_remove(name);
        }
        taken
    }

    pub(crate) fn text<T: From<String>>(&mut self, name: &str) -> Option<T> {
        self.take(name, |value| value.as_str().map(str::to_owned))
            .map(T::from)
    }

    /// A string that is not empty; an empty one counts as missing.
    pub(crate) fn non_empty<T: From<String>>(&mut self, name: &str) -> Option<T> {
        self.text(name)
            .filter(|text: &String| !text.is_empty())
            .map(T::from)
    }

    /// An id; an empty string counts as missing.
    pub(crate) fn id(&mut self, name: &str) -> Option<String> {
        let id = self.take(name, |value| match value {
            Value::String(text) => Some(text.clone()),
            value => json::id(value),
        });
        id.filter(|id| !id.is_empty())
    }

    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.take(name, |value| Some(value.clone()).filter(|value| !value.is_null()))
    }

    /// Whatever nobody took.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.0
    }
}

/// Moves the fields under `extra` up into the object itself, behind its own fields: the form that the gateway sends and takes.
pub(crate) fn merge_extra(value: &mut Value) {
    if let Value::Object(object) = value
        && let Some(Value::Object(extra)) = object.shift_remove(EXTRA)
    {
        object.extend(extra);
    }
}
