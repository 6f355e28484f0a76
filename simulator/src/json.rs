//! Text of JSON values.

use serde_json::Value;

/// Returns a string's text, and anything else as JSON writes it: a number digit for digit.
pub(crate) fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
