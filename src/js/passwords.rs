//! Converts the signature passwords of JavaScript, a text or a list of `{ id, password, notAfter? }`, into the JSON that the core reads.

use js_sys::{Array, Function, JsString, Reflect};
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue};

use crate::Password;
use crate::read::json::Wiped;
use crate::read::report::Report;
use crate::read::violation::Violation;
use crate::webhook::read_list;

/// The latest moment that JavaScript counts exactly.
const LATEST: f64 = 9_007_199_254_740_991.0;

/// Reads the passwords given at `path`; what cannot be used is reported.
pub(super) fn read(given: &JsValue, path: &str, found: &mut Vec<Violation>) -> Vec<Password> {
    let data = Wiped(match given.dyn_ref::<Array>() {
        Some(list) => list.iter().map(|given| entry(&given)).collect(),
        None => plain(given),
    });
    let mut report = Report::default();
    let passwords = read_list(&data.0, path, "notAfter", &mut report);
    found.extend(report.into_violations());
    passwords
}

/// Converts one entry of a list.
fn entry(given: &JsValue) -> Value {
    match fields(given) {
        Some(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        None => plain(given),
    }
}

/// Converts a text, or a moment into milliseconds. Everything else becomes an object, which no field takes.
fn plain(given: &JsValue) -> Value {
    if given.is_undefined() || given.is_null() {
        return Value::Null;
    }
    match given.dyn_ref::<JsString>() {
        // UTF-8 does not have half a surrogate pair.
        Some(text) if text.is_valid_utf16() => Some(Value::String(text.into())),
        _ => milliseconds(given).map(Value::from),
    }
    .unwrap_or_else(|| Value::Object(Map::new()))
}

fn milliseconds(given: &JsValue) -> Option<u64> {
    // A Date, also one of another realm. What only pretends to be one throws here.
    let moment = if given.is_object() {
        let get_time = Reflect::get(given, &"getTime".into()).ok()?;
        get_time.dyn_ref::<Function>()?.call0(given).ok()?.as_f64()?
    } else {
        given.as_f64()?
    };
    // NaN is in no range.
    (0.0..=LATEST).contains(&moment).then_some(moment as u64)
}

/// Lists the fields that an object itself has, by their names; `None` for anything else.
pub(super) fn fields(given: &JsValue) -> Option<Vec<(String, JsValue)>> {
    if !given.is_object() {
        return None;
    }
    let keys = Reflect::own_keys(given).ok()?;
    keys.iter()
        .filter_map(|key| Some((key.as_string()?, key)))
        .map(|(name, key)| Some((name, Reflect::get(given, &key).ok()?)))
        .collect()
}
