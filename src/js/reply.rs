//! Replies as JavaScript values.

use serde_json::{Number, Value};
use wasm_bindgen::JsValue;

use super::data::{MAX_DIGITS, significant_digits};
use super::value::to_js;

/// Writes a reply: the host parses it as one text, which for a long list is many times as fast as value by value.
pub(super) fn write(reply: Value) -> Result<JsValue, JsValue> {
    let reply = for_doubles(reply);
    let text = reply.to_string();
    // V8 misreads keys with escapes, see `webhook/host.rs`.
    if text.contains('\\') {
        to_js(&reply)
    } else {
        js_sys::JSON::parse(&text)
    }
}

/// Turns every number that a JavaScript number does not hold exactly into a string of its digits: money is never rounded silently.
fn for_doubles(value: Value) -> Value {
    match value {
        Value::Number(number) if !is_double(&number) => Value::String(number.to_string()),
        Value::Array(items) => Value::Array(items.into_iter().map(for_doubles).collect()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, item)| (name, for_doubles(item)))
            .collect(),
        other => other,
    }
}

/// Tells whether a JavaScript number can be exactly this one: a whole number up to 2^53, or one of at most 15 significant digits within a double's range.
fn is_double(number: &Number) -> bool {
    const LARGEST: u64 = 1 << 53;
    if let Some(whole) = number.as_i64() {
        return whole.unsigned_abs() <= LARGEST;
    }
    let significant = significant_digits(number.as_str());
    let fits = number
        .as_f64()
        .is_some_and(|read| read.is_normal() || significant == 0);
    significant <= MAX_DIGITS && fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_double_holds_stays_a_number() {
        for (text, same) in [
            ("8.56", true),
            ("200.00", true),
            ("-0.0", true),
            ("1e3", true),
            ("9007199254740991", true),
            ("9007199254740993", false),
            ("12345678901234.567", false),
            ("0.1", true),
            ("1e400", false),
            ("1e-400", false),
        ] {
            let number: Number = text.parse().unwrap_or(Number::from(0));
            assert_eq!(is_double(&number), same, "{text}");
        }
    }
}
