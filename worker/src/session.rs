//! `POST /v1/sessions` and `GET /v1/sessions/{tracking_id}`: the storefront's side.

use serde_json::Value;
use wasm_bindgen::JsValue;
use web_sys::Request;

use crate::body::{self, BodyError};
use crate::config::Config;
use crate::host::{self, Failure, header};
use crate::json;
use crate::payment::expectation;
use crate::payment::message::{Command, Open, Opened, Read, Reply, read_reply};
use crate::problem::{Code, Problem};
use crate::respond::{Answer, Outcome};
use crate::ticket::launch::Launch;
use crate::ticket::{Claims, Purpose};
use crate::{clock, log};

/// The browser has nothing to say, so it may say little: `{}` and some white space.
const MAX_SESSION_BODY_BYTES: usize = 1024;

const UNEXPECTED_BODY: &str =
    "Send no body, or {}: what is paid and by whom stands in the ticket, which only the merchant can sign.";

/// The longest wait that is asked of the object: below the 30 s after which proxies begin to give up.
const MAX_WAIT_S: u64 = 25;

/// Opens a cashier.
///
/// 1. Slow down whoever asks too often.
/// 2. Verify the ticket; forged, expired or for somebody else is 401.
/// 3. Refuse a body: money and identity come from the ticket alone.
/// 4. Validate what the ticket asks for; every violation is named.
/// 5. Let the payment's object open it, once.
pub(crate) async fn open(request: &Request, env: &JsValue, config: &Config, request_id: &str) -> Outcome {
    let ip = header(request, "cf-connecting-ip");
    // (1)
    slow_down(env, ip.as_deref(), request_id).await?;
    // (2)
    let claims = claims(request, config, Purpose::Open)?;
    // (3)
    let body = body::read_request(request, MAX_SESSION_BODY_BYTES).await;
    refuse_contents(body, request_id)?;
    // (4)
    let launch = Launch::read(&claims, &config.gateway, clock::today())?;
    // (5)
    let tracking_id = launch.tracking_id.as_str().to_owned();
    let reply = tell(
        env,
        &tracking_id,
        &open_command(launch, ip, request_id),
        request_id,
    )
    .await;
    opened(reply)
}

#[inline(never)]
fn claims(request: &Request, config: &Config, purpose: Purpose) -> Result<Claims, Problem> {
    let authorization = header(request, "authorization");
    config
        .tickets
        .verify(authorization.as_deref(), purpose, clock::now_s())
}

#[inline(never)]
fn open_command(launch: Launch, ip: Option<String>, request_id: &str) -> Command {
    let mut contents = launch.request;
    if let (Some(fields), Some(ip)) = (contents.get_mut("request").and_then(Value::as_object_mut), ip) {
        fields.insert(String::from("ip"), Value::String(ip));
    }
    Command::Open(Open {
        request_id: request_id.to_owned(),
        tracking_id: launch.tracking_id.as_str().to_owned(),
        user_id: launch.user_id.as_str().to_owned(),
        operation: launch.operation.as_str().to_owned(),
        request: contents,
        digest: launch.digest,
        amount: launch.amount.to_string(),
        expected: expectation::to_text(&launch.expected),
    })
}

#[inline(never)]
fn opened(reply: Result<Reply, Failure>) -> Outcome {
    let reply = reply.map_err(|_| Problem::internal())?;
    let opened = Opened::from_json(reply?).ok_or_else(Problem::internal)?;
    Ok(Answer::Json {
        status: if opened.created { 201 } else { 200 },
        body: opened.session,
    })
}

/// Says how a payment stands.
///
/// 1. Verify the ticket; for reading it stays good for a day after `exp`.
/// 2. It must be this payment's ticket, and (the object checks) this payment's user.
/// 3. Let the object answer, now or when something changes.
pub(crate) async fn read(
    request: &Request,
    env: &JsValue,
    config: &Config,
    tracking_id: &str,
    request_id: &str,
) -> Outcome {
    // (1)
    let claims = claims(request, config, Purpose::Read)?;
    // (2)
    let command = read_command(request, &claims, tracking_id)?;
    // (3)
    let reply = tell(env, tracking_id, &command, request_id).await;
    Ok(Answer::Json {
        status: 200,
        body: reply.map_err(|_| Problem::internal())??,
    })
}

