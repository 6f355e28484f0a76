//! Values, functions and errors of JavaScript for the tests. What is expected is written out by hand.

use edge_cashier::js::gateway::Gateway;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

pub(crate) const OPTIONS: &str = "apiKey: 'example_key', baseUrl: 'https://gateway.example/api'";
pub(crate) const DEPOSIT: &str = "user_id: '128', tracking_id: 'order-1', amount: 10.05, currency: 'EUR'";

/// The value of a JavaScript expression.
pub(crate) fn js(expression: &str) -> JsValue {
    js_sys::eval(&format!("({expression})")).unwrap_or_else(|error| panic!("{expression}: {error:?}"))
}

/// A property, by a path with dots.
pub(crate) fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| {
        Reflect::get(&value, &name.into()).unwrap_or(JsValue::UNDEFINED)
    })
}

pub(crate) fn text(value: &JsValue, path: &str) -> String {
    let found = get(value, path);
    found.as_string().unwrap_or_else(|| json(&found))
}

pub(crate) fn json(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).map_or_else(|_| format!("{value:?}"), String::from)
}

/// A gateway with further options.
pub(crate) fn gateway(more: &str) -> Gateway {
    Gateway::new(&js(&format!("{{{OPTIONS}, {more}}}")), None).expect("options")
}

pub(crate) fn build(operation: &str, request: &JsValue) -> Result<JsValue, JsValue> {
    gateway("").request(&operation.into(), request)
}

/// What a call gives.
pub(crate) async fn call(
    gateway: &Gateway,
    operation: &str,
    request: &str,
    call: &str,
) -> Result<JsValue, JsValue> {
    let send = gateway.prepare(&operation.into(), &js(request), &js(call), None)?;
    let send: Function = send.unchecked_into();
    let promise: Promise = send.call0(&JsValue::UNDEFINED)?.unchecked_into();
    JsFuture::from(promise).await
}

/// `path code` of each violation.
pub(crate) fn violations(thrown: &JsValue) -> Vec<String> {
    assert_eq!(text(thrown, "kind"), "validation", "{}", json(thrown));
    let list: js_sys::Array = get(thrown, "violations").unchecked_into();
    list.iter()
        .map(|violation| format!("{} {}", text(&violation, "path"), text(&violation, "code")))
        .collect()
}
