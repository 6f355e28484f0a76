//! The gateway's operations for JavaScript. A call is a conversation: TypeScript asks for the request, sends it, and asks what the answer means; time
//! and the network are its part. Everything crosses as JSON text.

use std::time::Duration;

use time::Date;
use wasm_bindgen::prelude::wasm_bindgen;

use super::answer;
use crate::address::{check_base_url, check_cashier_url};
use crate::error::{ValidationError, Violation};
use crate::exchange::{Incoming, Outgoing, check_header};
use crate::gateway::NO_API_KEY;
use crate::json_read::Node;
use crate::json_text::push_string;
use crate::operation::{parse_day, wire};
use crate::retry::{Retry, RetryPolicy, decide};
use crate::routes::ROUTES;
use crate::shape::{Field, Rule, Shape};
use crate::validate::Report;
use crate::{ApiKey, Gateway, GatewayError, ListTransactions, OperationName};

/// The options of a gateway, by the names that JavaScript has for them.
static OPTIONS: Shape = Shape::of(&[
    Field::needed("apiKey", Rule::Text(ApiKey::check), NO_API_KEY),
    Field::needed(
        "baseUrl",
        Rule::Text(check_base_url),
        "give the gateway's address from the merchant portal, for example https://gateway.example/api",
    ),
    Field::new("cashierUrl", Rule::Text(check_cashier_url)),
    Field::new("userAgent", Rule::Text(check_header)),
    Field::new("routes", Rule::Object(&ROUTES)),
]);

/// Checks the options of a gateway: `{"value":null}`, or everything that is wrong with them.
#[wasm_bindgen]
pub fn check(options: &str) -> String {
    let mut report = Report::default();
    match Node::parse(options) {
        Some(options) => OPTIONS.check(&options, "", &mut report),
        None => report.add("options".to_owned(), "json", "nests too deep; give plain data"),
    }
    match report.finish(()) {
        Ok(()) => answer::value("null"),
        Err(error) => answer::invalid(error.violations()),
    }
}

/// The request of an operation as it would be sent, `{id, method, url, headers, body}`. The options have been checked.
#[wasm_bindgen]
pub fn request(options: &str, operation: &str, request: &str) -> String {
    match prepare(options, operation, request) {
        Ok((request, id)) => answer::request(&request, &id),
        Err(error) => answer::invalid(error.violations()),
    }
}

fn open(options: &str) -> Gateway {
    Gateway::build_from(&Node::parse(options).unwrap_or(Node::Null))
}

fn prepare(options: &str, operation: &str, request: &str) -> Result<(Outgoing, String), ValidationError> {
    let name: OperationName = operation
        .parse()
        .map_err(|violation: Violation| violation.at("operation"))?;
    // TypeScript wrote the text, so it is JSON, though it may nest deeper than is read here.
    let node = Node::parse(request)
        .ok_or_else(|| Violation::new("json", "nests too deep; give plain data").at("request"))?;
    let request = open(options).build(name, wire(name, &node)?)?;
    Ok((request, id(&node).unwrap_or_default().to_owned()))
}

/// The id in a request: of the payment that it opens, or of the one that it is about.
fn id<'n>(request: &'n Node<'_>) -> Option<&'n str> {
    let fields = request.get("request").unwrap_or(request);
    ["tracking_id", "transaction_id", "id"]
        .iter()
        .find_map(|name| fields.text(name))
        .or(request.as_text())
}