#[inline(never)]
fn read_command(request: &Request, claims: &Claims, tracking_id: &str) -> Result<Command, Problem> {
    let user_id = match (claims.tracking_id(), claims.user_id()) {
        (Some(jti), Some(sub)) if jti == tracking_id => sub.to_owned(),
        _ => {
            let detail =
                "The ticket's jti must be the tracking id in the address, and its sub the user's id.";
            return Err(Problem::new(Code::TicketMismatch, detail));
        }
    };
    let (wait_s, version) = wait(&request.url())?;
    Ok(Command::Read(Read {
        user_id,
        wait_ms: wait_s * 1000,
        version,
    }))
}

/// Sends a command to the object of a tracking id. What fails here is the runtime, not the payment; it is in the log.
pub(crate) async fn tell(
    env: &JsValue,
    tracking_id: &str,
    command: &Command,
    request_id: &str,
) -> Result<Reply, Failure> {
    let answer = host::tell(
        host::binding(env, "PAYMENT"),
        tracking_id,
        &json::text(&command.to_json()),
    )
    .await;
    let reply = answer.and_then(|answer| {
        read_reply(&answer).ok_or_else(|| Failure::new("the object's answer is not one of ours"))
    });
    reply.inspect_err(|failure| log::failure(request_id, "payment object", &failure.to_string()))
}

/// Without the binding `SESSION_RATE` there is no limit; if the limiter itself fails, payments go on.
async fn slow_down(env: &JsValue, ip: Option<&str>, request_id: &str) -> Result<(), Problem> {
    let (Some(limiter), Some(ip)) = (host::binding(env, "SESSION_RATE"), ip) else {
        return Ok(());
    };
    match host::passes(&limiter, ip).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(
            Problem::new(Code::RateLimited, "Wait a little before the next session.").with_retry_after(60),
        ),
        Err(failure) => {
            log::failure(request_id, "rate limiter", &failure.to_string());
            Ok(())
        }
    }
}

#[inline(never)]
fn refuse_contents(body: Result<Vec<u8>, BodyError>, request_id: &str) -> Result<(), Problem> {
    let detail = match body {
        Ok(body) if body.iter().all(u8::is_ascii_whitespace) => return Ok(()),
        Ok(body) if json::parse_object(&body).is_some_and(|members| members.names().next().is_none()) => {
            return Ok(());
        }
        Err(BodyError::TooLarge) => {
            return Err(Problem::new(Code::PayloadTooLarge, "Send no body, or {}."));
        }
        Err(BodyError::Broken(failure)) => {
            log::failure(request_id, "request body", &failure.to_string());
            UNEXPECTED_BODY
        }
        Ok(_) => UNEXPECTED_BODY,
    };
    Err(Problem::new(Code::UnexpectedBody, detail))
}

/// The query: `wait` in whole seconds (more than the longest wait is the longest wait) and the `version` that the asker knows.
fn wait(url: &str) -> Result<(u64, Option<i64>), Problem> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut wait_s = 0;
    let mut version = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "wait" => {
                wait_s = value
                    .parse::<u64>()
                    .map_err(|_| invalid_query("wait"))?
                    .min(MAX_WAIT_S)
            }
            "version" => version = Some(value.parse::<i64>().map_err(|_| invalid_query("version"))?),
            // Analytics and proxies add parameters of their own.
            _ => {}
        }
    }
    Ok((wait_s, version))
}

fn invalid_query(name: &str) -> Problem {
    Problem::new(
        Code::InvalidQuery,
        ["The parameter ", name, " must be a whole number."].concat(),
    )
}
