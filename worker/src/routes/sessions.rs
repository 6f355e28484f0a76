//! `POST /v1/sessions` and `GET /v1/sessions/{tracking_id}`: the storefront's side.

use axum::Json;
use axum::extract::State;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use worker::Env;

use super::App;
use super::extract::{Path, Query, RequestId, WholeBody};
use crate::payment::message::{Command, Open, Opened, Read};
use crate::payment::{self, Told};
use crate::problem::{Code, Problem};
use crate::ticket::launch::Launch;
use crate::ticket::{Claims, Purpose};
use crate::{clock, log};

/// The browser has nothing to say, so it may say little: `{}` and some white space.
const MAX_BODY_BYTES: usize = 1024;

/// The longest wait that is asked of the object: below the 30 s after which proxies begin to give up.
const MAX_WAIT_S: u64 = 25;

/// Opens a cashier.
///
/// 1. Slow down whoever asks too often.
/// 2. Verify the ticket; forged, expired or for somebody else is 401.
/// 3. Refuse a body: money and identity come from the ticket alone.
/// 4. Validate what the ticket asks for; every violation is named.
/// 5. Let the payment's object open it, once.
#[worker::send]
pub(super) async fn open(
    State(app): State<App>,
    RequestId(request_id): RequestId,
    headers: HeaderMap,
    body: WholeBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let ip = text(&headers, "cf-connecting-ip");
    // (1)
    slow_down(&app.env, ip, &request_id).await?;
    // (2)
    let claims = claims(&app, &headers, Purpose::Open)?;
    // (3)
    refuse_contents(&body)?;
    // (4)
    let launch = Launch::read(&claims, &app.config.gateway, clock::today())?;
    // (5)
    let tracking_id = launch.tracking_id.as_str().to_owned();
    let command = Command::Open(open_command(launch, ip, &request_id));
    let opened: Told<Opened> = payment::tell(&app.env, &tracking_id, &command, &request_id).await;
    let opened = opened.map_err(|_| Problem::internal())??;
    let status = if opened.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(opened.session)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Wait {
    /// Whole seconds; more than the longest wait is the longest wait.
    wait: Option<u64>,
    /// The version that the asker knows.
    version: Option<i64>,
}

/// Says how a payment stands.
///
/// 1. Verify the ticket; for reading it stays good for a day after `exp`.
/// 2. It must be this payment's ticket, and (the object checks) this payment's user.
/// 3. Let the object answer, now or when something changes.
#[worker::send]
pub(super) async fn read(
    State(app): State<App>,
    RequestId(request_id): RequestId,
    headers: HeaderMap,
    Path(tracking_id): Path<String>,
    query: Result<Query<Wait>, Problem>,
) -> Result<Json<Value>, Problem> {
    // (1)
    let claims = claims(&app, &headers, Purpose::Read)?;
    // (2)
    let user_id = match (claims.tracking_id(), claims.user_id()) {
        (Some(jti), Some(sub)) if jti == tracking_id => sub.to_owned(),
        _ => {
            return Err(Problem::new(
                Code::TicketMismatch,
                "The ticket's jti must be the tracking id in the address, and its sub the user's id.",
            ));
        }
    };
    // (3)
    let Query(Wait { wait, version }) = query?;
    let command = Command::Read(Read {
        user_id,
        wait_ms: wait.unwrap_or_default().min(MAX_WAIT_S) * 1000,
        version,
    });
    let state: Told<Value> = payment::tell(&app.env, &tracking_id, &command, &request_id).await;
    Ok(Json(state.map_err(|_| Problem::internal())??))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn claims(app: &App, headers: &HeaderMap, purpose: Purpose) -> Result<Claims, Problem> {
    let authorization = text(headers, AUTHORIZATION.as_str());
    app.config.tickets.verify(authorization, purpose, clock::now_s())
}

fn open_command(launch: Launch, ip: Option<&str>, request_id: &str) -> Open {
    let mut contents = launch.request;
    if let (Some(fields), Some(ip)) = (contents.get_mut("request").and_then(Value::as_object_mut), ip) {
        fields.insert(String::from("ip"), Value::from(ip));
    }
    Open {
        request_id: request_id.to_owned(),
        tracking_id: launch.tracking_id,
        user_id: launch.user_id,
        operation: launch.operation,
        request: contents,
        digest: launch.digest,
        amount: launch.amount.to_string(),
        expected: launch.expected,
    }
}

/// Without the binding `SESSION_RATE` there is no limit; if the limiter itself fails, payments go on.
async fn slow_down(env: &Env, ip: Option<&str>, request_id: &str) -> Result<(), Problem> {
    let (Ok(limiter), Some(ip)) = (env.rate_limiter("SESSION_RATE"), ip) else {
        return Ok(());
    };
    match limiter.limit(ip.to_owned()).await {
        Ok(outcome) if outcome.success => Ok(()),
        Ok(_) => Err(
            Problem::new(Code::RateLimited, "Wait a little before the next session.").with_retry_after(60),
        ),
        Err(error) => {
            log::failure(request_id, "rate limiter", &error);
            Ok(())
        }
    }
}

fn refuse_contents(body: &WholeBody) -> Result<(), Problem> {
    let empty = |body: &[u8]| {
        body.trim_ascii().is_empty()
            || serde_json::from_slice::<Map<_, _>>(body).is_ok_and(|members| members.is_empty())
    };
    match body {
        WholeBody::Read(body) if body.len() > MAX_BODY_BYTES => {
            Err(Problem::new(Code::PayloadTooLarge, "Send no body, or {}."))
        }
        WholeBody::Read(body) if empty(body) => Ok(()),
        WholeBody::TooLarge => Err(Problem::new(Code::PayloadTooLarge, "Send no body, or {}.")),
        WholeBody::Read(_) | WholeBody::Broken => Err(Problem::new(
            Code::UnexpectedBody,
            "Send no body, or {}: what is paid and by whom stands in the ticket, which only the merchant can sign.",
        )),
    }
}