/// What came of sending a request: the operation's reply `{"value":…}`, `{"retry":milliseconds}`, or `{"error":…}`.
///
/// `facts` is `{operation, id, method, url, attempt, maxRetries, random, time}` and either `{status, headers, damaged?}` with the names of headers in lower case, or
/// `{problem, detail, timeoutMs}` when no whole answer came. `damaged` says that the body was no UTF-8.
#[wasm_bindgen]
pub fn received(options: &str, facts: &str, body: &str) -> String {
    let gateway = open(options);
    let facts = Node::parse(facts).unwrap_or(Node::Null);
    let text = |name| facts.text(name).unwrap_or_default();
    let count = |name| facts.get(name).and_then(Node::as_count).unwrap_or_default();
    let name = OperationName::parse(text("operation")).unwrap_or(OperationName::CardPayment);
    let error = match facts.text("problem") {
        None => {
            let headers = facts.get("headers").unwrap_or(&Node::Null);
            let reply = Incoming {
                status: u16::try_from(count("status")).unwrap_or_default(),
                headers: &|name| headers.text(name),
                body,
                is_utf8: facts.get("damaged").is_none(),
            };
            match gateway.incoming_text(name, &reply) {
                Ok(value) => return answer::value(&with_address(&gateway, name, value)),
                Err(error) => error,
            }
        }
        Some("timeout") => GatewayError::timeout(name, Duration::from_millis(count("timeoutMs"))),
        Some(_) => gateway.transport_error(name, facts.text("detail").unwrap_or("no answer")),
    };
    let attempt = u32::try_from(count("attempt")).unwrap_or_default();
    let policy = RetryPolicy::with_max_retries(u32::try_from(count("maxRetries")).unwrap_or_default());
    let random = match facts.get("random") {
        // In millionths: nothing else here needs the reading of floats.
        Some(random) => random.as_count().unwrap_or_default() as f64 / 1e6,
        None => 1.0,
    };
    match decide(name, attempt, &error, &policy, random) {
        Retry::After(pause) if facts.get("last").is_none() => {
            answer::retry(pause.as_millis().try_into().unwrap_or(u64::MAX))
        }
        _ => {
            let error = error
                .about(text("id"), text("method"), text("url"))
                .after_attempts(attempt, text("time"));
            answer::failed(&error, attempt.into())
        }
    }
}

/// The hosted cashier's address beside its token.
fn with_address(gateway: &Gateway, name: OperationName, mut reply: String) -> String {
    let hosted = matches!(
        name,
        OperationName::HostedDeposit | OperationName::HostedWithdrawal
    );
    let address = Node::parse(&reply)
        .filter(|_| hosted)
        .and_then(|reply| gateway.cashier_url(reply.text("token")?));
    if let Some(address) = address {
        // Behind all other fields, so that it is the one that counts.
        reply.pop();
        reply.push_str(",\"cashier_url\":");
        push_string(&mut reply, &address);
        reply.push('}');
    }
    reply
}

/// More days than this are a mistake in a date: thousands of calls.
const MAX_DAYS: i64 = 20 * 366;
/// The Julian day of 1970-01-01.
const EPOCH: i32 = 2_440_588;

/// The windows of at most 7 days that a range of days falls into: `[{from, to}, …]`. `range` is `{from?, to?}`, `today` in
/// days since 1970; no `to` means today, no `from` means one day.
#[wasm_bindgen]
pub fn windows(range: &str, today: i32) -> String {
    match days(range, today) {
        Ok((from, to)) => {
            let mut out = "[".to_owned();
            for window in ListTransactions::windows(from, to) {
                if out.len() > 1 {
                    out.push(',');
                }
                for (name, day) in [("{\"from\":", window.from()), (",\"to\":", window.to())] {
                    out.push_str(name);
                    if let Some(day) = day {
                        push_string(&mut out, &crate::calendar::write(day, '-'));
                    }
                }
                out.push('}');
            }
            out.push(']');
            answer::value(&out)
        }
        Err(error) => answer::invalid(error.violations()),
    }
}

/// Each end is checked on its own: the gateway's limit is for one window, not for the whole range.
static RANGE: Shape = Shape::of(&[
    Field::new("from", Rule::Text(crate::operation::check_day)),
    Field::new("to", Rule::Text(crate::operation::check_day)),
]);

fn days(range: &str, today: i32) -> Result<(Date, Date), ValidationError> {
    let range = Node::parse(range).unwrap_or(Node::Null);
    let mut report = Report::default();
    RANGE.check(&range, "", &mut report);
    report.finish(())?;
    let day = |name| range.text(name).and_then(|text| parse_day(text).ok());
    let today = EPOCH
        .checked_add(today)
        .and_then(|day| Date::from_julian_day(day).ok());
    let to = day("to").or(today).unwrap_or(Date::MIN);
    let from = day("from").unwrap_or(to);
    let apart = (to - from).whole_days();
    let wrong = if apart < 0 {
        "ends before it starts; exchange `from` and `to`"
    } else if apart > MAX_DAYS {
        "is more than 20 years after `from`; ask for less at a time"
    } else {
        return Ok((from, to));
    };
    Err(Violation::new("range", wrong).at("to").into())
}
