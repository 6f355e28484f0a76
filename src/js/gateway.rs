//! The gateway's operations for JavaScript: requests and replies cross as JSON text.

use serde_json::{Map, Value, json};
use time::Date;
use wasm_bindgen::prelude::wasm_bindgen;

use super::answer;
use crate::error::{ValidationError, Violation};
use crate::{ApiKey, Gateway, GatewayConfig, ListTransactions, OperationName, Routes};

/// Checks the options of a gateway: `{"value":null}`, or everything that is wrong with them.
#[wasm_bindgen]
pub fn check(options: &str) -> String {
    match open(options) {
        Ok(_) => answer::value(Value::Null),
        Err(violations) => answer::invalid_options(&violations),
    }
}

/// The request of an operation as it would be sent, `{method, url, headers, body}`.
#[wasm_bindgen]
pub fn request(options: &str, operation: &str, request: &str) -> String {
    let gateway = match open(options) {
        Ok(gateway) => gateway,
        Err(violations) => return answer::invalid_options(&violations),
    };
    match prepare(&gateway, operation, request) {
        Ok((_, request)) => answer::value(written(&request)),
        Err(error) => answer::invalid(&error),
    }
}

/// The gateway that the options describe.
pub(super) fn open(options: &str) -> Result<Gateway, Vec<Violation>> {
    let options: Value = serde_json::from_str(options).unwrap_or_default();
    let text = |name: &str| options.get(name).and_then(Value::as_str);
    let mut violations = Vec::new();
    let api_key = ApiKey::new(text("apiKey").unwrap_or_default())
        .map_err(|violation| violations.push(violation.at("apiKey")))
        .ok();
    let routes = match options
        .get("routes")
        .filter(|routes| !routes.is_null())
        .map(Routes::from_value)
    {
        None => Some(Routes::default()),
        Some(routes) => routes
            .map_err(|error| violations.extend_from_slice(error.violations()))
            .ok(),
    };
    // Whatever else is wrong is found too, so a key or routes that cannot be used are replaced for the moment.
    let config = GatewayConfig {
        api_key: match api_key.map_or_else(|| ApiKey::new("none"), Ok) {
            Ok(key) => key,
            Err(violation) => return Err(vec![violation]),
        },
        base_url: text("baseUrl").unwrap_or_default().to_owned(),
        cashier_url: text("cashierUrl").map(str::to_owned),
        routes: routes.unwrap_or_default(),
        user_agent: text("userAgent").map(str::to_owned),
    };
    match Gateway::new(config) {
        Ok(gateway) if violations.is_empty() => Ok(gateway),
        Ok(_) => Err(violations),
        Err(error) => {
            violations.extend_from_slice(error.violations());
            Err(violations)
        }
    }
}

/// The operation and its HTTP request.
pub(super) fn prepare(
    gateway: &Gateway,
    operation: &str,
    request: &str,
) -> Result<(OperationName, http::Request<Vec<u8>>), ValidationError> {
    let name: OperationName = operation
        .parse()
        .map_err(|violation: Violation| violation.at("operation"))?;
    // TypeScript wrote the text, so it is JSON, though it may nest deeper than is read here.
    let value: Value = serde_json::from_str(request)
        .map_err(|_| Violation::new("json", "nests too deep; give plain data").at("request"))?;
    gateway.request_for(name, &value).map(|request| (name, request))
}

fn written(request: &http::Request<Vec<u8>>) -> Value {
    let headers: Map<String, Value> = request
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into(),
            )
        })
        .collect();
    json!({ "method": request.method().as_str(), "url": request.uri().to_string(), "headers": headers, "body": body(request) })
}

/// The body's text; nothing for a request without one.
pub(super) fn body(request: &http::Request<Vec<u8>>) -> Option<String> {
    (!request.body().is_empty()).then(|| String::from_utf8_lossy(request.body()).into_owned())
}

/// More days than this are a mistake in a date: thousands of calls.
const MAX_DAYS: i64 = 20 * 366;
const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;
/// The Julian day of 1970-01-01.
const EPOCH: i64 = 2_440_588;

/// The windows of at most 7 days that a range of days falls into: `[{from, to}, …]`. `range` is `{from?, to?, today}`, today in
/// milliseconds since 1970; no `to` means today, no `from` means one day.
#[wasm_bindgen]
pub fn windows(range: &str) -> String {
    match days(range) {
        Ok((from, to)) => answer::value(
            ListTransactions::windows(from, to)
                .map(|window| json!({ "from": window.from().map(written_day), "to": window.to().map(written_day) }))
                .collect(),
        ),
        Err(error) => answer::invalid(&error),
    }
}

fn days(range: &str) -> Result<(Date, Date), ValidationError> {
    let mut range: Value = serde_json::from_str(range).unwrap_or_default();
    let today = range
        .as_object_mut()
        .and_then(|range| range.shift_remove("today"))
        .and_then(|today| today.as_i64())
        .unwrap_or_default();
    let mut violations = Vec::new();
    // Each end is read on its own: the gateway's limit is for one window, not for the whole range.
    let from = take_day(&mut range, "from", &mut violations);
    let to = take_day(&mut range, "to", &mut violations);
    if let Err(error) = ListTransactions::from_value(&range) {
        violations.extend_from_slice(error.violations());
    }
    let today = i32::try_from(EPOCH + today.div_euclid(MILLISECONDS_OF_A_DAY))
        .ok()
        .and_then(|day| Date::from_julian_day(day).ok());
    let to = to.or(today).unwrap_or(Date::MIN);
    let from = from.unwrap_or(to);
    let apart = (to - from).whole_days();
    if apart < 0 && violations.is_empty() {
        violations.push(Violation::new("range", "ends before it starts; exchange `from` and `to`").at("to"));
    }
    if apart > MAX_DAYS {
        violations.push(
            Violation::new(
                "range",
                "is more than 20 years after `from`; ask for less at a time",
            )
            .at("to"),
        );
    }
    ValidationError::check(violations)?;
    Ok((from, to))
}

/// Takes one end out of the range; what is no day is a violation.
fn take_day(range: &mut Value, name: &str, violations: &mut Vec<Violation>) -> Option<Date> {
    let day = range.as_object_mut()?.shift_remove(name)?;
    match ListTransactions::from_value(&json!({ name: day })) {
        Ok(list) => list.from().or(list.to()),
        Err(error) => {
            violations.extend_from_slice(error.violations());
            None
        }
    }
}

fn written_day(day: Date) -> String {
    crate::calendar::write(day, '-')
}
