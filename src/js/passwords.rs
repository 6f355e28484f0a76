//! Signature passwords of JavaScript, a text or a list of `{ id, password, notAfter? }`, as the JSON that the core reads them from.

use js_sys::{Array, Date, Function, JsString, Reflect};
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue};
use zeroize::Zeroize;

use crate::Password;
use crate::read::report::Report;
#[cfg(feature = "js")]
use crate::read::suggest::unknown_field;
use crate::read::violation::Violation;
use crate::webhook::read_list;

/// The latest moment that JavaScript counts exactly.
const LATEST: f64 = 9_007_199_254_740_991.0;

/// The passwords that were given at `path`; what cannot be used is reported.
pub(super) fn read(given: &JsValue, path: &str, found: &mut Vec<Violation>) -> Vec<Password> {
    let mut data = match given.dyn_ref::<Array>() {
        Some(list) => list.iter().map(|given| entry(&given)).collect(),
        None => plain(given),
    };
    let mut report = Report::default();
    let passwords = read_list(&data, path, "notAfter", &mut report);
    wipe(&mut data);
    found.extend(report.into_violations());
    passwords
}

/// One entry of a list.
fn entry(given: &JsValue) -> Value {
    match fields(given) {
        Some(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        None => plain(given),
    }
}

/// A text, or a moment in milliseconds. Whatever else it is becomes an object, which no field takes.
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
    let moment = if given.is_instance_of::<Date>() {
        // What only pretends to be a Date throws here.
        let get_time = Reflect::get(given, &"getTime".into()).ok()?;
        get_time.dyn_ref::<Function>()?.call0(given).ok()?.as_f64()?
    } else {
        given.as_f64()?
    };
    // NaN is in no range.
    (0.0..=LATEST).contains(&moment).then_some(moment as u64)
}

/// Overwrites the copies of the passwords.
fn wipe(data: &mut Value) {
    match data {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

/// The fields that an object has itself, by their names; nothing of anything else.
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

/// Reports the fields whose names are not `known`.
#[cfg(feature = "js")]
pub(super) fn refuse_unknown(
    fields: &[(String, JsValue)],
    known: &[&str],
    path: &str,
    found: &mut Vec<Violation>,
) {
    let unknown = fields.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    found.extend(unknown.map(|(name, _)| unknown_field(path, name, known)));
}
