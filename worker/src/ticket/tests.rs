//! Tickets made by another implementation (see `vectors.txt`), each wrong in one way.

use super::*;

const ISSUED: i64 = 1_800_000_000;
const SECRET: &str = "obviously-fake-ticket-secret-0123456789";

fn vector(name: &str) -> String {
    let line = include_str!("vectors.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    format!("Bearer {}", line.unwrap_or_else(|| panic!("no vector {name}")))
}

fn verify(authorization: &str, purpose: Purpose, now: i64) -> Result<Claims, Code> {
    TicketVerifier::new(SECRET, String::from("shop"))
        .unwrap()
        .verify(Some(authorization), purpose, now)
        .map_err(|problem| problem.code)
}

fn code(name: &str) -> Code {
    verify(&vector(name), Purpose::Open, ISSUED + 1).unwrap_err()
}

#[test]
fn a_ticket_of_another_implementation_is_good_until_exp_and_a_day_longer_for_reading() {
    let good = vector("GOOD");
    let claims = verify(&good, Purpose::Open, ISSUED + 899).unwrap();
    assert_eq!(claims.user_id(), Some("128"));
    assert_eq!(claims.tracking_id(), Some("fb832194-34e1-4e6c-8494-d88034cf3e47"));
    assert_eq!(
        verify(&good, Purpose::Open, ISSUED + 900).unwrap_err(),
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
    for name in ["HS512", "OTHER_SECRET", "NONE", "CRIT"] {
        assert_eq!(code(name), Code::InvalidTicket, "{name}");
    }
}

#[test]
fn one_changed_bit_anywhere_makes_a_ticket_worthless() {
    let good = vector("GOOD");
    let start = "Bearer ".len();
    for position in start..good.len() {
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
fn a_time_may_be_written_as_any_json_number() {
    for (number, seconds) in [
        ("1800000000", Some(1_800_000_000)),
        ("1800000000.9", Some(1_800_000_000)),
        ("1.8e9", Some(1_800_000_000)),
        ("1.80000000055E+9", Some(1_800_000_000)),
        ("18e8", Some(1_800_000_000)),
        ("-5", Some(-5)),
        ("-0.5", None),
        ("9e11", None),
        ("1e400", None),
        ("253402300800.5", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(whole_seconds(number), seconds, "{number}");
    }
}

#[test]
fn the_audience_must_be_ours() {
    assert!(verify(&vector("AUD_LIST"), Purpose::Open, ISSUED + 1).is_ok());
    assert_eq!(code("AUD_OTHER"), Code::WrongAudience);
    assert_eq!(code("AUD_NONE"), Code::WrongAudience);
}

#[test]
fn a_ticket_is_looked_for_in_the_bearer_scheme_only() {
    let verifier = TicketVerifier::new(SECRET, String::from("shop")).unwrap();
    for header in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic abc")] {
        let problem = verifier.verify(header, Purpose::Open, ISSUED).unwrap_err();
        assert_eq!(problem.code, Code::MissingTicket, "{header:?}");
    }
    for header in [
        "Bearer a",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer a.b.c.d",
        "Bearer ..",
        "Bearer \u{fc}.\u{fc}.\u{fc}",
    ] {
        assert_eq!(
            verify(header, Purpose::Open, ISSUED).unwrap_err(),
            Code::InvalidTicket,
            "{header}"
        );
    }
    assert!(
        verify(
            &vector("GOOD").replacen("Bearer", "bearer", 1),
            Purpose::Open,
            ISSUED
        )
        .is_ok()
    );
}

#[test]
fn a_verifier_prints_no_secret() {
    let printed = format!("{:?}", TicketVerifier::new(SECRET, String::from("shop")).unwrap());
    assert!(
        !printed.contains(SECRET) && printed.contains("[REDACTED]"),
        "{printed}"
    );
}
