//! Who signed a ticket, and for whom: `jsonwebtoken` with HS256 alone, and what its refusals mean to the developer who signs.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::problem::{Code, Problem};

/// No honest ticket is longer; a longer one is refused before anything is decoded.
const MAX_LENGTH: usize = 16 * 1024;

const TOO_LONG: &str = "The ticket is longer than 16 KB: leave out what the payment does not need.";
const NOT_A_JWT: &str = "The ticket is not a JWT: send what your JWT library returned, unchanged (three parts in Base64url, with dots between).";
const ALGORITHM: &str =
    "The ticket's header does not name the one algorithm that is accepted: sign with HS256.";
const CRITICAL: &str =
    "The ticket's header demands extensions (crit), and there are none here: sign without crit.";
const SIGNATURE: &str = "The ticket's signature does not match: sign with HS256 and this Worker's TICKET_SECRET (the bytes of the text as it is), and send the ticket unchanged.";
const PAYLOAD: &str = "The ticket's payload must be a JSON object that has each claim once: sub, jti and iss as texts, exp, nbf and iat as numbers.";
const AUDIENCE_MISSING: &str =
    "The claim aud is required, as a text or a list of texts: sign with this Worker's TICKET_AUDIENCE in it.";
const AUDIENCE_OTHER: &str = "The claim aud must name this Worker's TICKET_AUDIENCE.";

/// Prepares the secrets for [`verify`].
pub(super) fn keys(secrets: &[String]) -> Vec<DecodingKey> {
    edge_cashier_hs256::install();
    let keys = secrets.iter();
    keys.map(|secret| DecodingKey::from_secret(secret.as_bytes()))
        .collect()
}

/// Requires HS256 and this audience. Time is checked in [`super::time`]: the crate would ask a clock, and takes no `exp` with decimals.
pub(super) fn validation(audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_audience(&[audience]);
    // Without this a ticket that has no aud at all would be for everybody.
    validation.set_required_spec_claims(&["aud"]);
    validation
}

/// Returns the claims of a token that was signed with one of the keys.
pub(super) fn verify(
    token: &str,
    keys: &[DecodingKey],
    validation: &Validation,
) -> Result<Map<String, Value>, Problem> {
    if token.len() > MAX_LENGTH {
        return Err(invalid(TOO_LONG));
    }
    check_header(token)?;
    for key in keys {
        match decode(token, key, validation) {
            Ok(token) => return Ok(token.claims),
            // Perhaps with another of the secrets, while they are being rotated.
            Err(error) if *error.kind() == ErrorKind::InvalidSignature => {}
            Err(error) => return Err(refused(error.kind())),
        }
    }
    Err(invalid(SIGNATURE))
}

/// Refuses what is no JWT, and what [`decode`] would not refuse by itself.
fn check_header(token: &str) -> Result<(), Problem> {
    let header = decode_header(token).map_err(|error| match error.kind() {
        // It is JSON, and names an algorithm that the crate does not know (`none`), or none at all.
        ErrorKind::Json(error) if error.is_data() => invalid(ALGORITHM),
        _ => invalid(NOT_A_JWT),
    })?;
    // RFC 7515, 4.1.11: who does not understand what crit lists must refuse the token. The crate does not look at it.
    if header.crit.is_some() {
        return Err(invalid(CRITICAL));
    }
    Ok(())
}

fn refused(error: &ErrorKind) -> Problem {
    match error {
        ErrorKind::InvalidAudience => Problem::new(Code::WrongAudience, AUDIENCE_OTHER),
        ErrorKind::MissingRequiredClaim(_) => Problem::new(Code::WrongAudience, AUDIENCE_MISSING),
        ErrorKind::Json(_) => invalid(PAYLOAD),
        ErrorKind::InvalidAlgorithm => invalid(ALGORITHM),
        _ => invalid(NOT_A_JWT),
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InvalidTicket, detail)
}
