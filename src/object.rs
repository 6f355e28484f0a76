//! Writes a JSON object field by field, in the order of the calls.

use serde_json::{Map, Value};

/// An object in the making. Its methods stay out of line: they are called from everywhere and each copy counts in the wasm.
#[derive(Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// A field, if there is a value for it.
    #[inline(never)]
    pub(crate) fn put(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// A field with a string, if there is one for it.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str, text: Option<&str>) {
        self.put(name, text.map(Value::from));
    }

    /// The object with further fields.
    pub(crate) fn and(mut self, rest: Map<String, Value>) -> Map<String, Value> {
        for (name, value) in rest {
            self.put(&name, Some(value));
        }
        self.0
    }

    /// The object, with fields that nobody here knows behind the others.
    #[inline(never)]
    pub(crate) fn with(mut self, extra: &Map<String, Value>) -> Map<String, Value> {
        for (name, value) in extra {
            self.put(name, Some(value.clone()));
        }
        self.0
    }
}
