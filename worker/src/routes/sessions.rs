//! `POST /v1/sessions` and `GET /v1/sessions/{tracking_id}`: the storefront's side.

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::App;
use super::extract::{Path, Query, RequestId, WholeBody};
use super::opening::{claims, client_address, open_at_object, slow_down, ticket};
use crate::payment;
use crate::payment::message::{Command, Read};
use crate::problem::{Code, Problem};
use crate::ticket::Purpose;
use crate::ticket::launch::Launch;
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
