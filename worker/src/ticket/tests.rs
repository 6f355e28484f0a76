//! Tickets made by another implementation (see `vectors.txt`), each wrong in one way.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;

use super::*;
use crate::problem::Code;

const ISSUED: i64 = 1_800_000_000;
const SECRET: &str = "obviously-fake-ticket-secret-0123456789";
const OLD_SECRET: &str = "obviously-fake-old-ticket-secret-0123456789";

fn vector(name: &str) -> String {
    let line = include_str!("vectors.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no vector {name}")).to_owned()
}

fn verifier(secrets: &[&str]) -> TicketVerifier {
    let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    TicketVerifier::new(&secrets, "shop")
}

fn problem(token: &str, purpose: Purpose, now: i64) -> Result<Claims, Problem> {
    verifier(&[SECRET]).verify(token, purpose, now)
}

fn verify(token: &str, purpose: Purpose, now: i64) -> Result<Claims, Code> {
    problem(token, purpose, now).map_err(|problem| problem.code)
}

fn code(name: &str) -> Code {
    verify(&vector(name), Purpose::Open, ISSUED + 1).unwrap_err()
}

/// The time claims alone, as `exp`, `iat` and `nbf` of an otherwise good ticket.
fn time(claims: Value, now: i64) -> Result<(), Code> {
    let claims = claims.as_object().unwrap();
    time::check(claims, Purpose::Open, now).map_err(|problem| problem.code)
}

#[test]
fn a_ticket_of_another_implementation_is_good_until_exp_and_a_day_longer_for_reading() {
    let good = vector("GOOD");
    // A minute beyond `exp`: the clock of the merchant's backend may be behind ours.
    let claims = verify(&good, Purpose::Open, ISSUED + 900 + 59).unwrap();
    assert_eq!(claims.user_id(), Some("128"));
    assert_eq!(claims.tracking_id(), Some("fb832194-34e1-4e6c-8494-d88034cf3e47"));
    assert_eq!(
        verify(&good, Purpose::Open, ISSUED + 900 + 60).unwrap_err(),
        Code::ExpiredTicket
    );
    assert!(verify(&good, Purpose::Read, ISSUED + 900 + 86_399).is_ok());
    assert_eq!(
        verify(&good, Purpose::Read, ISSUED + 900 + 86_400).unwrap_err(),
        Code::ExpiredTicket
    );
}

#[test]
fn only_hs256_with_the_shared_secret_counts() {
    for name in [
        "HS512",
        "OTHER_SECRET",
        "NONE",
        "CRIT",
        "RS256",
        "NONE_SIGNED",
        "NO_ALG",
    ] {
        assert_eq!(code(name), Code::InvalidTicket, "{name}");
    }
    assert!(verify(&vector("KID"), Purpose::Open, ISSUED + 1).is_ok());
}

#[test]
fn every_mistake_of_a_signer_is_answered_with_its_own_remedy() {
    for (name, code, remedy) in [
        (
            "HS512",
            Code::InvalidTicket,
            "another hash than SHA-256: sign with HS256",
        ),
        (
            "RS256",
            Code::InvalidTicket,
            "no public key here: sign with HS256",
        ),
        ("NONE", Code::InvalidTicket, "is not signed (its alg is none)"),
        (
            "NONE_SIGNED",
            Code::InvalidTicket,
            "is not signed (its alg is none)",
        ),
        (
            "NO_ALG",
            Code::InvalidTicket,
            "no algorithm that is known: sign with HS256",
        ),
        ("CRIT", Code::InvalidTicket, "sign without crit."),
        ("OTHER_SECRET", Code::InvalidTicket, "signature does not match"),
        ("HEADER_NO_JSON", Code::InvalidTicket, "is not a JWT"),
        ("LIST", Code::InvalidTicket, "must be a JSON object"),
        ("TEXT", Code::InvalidTicket, "must be a JSON object"),
        ("EXP_TWICE", Code::InvalidTicket, "each claim once"),
        ("EXP_LIST", Code::InvalidTicket, "exp, nbf and iat as numbers"),
        ("NO_EXP", Code::InvalidTicket, "The claim exp is required"),
        ("EXP_NULL", Code::InvalidTicket, "exp must be a number"),
        (
            "EXP_TEXT",
            Code::InvalidTicket,
            "exp must be a number (without quotes)",
        ),
        (
            "EXP_MS",
            Code::InvalidTicket,
            "exp must be in seconds, not milliseconds",
        ),
        (
            "IAT_MS",
            Code::InvalidTicket,
            "iat must be in seconds, not milliseconds",
        ),
        (
            "TOO_LONG",
            Code::TicketLifetime,
            "at most 15 minutes (900 seconds)",
        ),
        ("NBF", Code::TicketNotYetValid, "nbf is in the future"),
        (
            "IAT_AHEAD",
            Code::TicketNotYetValid,
            "iat is in the future: correct the clock",
        ),
        ("AUD_OTHER", Code::WrongAudience, "aud must name"),
        ("AUD_EMPTY", Code::WrongAudience, "aud must name"),
        ("AUD_NONE", Code::WrongAudience, "aud is required"),
        ("AUD_NUMBER", Code::WrongAudience, "aud is required, as a text"),
    ] {
        let problem = problem(&vector(name), Purpose::Open, ISSUED + 1).unwrap_err();
        assert_eq!(problem.code, code, "{name}: {}", problem.detail);
        assert!(problem.detail.contains(remedy), "{name}: {}", problem.detail);
    }
    let long = "a".repeat(16 * 1024 + 1);
    let problem = problem(&long, Purpose::Open, ISSUED).unwrap_err();
    assert!(problem.detail.contains("longer than 16 KB"), "{}", problem.detail);
}

