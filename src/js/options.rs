//! The options of a `Gateway` and of one call, checked: everything that is wrong is reported at once, and no name is ignored.

use std::time::Duration;

use js_sys::Function;
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast as _, JsValue};

use super::data::{self, Data};
use super::error::Refused;
use super::host::{define, property, tag};
use crate::gateway::retry::RetryPolicy;
use crate::gateway::routes::Routes;
use crate::gateway::{ApiKey, Gateway, GatewayConfig};
use crate::read::fields::{Fields, Place, Read};
use crate::read::violation::Violation;

const FETCH: &str = "fetch";
const SIGNAL: &str = "signal";
const OPTIONS: &str = "options";

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// `setTimeout` takes no more.
const MAX_TIMEOUT_MS: u64 = 2_147_483_647;
const MAX_RETRIES: u64 = 10;

/// Stands in for what is wrong or missing, so that the rest is checked all the same.
const ANY_KEY: &str = "key";
const ANY_URL: &str = "https://localhost";

/// How a `Gateway` sends.
pub(super) struct Options {
    pub(super) gateway: Gateway,
    /// For a whole call.
    pub(super) timeout: Duration,
    pub(super) retries: RetryPolicy,
    /// The caller's own `fetch`.
    pub(super) fetch: Option<Function>,
    /// Taken out of what a failed `fetch` reports.
    pub(super) api_key: String,
    /// A copy of the options as they were given, from which the same can be made again.
    pub(super) copy: JsValue,
}

/// Reads the constructor's options. `runtime` is what the user agent says about where this runs.
pub(super) fn read(given: &JsValue, runtime: Option<&str>) -> Result<Options, Refused> {
    let mut data = object(given, FETCH)?;
    let value = Value::Object(data.object());
    let mut found = Vec::new();
    let fetch = function(data.kept.take(), &mut found);
    let at = Place {
        object: "",
        field: "",
    };
    let Some(mut fields) = Fields::of(&value, &at, &mut found) else {
        return Err(data.refuse("", found));
    };
    let api_key: Option<String> = fields.required(
        "apiKey",
        "give the key from the merchant portal (Settings > Credentials)",
    );
    let base_url: Option<String> = fields.required(
        "baseUrl",
        "give the gateway's address from the merchant portal, for example https://gateway.example/api",
    );
    let cashier_url: Option<String> = fields.optional("cashierUrl");
    let product: Option<String> = fields.optional("userAgent");
    let routes: Option<Map<String, Value>> = fields.optional("routes");
    let timeout: Option<Whole<1, MAX_TIMEOUT_MS>> = fields.optional("timeoutMs");
    let retries: Option<Whole<0, MAX_RETRIES>> = fields.optional("maxRetries");
    let allow_insecure: Option<bool> = fields.optional("allowInsecure");
    // A function is no data and was put aside; here its name is known.
    let _: Option<bool> = fields.optional(FETCH);
    fields.finish();

    let key = ApiKey::new(api_key.as_deref().unwrap_or(ANY_KEY)).map_err(|violation| violation.at("apiKey"));
    let routes = match routes {
        Some(routes) => Routes::from_value(&Value::Object(routes)),
        None => Ok(Routes::default()),
    };
    let user_agent = user_agent(runtime, product.as_deref());
    // Until the core's configuration has a field for it.
    let _ = allow_insecure;
    let gateway = Gateway::new(GatewayConfig {
        api_key: key.clone().or_else(|_| ApiKey::new(ANY_KEY))?,
        base_url: base_url.unwrap_or_else(|| ANY_URL.to_owned()),
        cashier_url,
        routes: routes.as_ref().map(Clone::clone).unwrap_or_default(),
        user_agent: Some(user_agent),
    });
    found.extend(key.err());
    found.extend(routes.err().into_iter().flat_map(|error| error.into_violations()));
    match gateway {
        Ok(gateway) if found.is_empty() && data.violations.is_empty() => Ok(Options {
            gateway,
            timeout: timeout.map_or(DEFAULT_TIMEOUT, |Whole(milliseconds)| {
                Duration::from_millis(milliseconds)
            }),
            retries: retries.map_or_else(RetryPolicy::default, |Whole(retries)| {
                RetryPolicy::with_max_retries(u32::try_from(retries).unwrap_or_default())
            }),
            copy: copy(&value, fetch.as_ref())?,
            fetch,
            api_key: api_key.unwrap_or_default(),
        }),
        checked => {
            let violations = checked
                .err()
                .into_iter()
                .flat_map(|error| error.into_violations());
            found.extend(violations.map(with_option_name));
            Err(data.refuse("", found))
        }
    }
}

