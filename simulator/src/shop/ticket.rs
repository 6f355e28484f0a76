//! Launch tickets: what a merchant's backend signs for one payment.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use edge_cashier::{Amount, Currency};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::session::SignedIn;
use super::token;
use crate::clock;
use crate::config::ShopConfig;
use crate::json::plain_text;
use crate::random::Random;
use crate::reply::ErrorReply;

/// A launch ticket is used at once; ten minutes are for slow networks.
const TICKET_SECONDS: i64 = 10 * 60;

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
    /// For a hosted deposit alone: the other operations have no such field.
    amount_restricted: Option<bool>,
    customer: Value,
    provider_id: Option<u32>,
    theme: Option<&'a str>,
}

/// Answers `POST /shop/tickets`.
pub(crate) async fn ticket(
    State(shop): State<ShopConfig>,
    SignedIn(user): SignedIn,
    body: String,
) -> Result<(StatusCode, Json<Value>), ErrorReply> {
    let issued_at = clock::now() / 1000;
    let expires_at = issued_at + TICKET_SECONDS;
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
        amount_restricted: (asked.operation == "hosted_deposit").then_some(true),
        customer: user.customer(asked.operation != "hosted_withdrawal"),
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
    let amount = Amount::parse(&plain_text(&asked.amount))
        .map_err(|_| "amount: plain digits with a point, for example 10.05")?;
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
