//! The backend of the demo shop: who its users are, and the signing of launch tickets. A real merchant has this in a
//! backend of their own; it is never part of the deployed Worker.

mod token;
mod users;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use edge_cashier::{Amount, Currency};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use crate::clock;
use crate::config::ShopConfig;
use crate::random::Random;
use crate::reply::{ErrorReply, Reply};
use users::{USERS, User};

/// A launch ticket is used at once; ten minutes are for slow networks.
const TICKET_SECONDS: i64 = 10 * 60;

/// Refuses the pages of every origin but the storefront's; what has no origin is no page.
pub(crate) async fn storefront_alone(
    State(shop): State<ShopConfig>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorReply> {
    let origin = request.headers().get(header::ORIGIN);
    if origin.is_some_and(|origin| origin.as_bytes() != shop.origin.as_bytes()) {
        let error = "this shop answers its own storefront alone";
        return Err(ErrorReply::new(StatusCode::FORBIDDEN, error));
    }
    let is_preflight = request.method() == Method::OPTIONS;
    let mut reply = next.run(request).await;
    if is_preflight {
        // `CorsLayer` says 200 of an empty reply.
        *reply.status_mut() = StatusCode::NO_CONTENT;
    }
    Ok(reply)
}

/// Answers `GET /shop/users`.
pub(crate) async fn users() -> Json<Vec<Value>> {
    Json(USERS.iter().map(User::public).collect())
}

#[derive(Deserialize)]
struct SignIn {
    user_id: String,
}

/// Answers `POST /shop/sign-in`.
pub(crate) async fn sign_in(State(shop): State<ShopConfig>, body: String) -> Reply {
    let SignIn { user_id } = serde_json::from_str(&body)
        .map_err(|_| ErrorReply::unprocessable("user_id is required: the id of a demo user"))?;
    let missing = || ErrorReply::not_found("no demo user has this id");
    let user = users::find(&user_id).ok_or_else(missing)?;
    let session = token::session(&shop, user.id, clock::now() / 1000)?;
    Ok(Json(json!({ "shop_session": session, "user": user.public() })))
}

/// What the storefront asks for. Everything about the person comes from the shop's own records.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketRequest {
    operation: String,
    amount: Value,
    currency: String,
    provider_id: Option<u32>,
    theme: Option<String>,
}

/// The claims of a launch ticket.
#[skip_serializing_none]
#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    jti: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    mode: &'a str,
    operation: &'a str,
    /// As a string: whoever reads the ticket with a JSON library gets the digits and no float.
    amount: String,
    currency: &'a str,
    amount_restricted: bool,
    customer: Value,
    provider_id: Option<u32>,
    theme: Option<&'a str>,
}

/// Answers `POST /shop/tickets`.
pub(crate) async fn ticket(
    State(shop): State<ShopConfig>,
    headers: HeaderMap,
    body: String,
) -> Result<(StatusCode, Json<Value>), ErrorReply> {
    let issued_at = clock::now() / 1000;
    let expires_at = issued_at + TICKET_SECONDS;
    let sign_in = "sign in first: the shop session is missing, expired or not this shop's";
    let user = signed_in(&shop, &headers, issued_at)
        .ok_or_else(|| ErrorReply::new(StatusCode::UNAUTHORIZED, sign_in))?;
    let asked: TicketRequest =
        serde_json::from_str(&body).map_err(|error| ErrorReply::unprocessable(error.to_string()))?;
    let (amount, currency) = check(&asked).map_err(ErrorReply::unprocessable)?;
    let tracking_id = Random::unguessable()?.uuid();
    let claims = Claims {
        sub: user.id,
        jti: &tracking_id,
        aud: &shop.audience,
        iat: issued_at,
        exp: expires_at,
        mode: "test",
        operation: &asked.operation,
        amount: amount.to_string(),
        currency: currency.code(),
        amount_restricted: true,
        customer: user.customer(),
        provider_id: asked.provider_id,
        theme: asked.theme.as_deref(),
    };
    let reply = json!({
        "ticket": token::sign(&shop.ticket_secret, &claims)?,
        "tracking_id": tracking_id,
        "expires_at": clock::rfc3339(expires_at * 1000),
    });
    Ok((StatusCode::CREATED, Json(reply)))
}

