//! JSON objects between Rust values and the text that the tables check.

use serde_json::{Map, Value};

use crate::money::amount::Amount;
use crate::read::validate::EXTRA;

/// An object in the making, written field by field in the order of the calls.
#[derive(Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// A field, if there is a value for it.
    pub(crate) fn put(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// A field with a string, if there is one for it.
    pub(crate) fn text(&mut self, name: &str, text: Option<&str>) {
        self.put(name, text.map(Value::from));
    }

    /// Fields that nobody here knows, in the place where a request has them.
    pub(crate) fn extra(&mut self, extra: &Map<String, Value>) {
        self.put(EXTRA, (!extra.is_empty()).then(|| Value::Object(extra.clone())));
    }

    /// The object.
    pub(crate) fn done(self) -> Map<String, Value> {
        self.0
    }

    /// The object, with fields that nobody here knows behind the others.
    pub(crate) fn with(mut self, extra: &Map<String, Value>) -> Map<String, Value> {
        for (name, value) in extra {
            self.put(name, Some(value.clone()));
        }
        self.0
    }
}

/// A field's string.
pub(crate) fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str)
}

/// A free object; absent is empty.
pub(crate) fn map(object: &Value, name: &str) -> Map<String, Value> {
    object
        .get(name)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// An exact decimal, from a number or from a string.
pub(crate) fn amount(object: &Value, name: &str) -> Option<Amount> {
    let text = match object.get(name)? {
        Value::Number(number) => number.as_str(),
        Value::String(text) => text,
        _ => return None,
    };
    Amount::parse(text).ok()
}
