//! `POST /v1/sessions` and `GET /v1/sessions/{tracking_id}`: the storefront's side.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use worker::{Env, Method, Request, RequestInit};

use crate::body::{self, BodyError};
use crate::config::Config;
use crate::payment::message::{Command, Open, OpenReply, Read, ReadReply};
use crate::problem::{Code, Problem};
use crate::respond::{Answer, Outcome};
use crate::ticket::Purpose;
use crate::ticket::launch::Launch;
use crate::{clock, log};

/// The browser has nothing to say, so it may say little: `{}` and some white space.
const MAX_SESSION_BODY_BYTES: usize = 1024;

/// The longest wait that is asked of the object: below the 30 s after which proxies begin to give up.
const MAX_WAIT_S: u64 = 25;

/// Opens a cashier.
///
/// 1. Slow down whoever asks too often.
/// 2. Verify the ticket; forged, expired or for somebody else is 401.
/// 3. Refuse a body: money and identity come from the ticket alone.
/// 4. Validate what the ticket asks for; every violation is named.
/// 5. Let the payment's object open it, once.
pub(crate) async fn open(request: &mut Request, env: &Env, config: &Config, request_id: &str) -> Outcome {
    let ip = header(request, "cf-connecting-ip");
    // (1)
    slow_down(env, ip.as_deref(), request_id).await?;
    // (2)
    let authorization = header(request, "authorization");
    let claims = config
        .tickets
        .verify(authorization.as_deref(), Purpose::Open, clock::now_s())?;
    // (3)
    refuse_contents(request, request_id).await?;
    // (4)
    let launch = Launch::read(&claims, &config.gateway)?;
    // (5)
    let tracking_id = launch.tracking_id.as_str().to_owned();
    let mut contents = launch.request;
    if let (Some(fields), Some(ip)) = (contents.get_mut("request").and_then(Value::as_object_mut), ip) {
        fields.insert(String::from("ip"), Value::String(ip));
    }
    let command = Command::Open(Open {
        request_id: request_id.to_owned(),
        tracking_id: tracking_id.clone(),
        user_id: launch.user_id.as_str().to_owned(),
        operation: launch.operation.as_str().to_owned(),
        request: contents,
        digest: launch.digest,
        amount: launch.amount.to_string(),
        expected: launch.expected,
    });
    let reply: OpenReply = tell(env, &tracking_id, &command, request_id)
        .await
        .map_err(|_| Problem::internal())?;
    let opened = reply?;
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
    env: &Env,
    config: &Config,
    tracking_id: &str,
    request_id: &str,
) -> Outcome {
    // (1)
    let authorization = header(request, "authorization");
    let claims = config
        .tickets
        .verify(authorization.as_deref(), Purpose::Read, clock::now_s())?;
    // (2)
    let user_id = match (claims.tracking_id(), claims.user_id()) {
        (Some(jti), Some(sub)) if jti == tracking_id => sub.to_owned(),
        _ => {
            let detail =
                "The ticket's jti must be the tracking id in the address, and its sub the user's id.";
            return Err(Problem::new(Code::TicketMismatch, detail));
        }
    };
    let (wait_s, version) = wait(request)?;
    // (3)
    let command = Command::Read(Read {
        user_id,
        wait_ms: wait_s * 1000,
        version,
    });
    let reply: ReadReply = tell(env, tracking_id, &command, request_id)
        .await
        .map_err(|_| Problem::internal())?;
    Ok(Answer::Json {
        status: 200,
        body: reply?,
    })
}

/// Sends a command to the object of a tracking id. What fails here is the runtime, not the payment; it is in the log.
pub(crate) async fn tell<T: DeserializeOwned>(
    env: &Env,
    tracking_id: &str,
    command: &Command,
    request_id: &str,
) -> Result<T, worker::Error> {
    let told = async {
        let stub = env.durable_object("PAYMENT")?.get_by_name(tracking_id)?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_body(Some(serde_json::to_string(command)?.into()));
        let mut response = stub
            .fetch_with_request(Request::new_with_init("https://payment.internal/", &init)?)
            .await?;
        let body = response.bytes().await?;
        if response.status_code() != 200 {
            return Err(worker::Error::RustError(format!(
                "the object answered {}",
                response.status_code()
            )));
        }
        Ok(serde_json::from_slice(&body)?)
    };
    told.await
        .inspect_err(|error: &worker::Error| log::failure(request_id, "payment object", &error.to_string()))
}

pub(crate) fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

/// Without the binding `SESSION_RATE` there is no limit; if the limiter itself fails, payments go on.
async fn slow_down(env: &Env, ip: Option<&str>, request_id: &str) -> Result<(), Problem> {
    let (Ok(limiter), Some(ip)) = (env.rate_limiter("SESSION_RATE"), ip) else {
        return Ok(());
    };
    match limiter.limit(ip.to_owned()).await {
        Ok(outcome) if !outcome.success => Err(Problem::new(
            Code::RateLimited,
            "Wait a little before the next session.",
        )
        .with_retry_after(60)),
        Ok(_) => Ok(()),
        Err(error) => {
            log::failure(request_id, "rate limiter", &error.to_string());
            Ok(())
        }
    }
}

async fn refuse_contents(request: &mut Request, request_id: &str) -> Result<(), Problem> {
    let refused = || {
        let detail = "Send no body, or {}: what is paid and by whom stands in the ticket, which only the merchant can sign.";
        Problem::new(Code::UnexpectedBody, detail)
    };
    let body = body::read_request(request, MAX_SESSION_BODY_BYTES)
        .await
        .map_err(|error| match error {
            BodyError::TooLarge => Problem::new(Code::PayloadTooLarge, "Send no body, or {}."),
            BodyError::Broken(error) => {
                log::failure(request_id, "request body", &error.to_string());
                refused()
            }
        })?;
    let empty = body.iter().all(u8::is_ascii_whitespace)
        || serde_json::from_slice::<Map<String, Value>>(&body).is_ok_and(|members| members.is_empty());
    if empty { Ok(()) } else { Err(refused()) }
}

/// The query: `wait` in whole seconds (more than the longest wait is the longest wait) and the `version` that the asker knows.
fn wait(request: &Request) -> Result<(u64, Option<i64>), Problem> {
    let url = request.inner().url();
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
        format!("The parameter {name} must be a whole number."),
    )
}