/// Returns the user of the session that a request brings.
fn signed_in(shop: &ShopConfig, headers: &HeaderMap, now: i64) -> Option<&'static User> {
    let session = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let user_id = token::session_user(shop, session.strip_prefix("Bearer ")?, now)?;
    users::find(&user_id)
}

/// Checks what this shop takes and pays out.
fn check(asked: &TicketRequest) -> Result<(Amount, Currency), &'static str> {
    match (asked.operation.as_str(), asked.provider_id) {
        ("hosted_deposit" | "hosted_withdrawal", None) | ("direct_payment", Some(_)) => {}
        ("direct_payment", None) => return Err("provider_id: direct_payment needs it"),
        (_, Some(_)) => return Err("provider_id: only direct_payment has it"),
        _ => return Err("operation: hosted_deposit, hosted_withdrawal or direct_payment"),
    }
    if asked
        .theme
        .as_deref()
        .is_some_and(|theme| !matches!(theme, "light" | "dark"))
    {
        return Err("theme: light or dark");
    }
    let currency =
        Currency::parse(&asked.currency).map_err(|_| "currency: a code of ISO 4217, for example EUR")?;
    let digits = asked
        .amount
        .as_str()
        .map_or_else(|| asked.amount.to_string(), str::to_owned);
    let amount =
        Amount::parse(&digits).map_err(|_| "amount: plain digits with a point, for example 10.05")?;
    let limits = Amount::parse("1").ok().zip(Amount::parse("10000").ok());
    if limits.is_none_or(|(least, most)| amount < least || amount > most) {
        return Err("amount: from 1 to 10000");
    }
    if !amount.fits(&currency) {
        return Err("amount: it has more decimals than its currency");
    }
    Ok((amount, currency))
}

#[cfg(test)]
mod tests {
    use super::{TicketRequest, check};

    fn asked(json: &str) -> Result<String, &'static str> {
        let asked: TicketRequest = serde_json::from_str(json).map_err(|_| "unreadable")?;
        check(&asked).map(|(amount, currency)| format!("{amount} {currency}"))
    }

    #[test]
    fn amounts_are_exact_and_limited() {
        let of = |amount: &str, currency: &str| {
            asked(&format!(
                r#"{{"operation":"hosted_deposit","amount":{amount},"currency":"{currency}"}}"#
            ))
        };
        assert_eq!(of("\"10.05\"", "EUR"), Ok("10.05 EUR".to_owned()));
        assert_eq!(of("10.05", "EUR"), Ok("10.05 EUR".to_owned()));
        assert_eq!(of("10000", "EUR"), Ok("10000 EUR".to_owned()));
        for (amount, currency) in [
            ("0.99", "EUR"),
            ("10000.01", "EUR"),
            ("10.5", "JPY"),
            ("10.005", "EUR"),
            ("-5", "EUR"),
            ("10", "eur"),
        ] {
            assert!(of(amount, currency).is_err(), "{amount} {currency}");
        }
    }

    #[test]
    fn a_provider_belongs_to_a_direct_payment() {
        assert!(asked(r#"{"operation":"direct_payment","amount":10,"currency":"EUR"}"#).is_err());
        assert!(
            asked(r#"{"operation":"direct_payment","amount":10,"currency":"EUR","provider_id":210}"#).is_ok()
        );
        assert!(
            asked(r#"{"operation":"hosted_deposit","amount":10,"currency":"EUR","provider_id":210}"#)
                .is_err()
        );
        assert!(asked(r#"{"operation":"card_payment","amount":10,"currency":"EUR"}"#).is_err());
    }
}
