//! Whether something that JavaScript code threw shows a secret: a replaced `fetch` may put its whole request into an error.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use super::host::{list_of, tag, text_of};

/// What is nested deeper, or holds more, is not looked through, and so counts as a secret.
const MAX_DEPTH: usize = 8;
const MAX_VALUES: usize = 2_000;

/// Whether an error, or anything that can be reached from it, mentions one of `secrets` or cannot be looked through.
pub(super) fn mentions(error: &JsValue, secrets: &[String]) -> bool {
    let mut left = MAX_VALUES;
    !is_clean(error, secrets, MAX_DEPTH, &mut left).unwrap_or(false)
}

/// An error means that looking threw.
fn is_clean(value: &JsValue, secrets: &[String], depth: usize, left: &mut usize) -> Result<bool, JsValue> {
    let Some(rest) = left.checked_sub(1) else {
        return Ok(false);
    };
    *left = rest;
    if !value.is_object() {
        let text = text_of(value)?;
        return Ok(!secrets.iter().any(|secret| text.contains(secret.as_str())));
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Ok(false);
    };
    let kind = tag(value)?;
    let mut held = Array::new();
    match kind.as_str() {
        "[object Error]"
        | "[object DOMException]"
        | "[object Object]"
        | "[object Array]"
        | "[object Date]" => {}
        "[object Map]" | "[object Set]" => held = list_of(value)?,
        // Requests, headers and binary data show what they hold, and not by their properties.
        _ => return Ok(false),
    }
    for name in Reflect::own_keys(value.unchecked_ref())?.iter() {
        if !is_clean(&name, secrets, depth, left)?
            || !is_clean(&Reflect::get(value, &name)?, secrets, depth, left)?
        {
            return Ok(false);
        }
    }
    for item in held.iter() {
        if !is_clean(&item, secrets, depth, left)? {
            return Ok(false);
        }
    }
    Ok(true)
}
