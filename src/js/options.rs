//! The options of a `Gateway` and of one call, checked: everything that is wrong is reported at once, and no name is ignored.

use std::time::Duration;

use js_sys::Function;
use serde_json::Value;
use wasm_bindgen::{JsCast as _, JsValue};

use super::data::{self, Data};
use super::error::Refused;
use super::host::{define, property, tag};
use crate::gateway::retry::RetryPolicy;
use crate::gateway::{ApiKey, Gateway, GatewayConfig};
use crate::read::fields::{Fields, Place, Read, whole_number};
use crate::read::report::Report;
use crate::read::text::Verbatim;
use crate::read::violation::{ValidationError, Violation};

const FETCH: &str = "fetch";
const SIGNAL: &str = "signal";
const OPTIONS: &str = "options";

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// `setTimeout` takes no more.
const MAX_TIMEOUT_MS: u64 = 2_147_483_647;
const MAX_RETRIES: u64 = 10;

/// Used in place of what is wrong or missing, so that the rest is checked all the same.
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
    let mut report = Report::default();
    let fetch = function(data.kept.take(), &mut report);
    let Some(mut fields) = Fields::of(&value, &Place::TOP, &mut report) else {
        return Err(data.refuse("", report.into_violations()));
    };
    let api_key = fields.required(
        "apiKey",
        "give the key from the merchant portal (Settings > Credentials)",
    );
    let base_url = fields.required(
        "baseUrl",
        "give the gateway's address from the merchant portal, for example https://gateway.example/api",
    );
    let cashier_url = fields.optional("cashierUrl").map(|Verbatim(url)| url);
    let product = fields.optional("userAgent").map(|Verbatim(product)| product);
    let routes = fields.optional("routes").unwrap_or_default();
    let timeout = fields.optional("timeoutMs").map(|Timeout(timeout)| timeout);
    let retries = fields.optional("maxRetries").map(|Retries(retries)| retries);
    let allow_insecure = fields.optional("allowInsecure").unwrap_or_default();
    // A function is no data and was set aside; this makes its name known.
    let _: Option<bool> = fields.optional(FETCH);
    let key = api_key.as_ref().map_or(ANY_KEY, |Verbatim(key)| key);
    let key = ApiKey::new(key);
    fields.check("apiKey", key.as_ref().map(drop).map_err(Clone::clone));
    fields.finish();
    let gateway = Gateway::new(GatewayConfig {
        api_key: key.or_else(|_| ApiKey::new(ANY_KEY))?,
        base_url: base_url.map_or_else(|| ANY_URL.to_owned(), |Verbatim(url)| url),
        cashier_url,
        routes,
        user_agent: Some(user_agent(runtime, product.as_deref())),
        allow_insecure,
    });
    match gateway {
        Ok(gateway) if report.len() == 0 && data.is_exact() => Ok(Options {
            gateway,
            timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
            retries: retries.unwrap_or_default(),
            copy: copy(&value, fetch.as_ref())?,
            fetch,
            api_key: api_key.map(|Verbatim(key)| key).unwrap_or_default(),
        }),
        checked => {
            for violation in checked
                .err()
                .into_iter()
                .flat_map(ValidationError::into_violations)
            {
                report.add(with_option_name(violation));
            }
            Err(data.refuse("", report.into_violations()))
        }
    }
}

/// Writes `edge-cashier/0.1.0 (node/24.9.0) my-shop/1.4`.
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

/// Replaces the Rust names of the core's configuration by the options' names.
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

fn function(given: Option<JsValue>, report: &mut Report) -> Option<Function> {
    let given = given.filter(|given| !given.is_undefined() && !given.is_null())?;
    let function = given.dyn_into().ok();
    if function.is_none() {
        let message = "must be a function that is called like the platform's fetch";
        report.add(Violation::new("type", message).at(FETCH));
    }
    function
}

/// Reads the options of a call, of which there is one: its signal.
pub(super) fn signal(given: &JsValue) -> Result<Option<JsValue>, Refused> {
    if given.is_undefined() || given.is_null() {
        return Ok(None);
    }
    let mut data = object(given, SIGNAL)?;
    let mut report = Report::default();
    let signal = signal_in(&mut data, &mut report);
    let value = Value::Object(data.object());
    if let Some(mut fields) = Fields::of(&value, &Place::TOP, &mut report) {
        let _: Option<bool> = fields.optional(SIGNAL);
        fields.finish();
    }
    data.finish("", report.into_violations())?;
    Ok(signal)
}

/// Checks the signal that was set aside when an object of options was read.
pub(super) fn signal_in(data: &mut Data, report: &mut Report) -> Option<JsValue> {
    let signal = data
        .kept
        .take()
        .filter(|signal| !signal.is_undefined() && !signal.is_null())?;
    if !is_signal(&signal) {
        report.add(Violation::new("type", "must be an AbortSignal").at(SIGNAL));
        return None;
    }
    Some(signal)
}

/// Recognises signals of other realms and of polyfills too.
fn is_signal(value: &JsValue) -> bool {
    value.is_object()
        && property(value, "aborted").as_bool().is_some()
        && property(value, "addEventListener").is_function()
        && property(value, "removeEventListener").is_function()
}

/// Reads an object of options. `keep` is the name of the one that is no data.
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

pub(super) fn unreadable(path: &str) -> Refused {
    Violation::new("type", "cannot be read; pass a plain object")
        .at(path)
        .into()
}

/// How long a call may take.
struct Timeout(Duration);

impl Read for Timeout {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let milliseconds = whole_number(value, 1..=MAX_TIMEOUT_MS, at, report)?;
        Some(Timeout(Duration::from_millis(milliseconds)))
    }
}

/// How often a call is sent again.
struct Retries(RetryPolicy);

impl Read for Retries {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let retries = whole_number(value, 0..=MAX_RETRIES, at, report)?;
        Some(Retries(RetryPolicy::with_max_retries(
            u32::try_from(retries).ok()?,
        )))
    }
}
