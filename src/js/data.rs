//! Reads a JavaScript value as plain data, strictly. `JSON.stringify` alone drops functions, writes `null` for NaN and throws a bare `TypeError` on a circle; here
//! whatever has no exact JSON form is a violation with its path, all of them at once.
//!
//! Kinds of values are recognised in ways that also work for values of another realm (`node:vm`, Jest). Each property is read once.

mod joined;

use std::fmt::{self, Write as _};

use js_sys::{ArrayBuffer, BigInt, Function, JsString, Reflect};
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast as _, JsValue};

use super::host::{is_array, keys, tag};
use super::number;
use crate::read::suggest::shown;
use crate::read::violation::Violation;

/// Deeper than any request of the gateway; a circle made by getters ends here.
const MAX_DEPTH: usize = 64;
/// The gateway's own requests have fewer than forty values.
const MAX_VALUES: usize = 10_000;
/// How long one text may be, in UTF-16 units.
const MAX_LENGTH: u32 = 1_000_000;
/// How long all texts together may be, so that no request fills the memory.
const MAX_TEXT: u32 = 4_000_000;
/// More bits than any number of the gateway has; writing a much longer bigint can take minutes.
const MAX_BITS: f64 = 256.0;

/// A value as plain data, and what could not be read of it.
pub(super) struct Data {
    /// The copy, with null for what is refused in it. `None` for `undefined` and for a whole that is refused.
    pub(super) value: Option<Value>,
    /// What has no exact JSON form; the paths begin at the value itself.
    violations: Vec<Violation>,
    /// Numbers that may have been rounded. They are in the copy all the same: what its field says of one is the better advice.
    inexact: Vec<Violation>,
    /// What a getter threw, if one did.
    pub(super) cause: Option<JsValue>,
    /// The value under the name that is not meant to be data, as it is.
    pub(super) kept: Option<JsValue>,
}

/// Copies a value. What is found under `keep` in the outermost object is returned as it is: it is not meant to be data.
pub(super) fn read(value: &JsValue, keep: &str) -> Data {
    let mut walk = Walk {
        data: Data {
            value: None,
            violations: Vec::new(),
            inexact: Vec::new(),
            cause: None,
            kept: None,
        },
        keep,
        parents: Vec::new(),
        values: 0,
        text: 0,
    };
    walk.data.value = walk.take(value, &Path::Root);
    walk.data
}

struct Walk<'k> {
    data: Data,
    keep: &'k str,
    /// The objects around the current value, to find circles.
    parents: Vec<JsValue>,
    values: usize,
    text: u32,
}

/// The path of a value; written out only when something is reported.
enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, u32),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(&shown(name)),
            Path::Field(object, name) => write!(f, "{object}.{}", shown(name)),
            Path::Item(list, index) => write!(f, "{list}[{index}]"),
        }
    }
}

