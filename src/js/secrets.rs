//! Finds secrets in what JavaScript code threw: a replaced `fetch` may put its whole request into an error.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use super::host::{list_of, tag, text_of};

/// Limits of the search; what is nested deeper, or has more values, counts as a secret.
const MAX_DEPTH: usize = 8;
const MAX_VALUES: usize = 2_000;

/// Tells whether an error, or anything that can be reached from it, mentions one of `secrets` or cannot be searched.
pub(super) fn mentions(error: &JsValue, secrets: &[String]) -> bool {
    let mut left = MAX_VALUES;
    !is_clean(error, secrets, MAX_DEPTH, &mut left).unwrap_or(false)
}

/// Searches one value; fails when reading it throws.
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
    let mut items = Array::new();
    match kind.as_str() {
        "[object Error]"
        | "[object DOMException]"
        | "[object Object]"
        | "[object Array]"
        | "[object Date]" => {}
        "[object Map]" | "[object Set]" => items = list_of(value)?,
        // Requests, headers and binary data show their contents when printed, though they have no properties for them.
        _ => return Ok(false),
    }
    for name in Reflect::own_keys(value.unchecked_ref())?.iter() {
        if !is_clean(&name, secrets, depth, left)?
            || !is_clean(&Reflect::get(value, &name)?, secrets, depth, left)?
        {
            return Ok(false);
        }
    }
    for item in items.iter() {
        if !is_clean(&item, secrets, depth, left)? {
            return Ok(false);
        }
    }
    Ok(true)
}
