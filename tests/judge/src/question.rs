//! Reads a question and puts it to the core, through the functions that its users have.

use std::time::Duration;

use edge_cashier::retry::{Retry, RetryPolicy, decide};
use edge_cashier::{
    ApiKey, Gateway, GatewayConfig, GatewayError, Incoming, ListTransactions, OperationName, Routes,
    ValidationError, Violation, json,
};
use serde_json::{Value, json};

use crate::{Failure, answer};

/// The answer to a line.
pub(crate) fn answer(line: &str) -> Result<Value, Failure> {
    // Not by `serde_json`, which takes an object with a field of a certain name for a number.
    let question = json::parse(line).ok_or("this is not JSON")?;
    match text(&question, "ask")? {
        "options" => Ok(answer::violations(&options(&question)?.1)),
        "request" => request(&question),
        "received" => received(&question),
        "problem" => problem(&question),
        "windows" => windows(&question),
        other => Err(format!("`{other}` is no question").into()),
    }
}

fn field<'q>(of: &'q Value, name: &str) -> Result<&'q Value, Failure> {
    of.get(name).ok_or_else(|| format!("`{name}` is missing").into())
}

fn text<'q>(of: &'q Value, name: &str) -> Result<&'q str, Failure> {
    field(of, name)?
        .as_str()
        .ok_or_else(|| format!("`{name}` is no text").into())
}

/// A text that may be missing.
fn optional<'q>(of: &'q Value, name: &str) -> Result<Option<&'q str>, Failure> {
    of.get(name).map(|_| text(of, name)).transpose()
}

fn number<N: TryFrom<u64>>(of: &Value, name: &str) -> Result<N, Failure> {
    field(of, name)?
        .as_u64()
        .and_then(|number| number.try_into().ok())
        .ok_or_else(|| format!("`{name}` is no whole number that fits").into())
}

/// The gateway, if nothing is wrong with its options, and everything that is, in the order in which JavaScript is told.
fn options(question: &Value) -> Result<(Option<Gateway>, Vec<Violation>), Failure> {
    let given = field(question, "options")?;
    let mut wrong = Vec::new();
    let mut keep = |path: &str, violation: Violation| wrong.push(violation.at(path));
    let api_key = ApiKey::new(text(given, "apiKey")?).or_else(|violation| {
        keep("apiKey", violation);
        // The rest is checked all the same.
        ApiKey::new("x")
    })?;
    let mut routes = Routes::default();
    let mut wrong_routes = Vec::new();
    if let Some(given) = given.get("routes") {
        match Routes::from_value(given) {
            Ok(read) => routes = read,
            Err(error) => wrong_routes = error.into_violations(),
        }
    }
    let config = GatewayConfig {
        api_key,
        base_url: text(given, "baseUrl")?.to_owned(),
        cashier_url: optional(given, "cashierUrl")?.map(str::to_owned),
        routes,
        user_agent: Some(text(given, "userAgent")?.to_owned()),
    };
    let gateway = match Gateway::new(config) {
        Ok(gateway) => Some(gateway),
        Err(error) => {
            for violation in error.into_violations() {
                keep(in_javascript(&violation.path), violation.clone());
            }
            None
        }
    };
    wrong.append(&mut wrong_routes);
    Ok((gateway.filter(|_| wrong.is_empty()), wrong))
}

/// JavaScript's name of an option.
fn in_javascript(name: &str) -> &str {
    match name {
        "base_url" => "baseUrl",
        "cashier_url" => "cashierUrl",
        "user_agent" => "userAgent",
        other => other,
    }
}

/// A gateway whose options are right.
fn open(question: &Value) -> Result<Gateway, Failure> {
    let (gateway, wrong) = options(question)?;
    gateway.ok_or_else(|| format!("the options are wrong: {wrong:?}").into())
}

fn operation(question: &Value) -> Result<OperationName, Failure> {
    let name = text(question, "operation")?;
    OperationName::parse(name).ok_or_else(|| format!("`{name}` is no operation").into())
}

