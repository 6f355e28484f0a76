//! Who signed a ticket, and for whom: `jsonwebtoken` with HS256 alone, and what its refusals mean to the developer who signs.

use base64ct::{Base64UrlUnpadded, Encoding};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::problem::{Code, Problem};

/// No honest ticket is longer; a longer one is refused before anything is decoded.
const MAX_LENGTH: usize = 16 * 1024;

const TOO_LONG: &str = "The ticket is longer than 16 KB: leave out what the payment does not need.";
const NOT_A_JWT: &str = "The ticket is not a JWT: send what your JWT library returned, unchanged (three parts in Base64url, with dots between).";
const UNSIGNED: &str = "The ticket is not signed (its alg is none), so anybody could have made it: sign with HS256 and this Worker's TICKET_SECRET.";
const KEY_PAIR: &str = "The ticket's header names an algorithm of a key pair, and there is no public key here: sign with HS256 and the TICKET_SECRET that both sides know.";
const OTHER_HMAC: &str = "The ticket's header names an HMAC with another hash than SHA-256: sign with HS256; the secret stays the same.";
const ALGORITHM: &str = "The ticket's header names no algorithm that is known: sign with HS256.";
const HEADER: &str = "A member of the ticket's header is of another type than JWTs have it: kid, typ and cty are texts. Correct it or leave it out; none of them is used here.";
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

/// Refuses what is no JWT, and what [`decode`] would not refuse by itself or not in so many words.
fn check_header(token: &str) -> Result<(), Problem> {
    let header = decode_header(token).map_err(|error| match error.kind() {
        // It is JSON, and names an algorithm that the crate does not know (`none`) or none at all, or has another member that the crate cannot read.
        ErrorKind::Json(error) if error.is_data() => invalid(other_algorithm(token)),
        _ => invalid(NOT_A_JWT),
    })?;
    if header.alg != Algorithm::HS256 {
        return Err(invalid(other_algorithm(token)));
    }
    // RFC 7515, 4.1.11: who does not understand what crit lists must refuse the token. The crate does not look at it.
    if header.crit.is_some() {
        return Err(invalid(CRITICAL));
    }
    Ok(())
}

/// What to change about a ticket whose header does not name HS256, or cannot be read though it does. The name is read as text, since the crate reads only those that it knows.
fn other_algorithm(token: &str) -> &'static str {
    let header = token.split('.').next().unwrap_or_default();
    let header = Base64UrlUnpadded::decode_vec(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    let name = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    match name {
        "HS256" => HEADER,
        _ if name.eq_ignore_ascii_case("none") => UNSIGNED,
        "HS384" | "HS512" => OTHER_HMAC,
        _ if ["RS", "PS", "ES", "Ed"]
            .iter()
            .any(|family| name.starts_with(family)) =>
        {
            KEY_PAIR
        }
        _ => ALGORITHM,
    }
}

fn refused(error: &ErrorKind) -> Problem {
    match error {
        ErrorKind::InvalidAudience => Problem::new(Code::WrongAudience, AUDIENCE_OTHER),
        ErrorKind::MissingRequiredClaim(_) => Problem::new(Code::WrongAudience, AUDIENCE_MISSING),
        ErrorKind::Json(_) => invalid(PAYLOAD),
        _ => invalid(NOT_A_JWT),
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InvalidTicket, detail)
}
