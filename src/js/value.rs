//! Converts JSON values into JavaScript values.

use js_sys::{Array, JSON, Object};
use serde_json::{Map, Value};
use wasm_bindgen::JsValue;

/// Returns the value that JavaScript would read from the same JSON.
///
/// Not by `serde-wasm-bindgen`, for which a number of arbitrary precision is an object, and not by `JSON.parse` of the whole text, which in V8 misreads
/// keys with escapes (see `webhook/host.rs`).
pub(super) fn to_js(value: &Value) -> Result<JsValue, JsValue> {
    Ok(match value {
        Value::Null => JsValue::NULL,
        Value::Bool(is) => JsValue::from_bool(*is),
        Value::Number(number) => {
            let number = JSON::parse(number.as_str())?;
            // The gateway's own JSON writes what no double holds as null.
            if number.as_f64().is_some_and(f64::is_finite) {
                number
            } else {
                JsValue::NULL
            }
        }
        Value::String(text) => text.into(),
        Value::Array(items) => {
            let array = Array::new();
            for item in items {
                array.push(&to_js(item)?);
            }
            array.into()
        }
        Value::Object(fields) => object(fields)?,
    })
}

/// Makes an object with these fields as its own, even one called `__proto__`.
pub(super) fn object(fields: &Map<String, Value>) -> Result<JsValue, JsValue> {
    let entries = fields
        .iter()
        .map(|(name, value)| Ok((name.as_str(), to_js(value)?)))
        .collect::<Result<Vec<_>, JsValue>>()?;
    from_entries(entries)
}

/// Makes an object of names and values.
pub(super) fn from_entries<'n>(
    entries: impl IntoIterator<Item = (&'n str, JsValue)>,
) -> Result<JsValue, JsValue> {
    let pairs: Array = entries
        .into_iter()
        .map(|(name, value)| Array::of2(&name.into(), &value))
        .collect();
    Object::from_entries(&pairs).map(JsValue::from)
}