#[test]
fn an_algorithm_is_refused_by_its_family() {
    for (names, remedy) in [
        (&["none", "None", "nOnE"][..], "its alg is none"),
        (&["HS384", "HS512"], "another hash than SHA-256"),
        (
            &[
                "RS256", "RS384", "PS512", "ES256", "ES256K", "ES512", "EdDSA", "Ed25519",
            ],
            "no public key here",
        ),
        (
            &["HS1", "hs256", "HS256 ", "", "A128KW"],
            "no algorithm that is known",
        ),
    ] {
        for name in names {
            let header = Base64UrlUnpadded::encode_string(json!({"alg": name}).to_string().as_bytes());
            let forged = vector("GOOD").replacen(vector("GOOD").split('.').next().unwrap(), &header, 1);
            let problem = problem(&forged, Purpose::Open, ISSUED + 1).unwrap_err();
            assert_eq!(problem.code, Code::InvalidTicket, "{name}");
            assert!(problem.detail.contains(remedy), "{name}: {}", problem.detail);
        }
    }
}

#[test]
fn a_header_whose_member_is_of_another_type_is_not_refused_for_its_algorithm() {
    for header in [
        json!({"alg": "HS256", "kid": 1}),
        json!({"alg": "HS256", "typ": null, "cty": []}),
    ] {
        let header = Base64UrlUnpadded::encode_string(header.to_string().as_bytes());
        let forged = vector("GOOD").replacen(vector("GOOD").split('.').next().unwrap(), &header, 1);
        let problem = problem(&forged, Purpose::Open, ISSUED + 1).unwrap_err();
        assert_eq!(problem.code, Code::InvalidTicket);
        assert!(
            problem.detail.contains("kid, typ and cty are texts"),
            "{}",
            problem.detail
        );
    }
}

#[test]
fn while_secrets_are_exchanged_tickets_of_either_are_good_and_others_are_not() {
    let both = verifier(&[SECRET, OLD_SECRET]);
    for name in ["GOOD", "OLD_SECRET"] {
        let claims = both.verify(&vector(name), Purpose::Open, ISSUED + 1);
        assert_eq!(claims.unwrap().user_id(), Some("128"), "{name}");
    }
    let other = both.verify(&vector("OTHER_SECRET"), Purpose::Open, ISSUED + 1);
    assert_eq!(other.unwrap_err().code, Code::InvalidTicket);
    // Whatever else is wrong is said whichever secret signed it.
    let wrong = verifier(&[OLD_SECRET, SECRET]).verify(&vector("AUD_OTHER"), Purpose::Open, ISSUED + 1);
    assert_eq!(wrong.unwrap_err().code, Code::WrongAudience);
    // The exchange is over.
    assert_eq!(code("OLD_SECRET"), Code::InvalidTicket);
    let nothing = verifier(&[]).verify(&vector("GOOD"), Purpose::Open, ISSUED + 1);
    assert_eq!(nothing.unwrap_err().code, Code::InvalidTicket);
}

#[test]
fn one_changed_bit_anywhere_makes_a_ticket_worthless() {
    let good = vector("GOOD");
    for position in 0..good.len() {
        let mut forged = good.clone().into_bytes();
        forged[position] ^= 0b10;
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(
            verify(&forged, Purpose::Open, ISSUED + 1).unwrap_err(),
            Code::InvalidTicket,
            "{position}"
        );
    }
}