/// `edge-cashier/0.1.0 (node/24.9.0) my-shop/1.4`
fn user_agent(runtime: Option<&str>, product: Option<&str>) -> String {
    let mut text = concat!("edge-cashier/", env!("CARGO_PKG_VERSION")).to_owned();
    if let Some(runtime) = runtime {
        text.push_str(&format!(" ({runtime})"));
    }
    if let Some(product) = product.filter(|product| !product.is_empty()) {
        text.push_str(&format!(" {product}"));
    }
    text
}

/// The core's configuration has the names of Rust.
fn with_option_name(mut violation: Violation) -> Violation {
    for (field, option) in [
        ("base_url", "baseUrl"),
        ("cashier_url", "cashierUrl"),
        ("user_agent", "userAgent"),
    ] {
        if violation.path == field {
            option.clone_into(&mut violation.path);
        }
    }
    violation
}

fn copy(value: &Value, fetch: Option<&Function>) -> Result<JsValue, Refused> {
    let copy = js_sys::JSON::parse(&value.to_string()).map_err(|_| unreadable(OPTIONS))?;
    if let Some(fetch) = fetch {
        define(&copy, FETCH, fetch);
    }
    Ok(copy)
}

fn function(given: Option<JsValue>, found: &mut Vec<Violation>) -> Option<Function> {
    let given = given.filter(|given| !given.is_undefined() && !given.is_null())?;
    let function = given.dyn_into().ok();
    if function.is_none() {
        let message = "must be a function that is called like the platform's fetch";
        found.push(Violation::new("type", message).at(FETCH));
    }
    function
}

/// Reads the options of a call; what they are is its signal.
pub(super) fn signal(given: &JsValue) -> Result<Option<JsValue>, Refused> {
    if given.is_undefined() || given.is_null() {
        return Ok(None);
    }
    let mut data = object(given, SIGNAL)?;
    let mut found = Vec::new();
    let signal = signal_in(&mut data, &mut found);
    let value = Value::Object(data.object());
    let at = Place {
        object: "",
        field: "",
    };
    if let Some(mut fields) = Fields::of(&value, &at, &mut found) {
        let _: Option<bool> = fields.optional(SIGNAL);
        fields.finish();
    }
    data.finish("", found)?;
    Ok(signal)
}

/// The signal that was put aside when an object of options was read.
pub(super) fn signal_in(data: &mut Data, found: &mut Vec<Violation>) -> Option<JsValue> {
    let signal = data
        .kept
        .take()
        .filter(|signal| !signal.is_undefined() && !signal.is_null())?;
    if !is_signal(&signal) {
        found.push(Violation::new("type", "must be an AbortSignal").at(SIGNAL));
        return None;
    }
    Some(signal)
}

/// Signals of other realms and of polyfills count too.
fn is_signal(value: &JsValue) -> bool {
    value.is_object()
        && property(value, "aborted").as_bool().is_some()
        && property(value, "addEventListener").is_function()
        && property(value, "removeEventListener").is_function()
}

/// An object of options. `keep` is the name of the one that is no data.
pub(super) fn object(given: &JsValue, keep: &str) -> Result<Data, Refused> {
    if is_signal(given) || tag(given).is_ok_and(|tag| tag == "[object AbortController]") {
        let message = "must be an object with the signal in it: give { signal }, not the signal or its controller alone";
        return Err(Violation::new("type", message).at(OPTIONS).into());
    }
    let mut data = data::read(given, keep);
    if matches!(data.value, Some(Value::Object(_))) {
        return Ok(data);
    }
    let cause = data.cause.take();
    Err(Refused {
        violations: vec![Violation::new("type", "must be an object").at(OPTIONS)],
        cause,
    })
}

fn unreadable(path: &str) -> Refused {
    Violation::new("type", "cannot be read; pass a plain object")
        .at(path)
        .into()
}

/// A whole number between two others.
struct Whole<const LEAST: u64, const MOST: u64>(u64);

impl<const LEAST: u64, const MOST: u64> Read for Whole<LEAST, MOST> {
    fn read(value: &Value, at: &Place<'_>, found: &mut Vec<Violation>) -> Option<Self> {
        let Value::Number(number) = value else {
            at.wrong_type("a number", value, "", found);
            return None;
        };
        match number.as_u64().filter(|number| (LEAST..=MOST).contains(number)) {
            Some(number) => Some(Whole(number)),
            None => {
                let message = format!("must be a whole number from {LEAST} to {MOST}");
                at.report(Violation::new("range", message), found);
                None
            }
        }
    }
}