fn request(question: &Value) -> Result<Value, Failure> {
    let gateway = open(question)?;
    let request = field(question, "request")?;
    let built = text(question, "operation")?
        .parse::<OperationName>()
        .map_err(|violation| ValidationError::from(violation.at("operation")))
        .and_then(|name| {
            gateway.request_for(name, request)?;
            // Of the same request, since an `http::Uri` writes a scheme in small letters, whatever was given.
            gateway.outgoing(name, request)
        });
    Ok(match built {
        Ok(request) => answer::request(&request),
        Err(error) => answer::violations(error.violations()),
    })
}

fn received(question: &Value) -> Result<Value, Failure> {
    let gateway = open(question)?;
    let name = operation(question)?;
    let bytes = body(question)?;
    let body = String::from_utf8_lossy(&bytes);
    let headers = field(question, "headers")?;
    let reply = Incoming {
        status: number(question, "status")?,
        headers: &|name| headers.get(name)?.as_str(),
        body: &body,
        is_utf8: std::str::from_utf8(&bytes).is_ok(),
    };
    match gateway.incoming(name, &reply) {
        Ok(reply) => Ok(json!({
            "address": address(&gateway, name, &reply),
            "reply": answer::keyless(reply),
        })),
        Err(error) => failed(question, name, error),
    }
}

fn body(question: &Value) -> Result<Vec<u8>, Failure> {
    if let Some(text) = optional(question, "text")? {
        return Ok(text.as_bytes().to_vec());
    }
    let (pairs, rest) = text(question, "hex")?.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err("`hex` ends within a byte".into());
    }
    pairs
        .iter()
        .map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
        .collect()
}

/// The hosted cashier's address, which JavaScript gets beside its token.
fn address(gateway: &Gateway, name: OperationName, reply: &Value) -> Option<String> {
    let hosted = matches!(
        name,
        OperationName::HostedDeposit | OperationName::HostedWithdrawal
    );
    let token = reply.get("token").filter(|_| hosted)?.as_str()?;
    gateway.cashier_url(token)
}

fn problem(question: &Value) -> Result<Value, Failure> {
    let name = operation(question)?;
    let error = match optional(question, "detail")? {
        Some(detail) => open(question)?.transport_error(name, detail),
        None => GatewayError::timeout(name, Duration::from_millis(number(question, "timeoutMs")?)),
    };
    failed(question, name, error)
}

/// An error that knows of its call, and whether to send the request again.
fn failed(question: &Value, name: OperationName, error: GatewayError) -> Result<Value, Failure> {
    let about = field(question, "about")?;
    let retry = field(question, "retry")?;
    let attempts = number(about, "attempts")?;
    let policy = RetryPolicy::with_max_retries(number(retry, "maxRetries")?);
    let random = field(retry, "random")?.as_f64().ok_or("`random` is no number")?;
    let wait = match decide(name, attempts, &error, &policy, random) {
        Retry::After(wait) => Some(u64::try_from(wait.as_millis())?),
        Retry::GiveUp => None,
    };
    let error = error
        .about(text(about, "id")?, text(about, "method")?, text(about, "url")?)
        .after_attempts(attempts, text(about, "time")?);
    Ok(json!({ "error": answer::error(&error), "wait": wait }))
}

/// More than fall into the longest range that JavaScript takes, 20 years.
const MOST_WINDOWS: usize = 1100;

fn windows(question: &Value) -> Result<Value, Failure> {
    let end = |name: &str| ListTransactions::from_value(&json!({ name: question.get(name) }));
    let (first, last) = (end("from"), end("to"));
    let wrong: Vec<Violation> = [&first, &last]
        .into_iter()
        .filter_map(|day| day.as_ref().err())
        .flat_map(|error| error.violations().iter().cloned())
        .collect();
    let (Ok(first), Ok(last)) = (first, last) else {
        return Ok(answer::violations(&wrong));
    };
    let to = last.to().ok_or("`to` is missing")?;
    let gateway = open(question)?;
    let windows = ListTransactions::windows(first.from().unwrap_or(to), to)
        .take(MOST_WINDOWS)
        .map(|window| Ok(gateway.request(&window)?.uri().query().map(str::to_owned)))
        .collect::<Result<Vec<_>, Failure>>()?;
    Ok(json!({ "windows": windows }))
}