#[test]
fn the_lifetime_is_at_most_fifteen_minutes_and_cannot_be_stretched_by_iat() {
    assert_eq!(code("NO_EXP"), Code::InvalidTicket);
    assert_eq!(code("TOO_LONG"), Code::TicketLifetime);
    assert_eq!(code("FUTURE_IAT"), Code::TicketLifetime);
    assert_eq!(code("NBF"), Code::TicketNotYetValid);
    assert!(verify(&vector("NBF"), Purpose::Open, ISSUED + 100).is_ok());
}

#[test]
fn a_clock_may_be_a_minute_off_in_either_direction_and_not_more() {
    let now = ISSUED;
    let late = |seconds| json!({"iat": now - 600, "exp": now - seconds});
    assert_eq!(time(late(59), now), Ok(()));
    assert_eq!(time(late(60), now), Err(Code::ExpiredTicket));
    let not_before = |seconds| json!({"nbf": now + seconds, "exp": now + 600});
    assert_eq!(time(not_before(60), now), Ok(()));
    assert_eq!(time(not_before(61), now), Err(Code::TicketNotYetValid));
    let issued = |seconds| json!({"iat": now + seconds, "exp": now + 600});
    assert_eq!(time(issued(60), now), Ok(()));
    assert_eq!(time(issued(61), now), Err(Code::TicketNotYetValid));
    // The longest life of a clock that is a minute ahead; without iat, too.
    for iat in [json!(now + 60), json!(now + 600)] {
        let code = time(json!({"iat": iat, "exp": now + 961}), now);
        assert_eq!(code, Err(Code::TicketLifetime), "{iat}");
    }
    assert_eq!(time(json!({"iat": now + 60, "exp": now + 960}), now), Ok(()));
    assert_eq!(time(json!({"exp": now + 960}), now), Ok(()));
    assert_eq!(time(json!({"exp": now + 961}), now), Err(Code::TicketLifetime));
}

#[test]
fn a_time_may_be_written_as_any_json_number() {
    for (number, seconds) in [
        ("1800000000", Ok(1_800_000_000)),
        ("1800000000.9", Ok(1_800_000_000)),
        ("1.8e9", Ok(1_800_000_000)),
        ("1.80000000055E+9", Ok(1_800_000_000)),
        ("18e8", Ok(1_800_000_000)),
        ("-5", Ok(-5)),
        ("-0.5", Ok(-1)),
        ("95617583999", Ok(95_617_583_999)),
        ("95617584000", Err("not milliseconds")),
        ("1800000000000", Err("not milliseconds")),
        ("9e11", Err("not milliseconds")),
        ("99999999999999999999", Err("not milliseconds")),
        ("1e400", Err("must be a number")),
        ("\"1800000000\"", Err("must be a number")),
        ("true", Err("must be a number")),
    ] {
        let claims: Value = serde_json::from_str(&format!("{{\"exp\": {number}}}")).unwrap();
        let read = time::numeric_date(claims.as_object().unwrap(), "exp");
        match seconds {
            Ok(seconds) => assert_eq!(read, Ok(Some(seconds)), "{number}"),
            Err(remedy) => assert!(read.unwrap_err().detail.contains(remedy), "{number}"),
        }
    }
}

#[test]
fn an_amount_keeps_every_digit_and_a_time_its_fraction() {
    let claims = verify(&vector("DIGITS"), Purpose::Open, ISSUED - 1).unwrap();
    let amount = claims.0.get("amount").unwrap();
    assert_eq!(amount.to_string(), "100000000000000000000.10");
}

#[test]
fn the_audience_must_be_ours() {
    assert!(verify(&vector("AUD_LIST"), Purpose::Open, ISSUED + 1).is_ok());
    assert_eq!(code("AUD_OTHER"), Code::WrongAudience);
    assert_eq!(code("AUD_NONE"), Code::WrongAudience);
}

#[test]
fn what_has_not_the_form_of_a_jwt_is_none() {
    for token in ["a", "a.b", "a.b.c", "a.b.c.d", "..", "\u{fc}.\u{fc}.\u{fc}"] {
        let problem = problem(token, Purpose::Open, ISSUED).unwrap_err();
        assert_eq!(problem.code, Code::InvalidTicket, "{token}");
        assert!(
            problem.detail.contains("is not a JWT"),
            "{token}: {}",
            problem.detail
        );
    }
}

#[test]
fn a_verifier_prints_no_secret() {
    let printed = format!("{:?}", verifier(&[SECRET, OLD_SECRET]));
    assert!(
        !printed.contains("obviously-fake") && printed.contains("[REDACTED]") && printed.contains("shop"),
        "{printed}"
    );
}
