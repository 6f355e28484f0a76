//! The configuration of this isolate: read from the bindings once, on the first request.

use std::cell::OnceCell;
use std::sync::Arc;

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::{Config, ConfigError};

thread_local! {
    /// Bindings never change within an isolate: a new version of the Worker, or a new secret, comes with new isolates.
    static CONFIG: OnceCell<Result<Arc<Config>, ConfigError>> = const { OnceCell::new() };
}

/// Returns the configuration, or what is wrong with it.
pub(crate) fn config(env: &Env) -> Result<Arc<Config>, ConfigError> {
    CONFIG.with(|config| {
        config
            .get_or_init(|| {
                let names = variables(env);
                let names = names.iter().map(String::as_str);
                Config::read(&|name| variable(env, name), names).map(Arc::new)
            })
            .clone()
    })
}

/// The names of all variables and secrets. Bindings, such as a namespace of objects or a rate limiter, are never of a primitive type.
fn variables(env: &Env) -> Vec<String> {
    Object::keys(env.unchecked_ref::<Object>())
        .iter()
        .filter_map(|name| name.as_string())
        .filter(|name| {
            let value = property(env, name);
            value.is_string() || value.as_f64().is_some() || value.as_bool().is_some()
        })
        .collect()
}

/// A variable or a secret as text. A number or an object that was written into `vars` as JSON is taken as its JSON text.
fn variable(env: &Env, name: &str) -> Option<String> {
    let value = property(env, name);
    if value.is_undefined() || value.is_null() {
        return None;
    }
    value
        .as_string()
        .or_else(|| JSON::stringify(&value).ok().map(String::from))
}

fn property(env: &Env, name: &str) -> JsValue {
    Reflect::get(env, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
