//! `POST /v1/sessions` and `GET /v1/sessions/{tracking_id}`: the storefront's side.

use std::borrow::Cow;
use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use worker::Env;

use super::App;
use super::extract::{Path, Query, RequestId, WholeBody, bearer, header};
use crate::card::CardDetails;
use crate::payment;
use crate::payment::message::{Command, Open, Opened, Read};
use crate::problem::{Code, Problem};
use crate::ticket::launch::Launch;
use crate::ticket::{Claims, Purpose};
use crate::{clock, log};

/// The longest wait that is asked of the object: below the 30 s after which proxies begin to give up.
const MAX_WAIT_S: u64 = 25;

/// Opens a cashier.
///
/// 1. Slow down whoever asks too often, and verify the ticket; forged, expired or for somebody else is 401.
/// 2. Refuse a body but for `{}` and the token of Turnstile, as JSON: money and identity come from the ticket alone.
/// 3. Validate what the ticket asks for; every violation is named.
/// 4. Ask Turnstile, where it is switched on, whether a person asks.
/// 5. Let the payment's object open it, once.
#[worker::send]
pub(super) async fn open(
    State(app): State<App>,
    RequestId(request_id): RequestId,
    headers: HeaderMap,
    body: WholeBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    // (1)
    let claims = ticket(&app, &headers, &request_id).await?;
    // (2)
    let contents = contents(&app, &headers, &body)?;
    // (3)
    let launch = Launch::session(&claims, &app.config.gateway, clock::today())?;
    // (4)
    person(&app, &contents, client_address(&headers), &request_id).await?;
    // (5)
    open_at_object(&app, launch, None, client_address(&headers), request_id).await
}

/// The verified ticket of somebody who does not ask too often, from one address or for one user.
pub(super) async fn ticket(app: &App, headers: &HeaderMap, request_id: &str) -> Result<Claims, Problem> {
    let what = "session";
    let network = client_address(headers).map(network);
    slow_down(&app.env, "SESSION_RATE", network.as_deref(), what, request_id).await?;
    let claims = claims(app, headers, Purpose::Open)?;
    slow_down(&app.env, "USER_RATE", claims.user_id(), what, request_id).await?;
    Ok(claims)
}

/// Lets the payment's object open what the ticket asks for: 201 when the gateway was called for it, 200 when it was open already.
pub(super) async fn open_at_object(
    app: &App,
    launch: Launch,
    card_details: Option<CardDetails>,
    ip: Option<&str>,
    request_id: String,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tracking_id = launch.tracking_id.as_str().to_owned();
    let command = Command::Open(open_command(launch, card_details, ip, &request_id));
    let opened: Opened = payment::call(&app.env, &tracking_id, &command, &request_id).await?;
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

/// Returns the state of a payment.
///
/// 1. Verify the ticket; for reading it stays good for a day after `exp`.
/// 2. It must be this payment's ticket, and (the object checks) this payment's user.
/// 3. Slow down whoever asks too often about one payment.
/// 4. Let the object answer, now or when something changes.
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
    slow_down(&app.env, "READ_RATE", Some(&tracking_id), "question", &request_id).await?;
    // (4)
    let Query(Wait { wait, version }) = query?;
    let command = Command::Read(Read {
        user_id,
        wait_ms: wait.unwrap_or_default().min(MAX_WAIT_S) * 1000,
        version,
    });
    let state = payment::call(&app.env, &tracking_id, &command, &request_id).await?;
    Ok(Json(state))
}

/// Where the request came from, by Cloudflare.
pub(super) fn client_address(headers: &HeaderMap) -> Option<&str> {
    header(headers, "cf-connecting-ip")
}

/// Whom an address belongs to: over IPv6 everybody has 64 bits of addresses for themselves.
fn network(address: &str) -> Cow<'_, str> {
    match address.parse().map(|address: IpAddr| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}::/64", address.to_bits() >> 64).into(),
        _ => address.into(),
    }
}

fn claims(app: &App, headers: &HeaderMap, purpose: Purpose) -> Result<Claims, Problem> {
    let token = bearer(headers).ok_or_else(|| {
        Problem::new(
            Code::MissingTicket,
            "Send the header Authorization: Bearer <launch ticket>.",
        )
    })?;
    app.config.tickets.verify(token, purpose, clock::now_s())
}

fn open_command(
    launch: Launch,
    card_details: Option<CardDetails>,
    ip: Option<&str>,
    request_id: &str,
) -> Open {
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
        card_details,
        digest: launch.digest,
        amount: launch.amount.to_string(),
        expected: launch.expected,
    }
}

/// Without the binding there is no limit; if the limiter itself fails, payments go on.
async fn slow_down(
    env: &Env,
    binding: &str,
    key: Option<&str>,
    what: &str,
    request_id: &str,
) -> Result<(), Problem> {
    let (Ok(limiter), Some(key)) = (env.rate_limiter(binding), key) else {
        return Ok(());
    };
    match limiter.limit(key.to_owned()).await {
        Ok(outcome) if outcome.success => Ok(()),
        Ok(_) => {
            let detail = format!("Wait a little before the next {what}.");
            Err(Problem::new(Code::RateLimited, detail).with_retry_after(60))
        }
        Err(error) => {
            log::failure(request_id, "rate limiter", &error);
            Ok(())
        }
    }
}

/// What the browser may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionBody {
    /// What the Turnstile widget gave to the page.
    turnstile_token: Option<String>,
}

/// Reads the body: empty, `{}`, or the token where Turnstile is switched on. Nothing about money or identity comes from here.
fn contents(app: &App, headers: &HeaderMap, body: &WholeBody) -> Result<SessionBody, Problem> {
    let body = body.json(headers)?.trim_ascii();
    if body.is_empty() {
        return Ok(SessionBody::default());
    }
    match serde_json::from_slice::<SessionBody>(body) {
        Ok(contents) if contents.turnstile_token.is_none() || app.config.turnstile.is_some() => Ok(contents),
        _ => {
            let takes = match app.config.turnstile {
                Some(_) => "Send {\"turnstile_token\": \"…\"}",
                None => "Send no body, or {}",
            };
            let detail = format!(
                "{takes}: what is paid and by whom stands in the ticket, which only the merchant can sign."
            );
            Err(Problem::new(Code::UnexpectedBody, detail))
        }
    }
}

/// Where Turnstile is switched on, a session is for a person who has just passed its check. If Cloudflare cannot be asked, nobody passes.
async fn person(
    app: &App,
    contents: &SessionBody,
    ip: Option<&str>,
    request_id: &str,
) -> Result<(), Problem> {
    let Some(turnstile) = &app.config.turnstile else {
        return Ok(());
    };
    let failed = |detail| Err(Problem::new(Code::TurnstileFailed, detail));
    let Some(token) = &contents.turnstile_token else {
        return failed("Send the widget's token in the body: {\"turnstile_token\": \"…\"}.");
    };
    match turnstile.accepts(token, ip).await {
        Ok(true) => Ok(()),
        Ok(false) => {
            failed("Let the widget make a new token and send that: one is good once, and for five minutes.")
        }
        Err(error) => {
            log::failure(request_id, "turnstile", &error);
            Err(Problem::new(Code::TurnstileUnavailable, "Try again in a moment.").with_retry_after(5))
        }
    }
}
