//! The backend of the demo shop: who its users are, and the signing of launch tickets. A real merchant has this in a
//! backend of their own; it is never part of the deployed Worker.

mod token;
mod users;

use edge_cashier::{Amount, Currency};
use serde::Deserialize;
use serde_json::{Value, json};
use worker::{Headers, Method, Request, Response};

use crate::clock;
use crate::config::ShopConfig;
use crate::http;
use crate::random::Random;
use users::{USERS, User};

/// A launch ticket is used at once; ten minutes are for slow networks.
const TICKET_SECONDS: i64 = 10 * 60;

/// Answers a request below `/shop`, for the storefront's origin alone.
pub(crate) async fn serve(shop: &ShopConfig, rest: &[&str], request: Request) -> worker::Result<Response> {
    let origin = request.headers().get("origin")?;
    let is_storefront = origin.as_deref() == Some(shop.origin.as_str());
    let response = if origin.is_some() && !is_storefront {
        http::error(403, "this shop answers its own storefront alone")?
    } else {
        route(shop, rest, request).await?
    };
    with_cors(response, shop, is_storefront)
}

async fn route(shop: &ShopConfig, rest: &[&str], mut request: Request) -> worker::Result<Response> {
    match (request.method(), rest) {
        (Method::Options, ["users" | "sign-in" | "tickets"]) => http::empty(204),
        (Method::Get, ["users"]) => {
            let users: Vec<Value> = USERS.iter().map(User::public).collect();
            http::json(200, &users)
        }
        (Method::Post, ["sign-in"]) => sign_in(shop, &request.text().await?),
        (Method::Post, ["tickets"]) => {
            let session = request.headers().get("authorization")?;
            let session = session.as_deref().and_then(|value| value.strip_prefix("Bearer "));
            let user = session.and_then(|session| token::session_user(shop, session, clock::now() / 1000));
            match user.and_then(|id| users::find(&id)) {
                Some(user) => ticket(shop, user, &request.text().await?),
                None => http::error(
                    401,
                    "sign in first: the shop session is missing, expired or not this shop's",
                ),
            }
        }
        (_, ["users" | "sign-in" | "tickets"]) => http::error(405, "this address takes another method"),
        _ => http::error(404, "nothing is here"),
    }
}

fn sign_in(shop: &ShopConfig, body: &str) -> worker::Result<Response> {
    #[derive(Deserialize)]
    struct SignIn {
        user_id: String,
    }
    let Ok(SignIn { user_id }) = serde_json::from_str(body) else {
        return http::error(422, "user_id is required: the id of a demo user");
    };
    match users::find(&user_id) {
        Some(user) => {
            let session = token::session(shop, user.id, clock::now() / 1000)?;
            http::json(200, &json!({ "shop_session": session, "user": user.public() }))
        }
        None => http::error(404, "no demo user has this id"),
    }
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

fn ticket(shop: &ShopConfig, user: &User, body: &str) -> worker::Result<Response> {
    let asked: TicketRequest = match serde_json::from_str(body) {
        Ok(asked) => asked,
        Err(error) => return http::error(422, &error.to_string()),
    };
    let (amount, currency) = match check(&asked) {
        Ok(checked) => checked,
        Err(error) => return http::error(422, error),
    };
    let tracking_id = Random::System.uuid()?;
    let issued_at = clock::now() / 1000;
    let expires_at = issued_at + TICKET_SECONDS;
    let mut claims = json!({
        "sub": user.id,
        "jti": tracking_id,
        "aud": shop.audience,
        "iat": issued_at,
        "exp": expires_at,
        "mode": "test",
        "operation": asked.operation,
        // As a string: whoever reads the ticket with a JSON library gets the digits and no float.
        "amount": amount.to_string(),
        "currency": currency.code(),
        "amount_restricted": true,
        "customer": user.customer(),
    });
    if let Value::Object(claims) = &mut claims {
        if let Some(id) = asked.provider_id {
            claims.insert("provider_id".to_owned(), id.into());
        }
        if let Some(theme) = asked.theme {
            claims.insert("theme".to_owned(), theme.into());
        }
    }
    let reply = json!({
        "ticket": token::sign(&shop.ticket_secret, &claims)?,
        "tracking_id": tracking_id,
        "expires_at": clock::rfc3339(expires_at * 1000),
    });
    http::json(201, &reply)
}

/// What this shop takes and pays out.
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

fn with_cors(response: Response, shop: &ShopConfig, is_storefront: bool) -> worker::Result<Response> {
    let headers: Headers = response.headers().clone();
    headers.append("vary", "Origin")?;
    if is_storefront {
        headers.set("access-control-allow-origin", &shop.origin)?;
        headers.set("access-control-allow-methods", "GET, POST")?;
        headers.set("access-control-allow-headers", "authorization, content-type")?;
        headers.set("access-control-max-age", "600")?;
    }
    Ok(response.with_headers(headers))
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
