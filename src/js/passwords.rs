//! Reads signature passwords: a text, or a list of `{ id, password, notAfter? }`. Everything that is wrong is reported at once.

use js_sys::{Array, Date, Function, JsString, Reflect};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wasm_bindgen::{JsCast, JsValue};
use zeroize::Zeroizing;

use crate::Password;
use crate::read::secret::check_secret;
use crate::read::suggest::unknown_field;
use crate::read::violation::Violation;

const NAMES: [&str; 3] = ["id", "password", "notAfter"];

/// The latest moment that JavaScript counts exactly.
const LATEST: f64 = 9_007_199_254_740_991.0;

/// The passwords that were given at `path`; what cannot be used is reported.
pub(super) fn read(given: &JsValue, path: &str, found: &mut Vec<Violation>) -> Vec<Password> {
    let Some(list) = given.dyn_ref::<Array>() else {
        return secret(given, path, found).into_iter().collect();
    };
    if list.length() == 0 {
        let message = "is an empty list; give at least one password";
        found.push(Violation::new("required", message).at(path));
    }
    let mut passwords = Vec::new();
    let mut ids: Vec<Option<String>> = Vec::new();
    for (place, given) in list.iter().enumerate() {
        let path = format!("{path}[{place}]");
        let (id, password) = entry(&given, &path, found);
        passwords.extend(password);
        ids.push(id);
    }
    for (place, id) in ids.iter().enumerate() {
        if id.is_some() && ids.iter().take(place).any(|other| other == id) {
            let message = "is the id of an earlier password; give each its own";
            found.push(Violation::new("duplicate", message).at(format!("{path}[{place}].id")));
        }
    }
    passwords
}

/// One entry of a list: its id, and the password if all of it can be used.
fn entry(given: &JsValue, path: &str, found: &mut Vec<Violation>) -> (Option<String>, Option<Password>) {
    let Some(fields) = fields(given) else {
        let message = "must be an object { id, password, notAfter? }";
        found.push(Violation::new("type", message).at(path));
        return (None, None);
    };
    refuse_unknown(&fields, &NAMES, path, found);
    let field = |name: &str| {
        let value = fields.iter().find(|(known, _)| known == name);
        value.map_or(JsValue::UNDEFINED, |(_, value)| value.clone())
    };
    let id = name(&field("id"), &format!("{path}.id"), found);
    let password = secret(&field("password"), &format!("{path}.password"), found);
    let end = field("notAfter");
    let mut until = None;
    if !end.is_undefined() && !end.is_null() {
        until = moment(&end);
        if until.is_none() {
            let message =
                "must be a Date, milliseconds since 1970, or an RFC 3339 text such as 2030-01-31T00:00:00Z";
            found.push(Violation::new("format", message).at(format!("{path}.notAfter")));
        }
    }
    let password = password.map(|password| match until {
        Some(until) => password.until(until),
        None => password,
    });
    let named = id.clone().zip(password).map(|(id, password)| password.named(id));
    (id, named)
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
pub(super) fn refuse_unknown(
    fields: &[(String, JsValue)],
    known: &[&str],
    path: &str,
    found: &mut Vec<Violation>,
) {
    let unknown = fields.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    found.extend(unknown.map(|(name, _)| unknown_field(path, name, known)));
}

/// A text without half a surrogate pair, which UTF-8 does not have.
fn text(given: &JsValue) -> Result<Zeroizing<String>, Violation> {
    let Some(text) = given.dyn_ref::<JsString>() else {
        let code = if given.is_undefined() { "required" } else { "type" };
        let message =
            "must be text: merchant portal, Settings, Credentials. Is the environment variable set?";
        return Err(Violation::new(code, message));
    };
    if !text.is_valid_utf16() {
        return Err(Violation::new("format", "is not valid Unicode"));
    }
    Ok(Zeroizing::new(text.into()))
}

fn name(given: &JsValue, path: &str, found: &mut Vec<Violation>) -> Option<String> {
    let name = match text(given) {
        Ok(name) if name.is_empty() => Err(Violation::new(
            "required",
            "is empty; give the name that a verified event tells",
        )),
        Ok(name) => Ok(name.to_string()),
        Err(violation) => Err(violation),
    };
    name.map_err(|violation| found.push(violation.at(path))).ok()
}

fn secret(given: &JsValue, path: &str, found: &mut Vec<Violation>) -> Option<Password> {
    let password = text(given).and_then(|secret| {
        check_secret(&secret)?;
        Password::new(secret.as_str()).map_err(|error| Violation::new("format", error.to_string()))
    });
    password.map_err(|violation| found.push(violation.at(path))).ok()
}

/// In milliseconds since 1970.
fn moment(given: &JsValue) -> Option<u64> {
    let moment = if given.is_instance_of::<Date>() {
        // What only pretends to be a Date throws here.
        let get_time = Reflect::get(given, &"getTime".into()).ok()?;
        get_time.dyn_ref::<Function>()?.call0(given).ok()?.as_f64()?
    } else if let Some(text) = given.as_string() {
        let moment = OffsetDateTime::parse(&text, &Rfc3339).ok()?;
        return u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok();
    } else {
        given.as_f64()?
    };
    // NaN is in no range.
    (0.0..=LATEST).contains(&moment).then_some(moment as u64)
}
