//! The merchant's console: what this shop asks the Worker to do. The Worker's token stays here and never reaches a browser.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;
use worker::{AbortSignal, Fetch, Headers, Method, Request, RequestInit, Url};

use super::session::SignedIn;
use crate::config::ShopConfig;
use crate::reply::ErrorReply;

/// The Worker asks the gateway, which may take its time.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What the merchant saw when the button was pressed: the Worker refuses a payout of another amount.
#[skip_serializing_none]
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    expected_amount: Option<String>,
    expected_currency: Option<String>,
    /// The merchant has looked, and wants an approval sent again whose outcome is not known.
    resend: Option<bool>,
}

/// Answers `POST /shop/payouts/{tracking_id}/approve`.
#[worker::send]
pub(crate) async fn approve(
    _: SignedIn,
    State(shop): State<ShopConfig>,
    Path(tracking_id): Path<String>,
    body: String,
) -> Result<Response, ErrorReply> {
    decide(&shop, &tracking_id, "approve", &body).await
}

/// Answers `POST /shop/payouts/{tracking_id}/reject`.
#[worker::send]
pub(crate) async fn reject(
    _: SignedIn,
    State(shop): State<ShopConfig>,
    Path(tracking_id): Path<String>,
    body: String,
) -> Result<Response, ErrorReply> {
    decide(&shop, &tracking_id, "reject", &body).await
}

async fn decide(
    shop: &ShopConfig,
    tracking_id: &str,
    decision: &str,
    body: &str,
) -> Result<Response, ErrorReply> {
    let seen = if body.is_empty() {
        Seen::default()
    } else {
        serde_json::from_str(body).map_err(|error| ErrorReply::unprocessable(error.to_string()))?
    };
    let body = serde_json::to_string(&seen).map_err(worker::Error::from)?;
    ask(shop, &["v1", "payouts", tracking_id, decision], Some(&body)).await
}

/// Answers `POST /shop/deliveries/{id}/replay`.
#[worker::send]
pub(crate) async fn replay(
    _: SignedIn,
    State(shop): State<ShopConfig>,
    Path(id): Path<String>,
) -> Result<Response, ErrorReply> {
    ask(&shop, &["v1", "deliveries", &id, "replay"], None).await
}

/// Asks the Worker as the merchant, and answers what it answers.
async fn ask(shop: &ShopConfig, path: &[&str], body: Option<&str>) -> Result<Response, ErrorReply> {
    let token = shop.admin_token.as_deref().ok_or_else(|| {
        let error = "SHOP_ADMIN_TOKEN is missing: set it to the Worker's ADMIN_TOKEN to open the console";
        ErrorReply::new(StatusCode::SERVICE_UNAVAILABLE, error)
    })?;
    let request = request(&shop.worker_url, path, token, body)?;
    match exchange(request).await {
        Ok((status, answer)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            Ok((status, Json(answer)).into_response())
        }
        Err(error) => {
            worker::console_error!("the Worker could not be asked: {error}");
            let error = "the Worker did not answer: nothing is known of what it did, so look again before you repeat this";
            Err(ErrorReply::new(StatusCode::BAD_GATEWAY, error))
        }
    }
}

fn request(worker_url: &str, path: &[&str], token: &str, body: Option<&str>) -> worker::Result<Request> {
    let mut url = Url::parse(worker_url)?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    let headers = Headers::new();
    headers.set("authorization", &format!("Bearer {token}"))?;
    if body.is_some() {
        headers.set("content-type", "application/json")?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(body.map(Into::into));
    Request::new_with_init(url.as_str(), &init)
}

/// Returns the answer's status and JSON; an answer without a body is `{}`.
async fn exchange(request: Request) -> worker::Result<(u16, Value)> {
    let limit = u32::try_from(TIME_LIMIT.as_millis()).unwrap_or(u32::MAX);
    let signal = AbortSignal::from(worker::web_sys::AbortSignal::timeout_with_u32(limit));
    let mut response = Fetch::Request(request).send_with_signal(&signal).await?;
    let text = response.text().await?;
    let answer = if text.is_empty() {
        json!({})
    } else {
        serde_json::from_str(&text)?
    };
    Ok((response.status_code(), answer))
}
