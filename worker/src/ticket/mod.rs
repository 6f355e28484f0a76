//! The launch ticket: a JWT ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)), HS256, that the merchant's backend signs.
//!
//! It says who pays what (`sub`, `jti`, `amount`, `currency`, …), so that nothing about money or identity comes from a browser.
//! This module answers one question: did the merchant sign it, for us, and is it still good? What the ticket asks for is [`launch`]'s.
//!
//! Guarantees: only HS256 is accepted; the signature is compared in constant time; `aud` and `exp` are required; a ticket lives at most
//! [`MAX_LIFETIME_S`]; time is an argument.

mod jws;
pub(crate) mod launch;

use serde_json::{Map, Value};

use crate::problem::{Code, Problem};

/// A ticket opens a session for 15 minutes at most: it travels through a browser, and a stolen one must soon be worthless.
const MAX_LIFETIME_S: i64 = 15 * 60;

/// For reading the state, a ticket stays good for a day after `exp`: a bank may be slow, and the buyer is still waiting.
const READING_GRACE_S: i64 = 24 * 60 * 60;

/// How far the clock of the merchant's backend may be ahead of ours. `exp` itself is taken without mercy.
const CLOCK_SKEW_S: i64 = 30;

/// No honest ticket is longer; a longer one is refused before anything is decoded.
const MAX_LENGTH: usize = 16 * 1024;

/// What the ticket is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To open a session: until `exp`.
    Open,
    /// To read the payment's state: until a day after `exp`.
    Read,
}

/// Verifies tickets with the secret that the Worker shares with the merchant's backend. It prints no secret.
#[derive(Debug)]
pub(crate) struct TicketVerifier {
    key: jws::Key,
    audience: String,
}

/// The claims of a ticket that the merchant did sign, for us, and that is still good. Their contents are not checked yet.
#[derive(Debug)]
pub(crate) struct Claims(Map<String, Value>);

impl TicketVerifier {
    pub(crate) fn new(secret: &str, audience: String) -> Option<Self> {
        Some(Self {
            key: jws::Key::new(secret.as_bytes())?,
            audience,
        })
    }

    /// Verifies the value of an `Authorization` header; `now` is in seconds since 1970.
    pub(crate) fn verify(
        &self,
        authorization: Option<&str>,
        purpose: Purpose,
        now: i64,
    ) -> Result<Claims, Problem> {
        let token = bearer(authorization)?;
        let claims = self.signed_claims(token)?;
        self.check_audience(&claims)?;
        check_time(&claims, purpose, now)?;
        Ok(Claims(claims))
    }

    fn signed_claims(&self, token: &str) -> Result<Map<String, Value>, Problem> {
        let claims = if token.len() > MAX_LENGTH {
            None
        } else {
            self.key.verify(token)
        };
        claims.ok_or_else(|| {
            Problem::new(
                Code::InvalidTicket,
                "The ticket is not a JWT that is signed with HS256 and this Worker's TICKET_SECRET.",
            )
        })
    }

    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), Problem> {
        let ours = |audience: &Value| audience.as_str() == Some(self.audience.as_str());
        let for_us = match claims.get("aud") {
            Some(Value::Array(audiences)) => audiences.iter().any(ours),
            Some(audience) => ours(audience),
            None => false,
        };
        if for_us {
            return Ok(());
        }
        Err(Problem::new(
            Code::WrongAudience,
            "The claim aud must name this Worker's TICKET_AUDIENCE.",
        ))
    }
}

/// The token of `Bearer <token>`; the scheme is case-insensitive (RFC 9110, 11.1).
fn bearer(authorization: Option<&str>) -> Result<&str, Problem> {
    let missing = || {
        Problem::new(
            Code::MissingTicket,
            "Send the header Authorization: Bearer <launch ticket>.",
        )
    };
    let (scheme, token) = authorization
        .ok_or_else(missing)?
        .trim()
        .split_once(' ')
        .ok_or_else(missing)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(missing())
    }
}

fn check_time(claims: &Map<String, Value>, purpose: Purpose, now: i64) -> Result<(), Problem> {
    let expires = numeric_date(claims, "exp")?.ok_or_else(|| {
        Problem::new(
            Code::InvalidTicket,
            "The claim exp is required: seconds since 1970, at most 15 minutes ahead.",
        )
    })?;
    let issued = numeric_date(claims, "iat")?;
    let not_before = numeric_date(claims, "nbf")?;

    let good_until = match purpose {
        Purpose::Open => expires,
        Purpose::Read => expires.saturating_add(READING_GRACE_S),
    };
    if now >= good_until {
        return Err(Problem::new(
            Code::ExpiredTicket,
            "Ask the merchant's backend for a fresh ticket.",
        ));
    }
    if not_before.is_some_and(|start| start > now.saturating_add(CLOCK_SKEW_S)) {
        return Err(Problem::new(
            Code::TicketNotYetValid,
            "The claim nbf is in the future.",
        ));
    }
    // Measured from now as well, or an `iat` in the future would make a ticket of any length.
    let lifetime_too_long = issued.is_some_and(|start| expires.saturating_sub(start) > MAX_LIFETIME_S)
        || expires.saturating_sub(now) > MAX_LIFETIME_S + CLOCK_SKEW_S;
    if lifetime_too_long {
        return Err(Problem::new(
            Code::TicketLifetime,
            "The claim exp may be at most 15 minutes (900 seconds) after iat, or after now if there is no iat.",
        ));
    }
    Ok(())
}

/// A NumericDate (RFC 7519, 2): seconds since 1970, possibly with decimals, which are cut off.
fn numeric_date(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, Problem> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = match value {
        Value::Number(number) => whole_seconds(number.as_str()),
        _ => None,
    };
    seconds.map(Some).ok_or_else(|| {
        Problem::new(
            Code::InvalidTicket,
            ["The claim ", name, " must be a number: seconds since 1970."].concat(),
        )
    })
}

/// The whole part of a JSON number, from its text: a float would bring its tables along, for nothing.
fn whole_seconds(number: &str) -> Option<i64> {
    if let Ok(seconds) = number.parse() {
        return Some(seconds);
    }
    let seconds = match number.split_once(['e', 'E']) {
        _ if number.starts_with('-') => return None,
        None => number.split('.').next()?.parse().ok()?,
        // A language that writes 1.8e9 means 1800000000.
        Some((digits, exponent)) => {
            let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
            let places: usize = exponent
                .trim_start_matches('+')
                .parse()
                .ok()
                .filter(|places| *places <= 12)?;
            let shifted: String = decimals
                .chars()
                .chain(std::iter::repeat('0'))
                .take(places)
                .collect();
            [whole, &shifted].concat().parse().ok()?
        }
    };
    // The year 9999: whatever lies beyond is no time that anybody means.
    (0..=253_402_300_799).contains(&seconds).then_some(seconds)
}

impl Claims {
    /// The payment whose holder the ticket's owner is: `jti`, the tracking id.
    pub(crate) fn tracking_id(&self) -> Option<&str> {
        self.0.get("jti").and_then(Value::as_str)
    }

    /// The person: `sub`, the user id.
    pub(crate) fn user_id(&self) -> Option<&str> {
        self.0.get("sub").and_then(Value::as_str)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
