//! When a ticket is good: its `exp`, `nbf` and `iat` against a time that is given.

use serde_json::{Map, Value};

use super::Purpose;
use crate::problem::{Code, Problem};

/// A ticket opens a session for 15 minutes at most: it travels through a browser, and a stolen one must soon be worthless.
const MAX_LIFETIME_S: i64 = 15 * 60;

/// For reading the state, a ticket stays good for a day after `exp`: a bank may be slow, and the buyer is still waiting.
const READING_GRACE_S: i64 = 24 * 60 * 60;

/// How far the clock of the merchant's backend may be from ours, ahead or behind.
const CLOCK_SKEW_S: i64 = 60;

/// The first second of the year 5000. A later time is one in milliseconds, as `Date.now()` gives it.
const YEAR_5000: i64 = 95_617_584_000;

/// Refuses a ticket that is not good now; `now` is in seconds since 1970.
pub(super) fn check(claims: &Map<String, Value>, purpose: Purpose, now: i64) -> Result<(), Problem> {
    let expires = numeric_date(claims, "exp")?.ok_or_else(|| {
        Problem::new(
            Code::InvalidTicket,
            "The claim exp is required: seconds since 1970, at most 15 minutes ahead.",
        )
    })?;
    let issued = numeric_date(claims, "iat")?;
    let not_before = numeric_date(claims, "nbf")?;

    let good_until = match purpose {
        Purpose::Open => expires.saturating_add(CLOCK_SKEW_S),
        Purpose::Read => expires.saturating_add(READING_GRACE_S),
    };
    if now >= good_until {
        return Err(Problem::new(
            Code::ExpiredTicket,
            "Ask the merchant's backend for a fresh ticket.",
        ));
    }
    let in_future = |time: Option<i64>| time.is_some_and(|time| time > now.saturating_add(CLOCK_SKEW_S));
    if in_future(not_before) {
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
    if in_future(issued) {
        return Err(Problem::new(
            Code::TicketNotYetValid,
            "The claim iat is in the future: correct the clock of the machine that signs.",
        ));
    }
    Ok(())
}

/// Reads a NumericDate (RFC 7519, 2): seconds since 1970, possibly with decimals, which are cut off.
pub(super) fn numeric_date(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, Problem> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_f64().ok_or_else(|| {
        Problem::new(
            Code::InvalidTicket,
            format!("The claim {name} must be a number (without quotes): seconds since 1970."),
        )
    })?;
    let seconds = seconds.floor() as i64;
    if seconds >= YEAR_5000 {
        return Err(Problem::new(
            Code::InvalidTicket,
            format!("The claim {name} must be in seconds, not milliseconds: divide by 1000 and round down."),
        ));
    }
    Ok(Some(seconds))
}