impl Walk<'_> {
    /// Copies one value; `None` both for `undefined` and for what was refused.
    fn take(&mut self, value: &JsValue, path: &Path<'_>) -> Option<Value> {
        self.values += 1;
        if self.values > MAX_VALUES {
            if self.values == MAX_VALUES + 1 {
                let message = format!("is one value too many: a request holds at most {MAX_VALUES}");
                return self.refuse(path, "range", message);
            }
            return None;
        }
        if value.is_string() {
            return self.take_text(value, path).map(Value::String);
        }
        if value.is_undefined() {
            return None;
        }
        if value.is_null() {
            return Some(Value::Null);
        }
        if let Some(flag) = value.as_bool() {
            return Some(Value::Bool(flag));
        }
        if let Some(number) = value.as_f64() {
            return match number::read(number) {
                Ok((number, inexact)) => {
                    let inexact = inexact.map(|violation| placed(path, violation));
                    self.data.inexact.extend(inexact);
                    Some(Value::Number(number))
                }
                Err(violation) => {
                    self.report(path, violation);
                    None
                }
            };
        }
        if value.is_bigint() {
            return self.take_bigint(value, path);
        }
        if !value.is_object() {
            let kind = if value.is_symbol() { "symbol" } else { "function" };
            return self.refuse(path, "type", format!("is a {kind}; give plain data"));
        }
        if self.parents.contains(value) {
            return self.refuse(path, "type", "contains itself; give plain data without circles");
        }
        if self.parents.len() >= MAX_DEPTH {
            return self.refuse(
                path,
                "range",
                format!("is nested more than {MAX_DEPTH} levels deep"),
            );
        }
        self.parents.push(value.clone());
        let taken = self.take_object(value, path);
        self.parents.pop();
        taken
    }

    fn take_text(&mut self, value: &JsValue, path: &Path<'_>) -> Option<String> {
        let text: &JsString = value.unchecked_ref();
        let length = text.length();
        if length > MAX_LENGTH {
            return self.refuse(path, "range", format!("is longer than {MAX_LENGTH} characters"));
        }
        self.text = self.text.saturating_add(length);
        if self.text > MAX_TEXT {
            let message = format!("is too much text: a request holds at most {MAX_TEXT} characters");
            return self.refuse(path, "range", message);
        }
        let copied = String::from(text);
        // Half of a surrogate pair becomes U+FFFD on the way; a text may also hold one that is meant.
        if copied.contains('\u{fffd}') && !text.is_valid_utf16() {
            self.refuse::<()>(
                path,
                "format",
                "is not valid Unicode: it holds half of a surrogate pair",
            );
        }
        Some(copied)
    }

    fn take_bigint(&mut self, value: &JsValue, path: &Path<'_>) -> Option<Value> {
        let number: &BigInt = value.unchecked_ref();
        let digits = if BigInt::as_int_n(MAX_BITS, number) == *number {
            number.to_string(10).ok().map(String::from)
        } else {
            None
        };
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(number) => Some(Value::Number(number)),
            None => self.refuse(path, "range", "is larger than any number of the gateway"),
        }
    }

    fn take_object(&mut self, value: &JsValue, path: &Path<'_>) -> Option<Value> {
        match is_array(value) {
            Ok(true) => return Some(Value::Array(self.take_items(value, path))),
            Ok(false) => {}
            Err(cause) => return self.unreadable(path, cause),
        }
        let kind = match tag(value) {
            Ok(kind) => kind,
            Err(cause) => return self.unreadable(path, cause),
        };
        if let Some(problem) = wrong_kind(&kind, value) {
            return self.refuse(path, "type", problem);
        }
        // Decimal libraries (decimal.js, big.js, bignumber.js) write themselves as exact text by toJSON.
        let to_json = self.get(value, &"toJSON".into(), path);
        if let Some(to_json) = to_json.as_ref().and_then(|found| found.dyn_ref::<Function>()) {
            return match to_json.call1(value, &"".into()) {
                Ok(written) if written.is_function() => {
                    self.refuse(path, "type", "has a toJSON that gives a function")
                }
                Ok(written) => self.take(&written, path),
                Err(cause) => self.throwing(path, cause),
            };
        }
        let fields = self.take_fields(value, path)?;
        // Headers, URLSearchParams, RegExp and their like keep what they hold to themselves: their JSON form is `{}`.
        if fields.is_empty() && kind != "[object Object]" {
            return self.refuse(
                path,
                "type",
                format!("is {kind}, which has no JSON form; give a plain object"),
            );
        }
        Some(Value::Object(fields))
    }

    fn take_items(&mut self, list: &JsValue, path: &Path<'_>) -> Vec<Value> {
        let mut items = Vec::new();
        let length = self
            .get(list, &"length".into(), path)
            .and_then(|length| length.as_f64());
        for index in 0..length.unwrap_or_default() as u32 {
            if self.values > MAX_VALUES {
                break;
            }
            let place = Path::Item(path, index);
            let before = self.data.violations.len();
            let item = self
                .get(list, &index.into(), &place)
                .unwrap_or(JsValue::UNDEFINED);
            if item.is_undefined() && self.data.violations.len() == before {
                self.refuse::<()>(&place, "type", "is undefined; leave it out or give null");
            }
            items.push(self.take(&item, &place).unwrap_or(Value::Null));
        }
        items
    }

    fn take_fields(&mut self, object: &JsValue, path: &Path<'_>) -> Option<Map<String, Value>> {
        let names = match keys(object) {
            Ok(names) => names,
            Err(cause) => return self.unreadable(path, cause),
        };
        let outermost = self.parents.len() == 1;
        let mut fields = Map::new();
        for key in names.iter() {
            if self.values > MAX_VALUES {
                break;
            }
            let key_text: &JsString = key.unchecked_ref();
            if key_text.length() > MAX_LENGTH {
                self.refuse::<()>(
                    path,
                    "range",
                    format!("has a name longer than {MAX_LENGTH} characters"),
                );
                continue;
            }
            let name = String::from(key_text);
            let place = Path::Field(path, &name);
            if name.contains('\u{fffd}') && !key_text.is_valid_utf16() {
                self.refuse::<()>(&place, "format", "is not a valid Unicode name");
            }
            let Some(given) = self.get(object, &key, &place) else {
                continue;
            };
            if outermost && name == self.keep {
                self.data.kept = Some(given);
                continue;
            }
            if given.is_undefined() {
                continue;
            }
            // What is refused stays as null, so that its name is still compared with the known ones.
            let item = self.take(&given, &place).unwrap_or_default();
            fields.insert(name, item);
        }
        Some(fields)
    }

    fn get(&mut self, from: &JsValue, key: &JsValue, path: &Path<'_>) -> Option<JsValue> {
        match Reflect::get(from, key) {
            Ok(value) => Some(value),
            Err(cause) => self.throwing(path, cause),
        }
    }

    fn throwing<T>(&mut self, path: &Path<'_>, cause: JsValue) -> Option<T> {
        self.data.cause.get_or_insert(cause);
        self.refuse(
            path,
            "type",
            "cannot be read: its getter throws; pass a plain value",
        )
    }

    /// Reports an object that throws when it is inspected, as a proxy may.
    fn unreadable<T>(&mut self, path: &Path<'_>, cause: JsValue) -> Option<T> {
        self.data.cause.get_or_insert(cause);
        self.refuse(
            path,
            "type",
            "cannot be read: looking at it throws; pass a plain object",
        )
    }

    fn refuse<T>(
        &mut self,
        path: &Path<'_>,
        code: &'static str,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Option<T> {
        self.report(path, Violation::new(code, message));
        None
    }

    fn report(&mut self, path: &Path<'_>, violation: Violation) {
        self.data.violations.push(placed(path, violation));
    }
}

fn placed(path: &Path<'_>, violation: Violation) -> Violation {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write!(text, "{path}");
    violation.at(text)
}

/// Returns the problem with objects whose JSON form would silently be `{}`, or a form that the gateway does not read.
fn wrong_kind(tag: &str, value: &JsValue) -> Option<&'static str> {
    match tag {
        "[object Object]" if !ArrayBuffer::is_view(value) => None,
        "[object Date]" => Some(
            "is a Date; give text, for example \"05/03/2000\" for a date of birth or \"01-08-2024\" for a range",
        ),
        "[object Map]" | "[object Set]" | "[object WeakMap]" | "[object WeakSet]" => {
            Some("is a Map or a Set; give a plain object or an array")
        }
        "[object ArrayBuffer]" | "[object SharedArrayBuffer]" => Some("is binary; give plain data"),
        "[object Promise]" => Some("is a promise; await it first"),
        "[object Number]" | "[object String]" | "[object Boolean]" | "[object BigInt]"
        | "[object Symbol]" => Some("is a boxed value; give the plain one"),
        _ if ArrayBuffer::is_view(value) => Some("is binary; give plain data"),
        _ => None,
    }
}
