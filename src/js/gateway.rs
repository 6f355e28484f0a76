//! The gateway's operations for JavaScript: requests and replies cross as JSON text.

use serde_json::{Map, Value};
use time::Date;
use wasm_bindgen::prelude::wasm_bindgen;

use super::answer;
use crate::error::{ValidationError, Violation};
use crate::exchange::Outgoing;
use crate::json_read::parse;
use crate::{ApiKey, Gateway, GatewayConfig, ListTransactions, OperationName, Routes};

/// Checks the options of a gateway: `{"value":null}`, or everything that is wrong with them.
#[wasm_bindgen]
pub fn check(options: &str) -> String {
    match open(options) {
        Ok(_) => answer::value(&Value::Null),
        Err(refusal) => refusal,
    }
}

/// The request of an operation as it would be sent, `{method, url, headers, body}`.
#[wasm_bindgen]
pub fn request(options: &str, operation: &str, request: &str) -> String {
    match prepare(options, operation, request) {
        Ok(prepared) => answer::request(&prepared.request, prepared.body()),
        Err(refusal) => refusal,
    }
}

/// The gateway that the options describe, or the answer that refuses them.
#[inline(never)]
fn open(options: &str) -> Result<Gateway, String> {
    let options: Value = parse(options).unwrap_or_default();
    let text = |name: &str| options.get(name).and_then(Value::as_str);
    let mut violations = Vec::new();
    let mut keep = |path: &str, violation: Violation| violations.push(violation.at(path));
    // Whatever else is wrong is found too, so a key or routes that cannot be used are replaced for the moment.
    let api_key = ApiKey::new(text("apiKey").unwrap_or_default()).unwrap_or_else(|violation| {
        keep("apiKey", violation);
        ApiKey::none()
    });
    let routes = match options
        .get("routes")
        .filter(|routes| !routes.is_null())
        .map(Routes::from_value)
    {
        None => Routes::default(),
        Some(Ok(routes)) => routes,
        Some(Err(error)) => {
            violations.append(&mut error.into_violations());
            Routes::default()
        }
    };
    let config = GatewayConfig {
        api_key,
        base_url: text("baseUrl").unwrap_or_default().to_owned(),
        cashier_url: text("cashierUrl").map(str::to_owned),
        routes,
        user_agent: text("userAgent").map(str::to_owned),
    };
    match Gateway::new(config) {
        Ok(gateway) if violations.is_empty() => return Ok(gateway),
        Ok(_) => {}
        Err(error) => violations.append(&mut error.into_violations()),
    }
    answer::name_options(&mut violations);
    Err(answer::invalid(&violations))
}

/// An operation that can be sent.
pub(super) struct Prepared {
    pub(super) gateway: Gateway,
    pub(super) name: OperationName,
    pub(super) request: Outgoing,
    /// The id of the payment, by which the gateway's support finds it; empty for a list.
    pub(super) id: String,
}

impl Prepared {
    /// The body's text; nothing for a request without one.
    pub(super) fn body(&self) -> Option<&str> {
        // What was written here is JSON, so it is UTF-8.
        Some(self.request.body.as_slice())
            .filter(|body| !body.is_empty())
            .and_then(|body| std::str::from_utf8(body).ok())
    }
}

/// The operation and its HTTP request, or the answer that refuses them.
#[inline(never)]
pub(super) fn prepare(options: &str, operation: &str, request: &str) -> Result<Box<Prepared>, String> {
    let gateway = open(options)?;
    match read(&gateway, operation, request) {
        Ok((name, request, id)) => Ok(Box::new(Prepared {
            gateway,
            name,
            request,
            id,
        })),
        Err(error) => Err(answer::invalid(error.violations())),
    }
}

fn read(
    gateway: &Gateway,
    operation: &str,
    request: &str,
) -> Result<(OperationName, Outgoing, String), ValidationError> {
    let name: OperationName = operation
        .parse()
        .map_err(|violation: Violation| violation.at("operation"))?;
    // TypeScript wrote the text, so it is JSON, though it may nest deeper than is read here.
    let value = parse(request)
        .ok_or_else(|| Violation::new("json", "nests too deep; give plain data").at("request"))?;
    let request = gateway.outgoing(name, &value)?;
    Ok((name, request, id(&value).unwrap_or_default().to_owned()))
}

/// The id in a request: of the payment that it opens, or of the one that it is about.
fn id(request: &Value) -> Option<&str> {
    let fields = request.get("request").unwrap_or(request);
    let id = ["tracking_id", "transaction_id", "id"]
        .iter()
        .find_map(|name| fields.get(name));
    id.unwrap_or(request).as_str()
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
        Ok((from, to)) => answer::value(&Value::Array(
            ListTransactions::windows(from, to).map(written_window).collect(),
        )),
        Err(error) => answer::invalid(error.violations()),
    }
}

fn written_window(window: ListTransactions) -> Value {
    let mut object = Map::new();
    for (name, day) in [("from", window.from()), ("to", window.to())] {
        object.insert(
            name.to_owned(),
            day.map(|day| crate::calendar::write(day, '-')).into(),
        );
    }
    Value::Object(object)
}

fn days(range: &str) -> Result<(Date, Date), ValidationError> {
    let mut range: Value = parse(range).unwrap_or_default();
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
    match ListTransactions::from_value(&Value::Object(Map::from_iter([(name.to_owned(), day)]))) {
        Ok(list) => list.from().or(list.to()),
        Err(error) => {
            violations.extend_from_slice(error.violations());
            None
        }
    }
}
