//! What opening a payment takes, for whichever address: a ticket of somebody who does not ask too often, and the payment's object.

use std::borrow::Cow;
use std::net::IpAddr;

use axum::Json;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use worker::Env;

use super::App;
use super::extract::{bearer, header};
use crate::card::CardDetails;
use crate::payment;
use crate::payment::message::{Command, Open, Opened};
use crate::problem::{Code, Problem};
use crate::ticket::launch::Launch;
use crate::ticket::{Claims, Purpose};
use crate::{clock, log};

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

/// The claims of the request's ticket.
pub(super) fn claims(app: &App, headers: &HeaderMap, purpose: Purpose) -> Result<Claims, Problem> {
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
pub(super) async fn slow_down(
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
