//! Functions of the JavaScript host that js-sys lacks, or declares without `catch`: each of these may run the code of a proxy, which may throw.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen]
extern "C" {
    /// Lists the own enumerable names.
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    pub(super) fn keys(of: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    pub(super) fn is_array(value: &JsValue) -> Result<bool, JsValue>;

    /// Lists the items of anything that can be iterated.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    pub(super) fn list_of(value: &JsValue) -> Result<Array, JsValue>;

    /// Names the kind of an object, whichever realm made it: `[object Date]`.
    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    pub(super) fn tag(value: &JsValue) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = String)]
    pub(super) fn text_of(value: &JsValue) -> Result<String, JsValue>;
}

/// Reads a property; `undefined` when reading it throws.
pub(super) fn property(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Adds an own property, whatever `Object.prototype` has under its name.
pub(super) fn define(object: &JsValue, name: &str, value: &JsValue) {
    let descriptor = Object::create(JsValue::NULL.unchecked_ref());
    for (name, value) in [
        ("value", value),
        ("enumerable", &JsValue::TRUE),
        ("configurable", &JsValue::TRUE),
        ("writable", &JsValue::TRUE),
    ] {
        // Neither fails: both objects were made here.
        let _ = Reflect::set(&descriptor, &name.into(), value);
    }
    let target: &Object = object.unchecked_ref();
    let _ = Reflect::define_property(target, &name.into(), &descriptor);
}
