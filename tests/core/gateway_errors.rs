//! What an error of the gateway says and does not say, and whether to send again.

use std::time::Duration;

use edge_cashier::{ErrorClass, Gateway, GatewayError, OperationName};
use http::Response;

use crate::support::config;

const KEY: &str = "example_key_0123456789";

fn gateway() -> Gateway {
    Gateway::new(config(KEY, "https://gateway.example/api")).unwrap()
}

fn error(
    name: OperationName,
    status: u16,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> GatewayError {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    gateway()
        .reply_for(name, response.body(body.into()).unwrap())
        .unwrap_err()
}

#[test]
fn a_conflict_of_what_acts_at_once_is_a_reason_to_read_the_state_and_not_to_send_again() {
    for name in OperationName::ALL {
        let error = error(name, 409, &[], r#"{"error":"already approved"}"#);
        assert!(!error.safe_to_retry(), "{name}");
        let reads = error.what_to_do().contains("read the transaction's state");
        assert_eq!(reads, !name.may_be_sent_twice(), "{name}: {}", error.what_to_do());
        if reads {
            assert!(error.what_to_do().contains("do not send it again"), "{name}");
        }
    }
}

#[test]
fn an_error_says_whose_turn_it_is() {
    let class = |status: u16| error(OperationName::HostedDeposit, status, &[], "{}").class();
    for status in [400, 401, 404, 422, 429, 499] {
        assert_eq!(class(status), ErrorClass::Caller, "{status}");
    }
    for status in [500, 502, 503, 599] {
        assert_eq!(class(status), ErrorClass::Gateway, "{status}");
    }
    for status in [301, 304, 600] {
        assert_eq!(class(status), ErrorClass::Unreadable, "{status}");
    }
    let unauthorized = error(
        OperationName::HostedDeposit,
        401,
        &[("x-request-id", "req-7")],
        r#"{"error":"unknown key"}"#,
    );
    assert_eq!(
        (
            unauthorized.operation(),
            unauthorized.status(),
            unauthorized.request_id()
        ),
        ("hosted_deposit", Some(401), Some("req-7"))
    );
    assert_eq!(unauthorized.body(), r#"{"error":"unknown key"}"#);
    assert!(unauthorized.what_to_do().contains("Settings > Credentials"));
    assert!(
        !unauthorized.to_string().contains("unknown key"),
        "the message stays short: the body is in the report"
    );
    let report = unauthorized.support_report();
    for part in ["hosted_deposit", "401", "req-7", "unknown key", "edge-cashier 0."] {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[test]
fn a_support_report_names_the_payment_the_request_the_attempts_and_the_time() {
    let told = |error: GatewayError| {
        error
            .about(
                "order-1",
                "POST",
                "https://user:pass@gateway.example/api/cashier/deposit?mail=first@example.com#x",
            )
            .after_attempts(3, "2026-11-23T03:09:00.000Z")
            .support_report()
    };
    for error in [
        error(OperationName::HostedDeposit, 503, &[], "{}"),
        GatewayError::timeout(OperationName::HostedDeposit, Duration::from_secs(15)),
        GatewayError::transport(OperationName::HostedDeposit, "connection reset"),
    ] {
        let report = told(error);
        for line in [
            "payment: order-1\n",
            "request: POST /api/cashier/deposit\n",
            "attempts: 3\n",
            "time: 2026-11-23T03:09:00.000Z\n",
        ] {
            assert!(report.contains(line), "{line}: {report}");
        }
        for secret in ["user", "pass", "first", "mail", "gateway.example"] {
            assert!(!report.contains(secret), "{secret}: {report}");
        }
    }
    let report = |id: &str, path: &str| {
        GatewayError::timeout(OperationName::TransactionStatus, Duration::from_secs(15))
            .about("before", "GET", "/before")
            .about(id, "GET", path)
            .support_report()
    };
    assert!(report("a", "/transactions/a?x=1").contains("payment: a\nrequest: GET /transactions/a\n"));
    assert!(report("a", "https://gateway.example").contains("request: GET /\n"));
    assert!(
        !report("", "/transactions").contains("payment"),
        "a list is about no payment"
    );
    // What should never be an id is hidden all the same.
    let odd = report("4111111111111111", "/transactions/first%40example.com");
    assert!(!odd.contains("4111") && !odd.contains("first"), "{odd}");
    assert!(!odd.contains("before"), "{odd}");
}

#[test]
fn what_acts_at_once_is_never_safe_to_send_again() {
    for name in OperationName::ALL {
        let twice = name.may_be_sent_twice();
        for status in [408, 425, 429, 500, 503] {
            assert_eq!(
                error(name, status, &[], "").safe_to_retry(),
                twice,
                "{name} {status}"
            );
        }
        for status in [400, 401, 404, 422] {
            assert!(!error(name, status, &[], "").safe_to_retry(), "{name} {status}");
        }
        assert_eq!(
            GatewayError::timeout(name, Duration::from_secs(15)).safe_to_retry(),
            twice
        );
        let broken = GatewayError::transport(name, "connection reset");
        assert_eq!(broken.safe_to_retry(), twice);
        assert_eq!(
            broken.what_to_do().contains("do not send it again"),
            !twice,
            "{name}: {}",
            broken.what_to_do()
        );
    }
    // A 3xx that is no reply will be the same the next time.
    assert!(
        !error(
            OperationName::HostedDeposit,
            301,
            &[("location", "https://other.example")],
            ""
        )
        .safe_to_retry()
    );
}

#[test]
fn retry_after_is_seconds_or_a_date_measured_from_the_reply_s_own() {
    let wait = |headers: &[(&str, &str)]| error(OperationName::HostedDeposit, 503, headers, "").retry_after();
    assert_eq!(wait(&[]), None);
    assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(
        wait(&[("retry-after", "Sun, 06 Nov 1994 08:51:07 GMT"), date]),
        Some(Duration::from_secs(90))
    );
    assert_eq!(
        wait(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), date]),
        Some(Duration::ZERO)
    );
    assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:51:07 GMT")]), None);
    for odd in [
        "Sun, 06 Nov 1994 08:51:07",
        "Sun, 31 Jun 1994 08:51:07 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:51 GMT",
        "Sun, 6 Nov 1994 08:51:07 GMT",
        "Sun, 06 nov 1994 08:51:07 GMT",
        "Sun, 06 Nov 1994 08:51:07:00 GMT",
        "06 Nov 1994 08:51:07 GMT",
    ] {
        assert_eq!(wait(&[("retry-after", odd), date]), None, "{odd}");
    }
    assert_eq!(
        wait(&[
            ("retry-after", "Sun, 01 Jan 1995 00:00:00 GMT"),
            ("date", "Sat, 31 Dec 1994 23:59:58 GMT")
        ]),
        Some(Duration::from_secs(2))
    );
    assert_eq!(wait(&[("retry-after", "soon")]), None);
    assert_eq!(wait(&[("retry-after", "-1")]), None);
}

#[test]
fn an_error_shows_what_came_without_what_must_not_be_seen() {
    let body = format!(
        concat!(
            r#"<html>key {} card 4111111111111111 and 4111 1111-1111 1111, amex 3782 822463 10005; order 1234567890123456 "#,
            r#""cvc":"987","cvv2" : 654,\"card_number\":\"1234\",'token': 'tok_abc',access_token=secret123&x=1 "exp_year":"2031" X-Api-Key: other_key <cvc>321</cvc>"#,
            r#" mail first.last+tag@example.com ok 2024-07-05 11:53:25 "token":null "amount":"200.00"</html>"#
        ),
        KEY
    );
    let error = error(OperationName::HostedDeposit, 200, &[], body);
    let shown = error.body();
    for secret in [
        KEY,
        "4111111111111111",
        "4111 1111",
        "3782",
        "987",
        "654",
        "\"1234\\",
        "tok_abc",
        "secret123",
        "2031",
        "other_key",
        "321",
        "first.last",
        "example.com",
    ] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    for kept in [
        "order 1234567890123456",
        "&x=1",
        "2024-07-05 11:53:25",
        "\"token\":null",
        "\"amount\":\"200.00\"",
        "[CARD]",
        "[EMAIL]",
    ] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
}

#[test]
fn at_most_four_kibibytes_are_kept_and_no_half_of_a_secret() {
    let long = error(OperationName::HostedDeposit, 500, &[], "é".repeat(10_000));
    assert!(long.body().len() <= 4096 + '…'.len_utf8());
    let middling = error(
        OperationName::HostedDeposit,
        500,
        &[],
        format!("x{}", "é".repeat(3000)),
    );
    assert_eq!(
        middling.body(),
        format!("x{}…", "é".repeat(2047)),
        "cut between two characters"
    );
    // A card that begins right before the cut is gone, not halved.
    for before in 4070..4100 {
        let body = format!("{} 4111 1111 1111 1111 {}", "x".repeat(before), "y".repeat(9000));
        let shown = error(OperationName::HostedDeposit, 500, &[], body);
        assert!(!shown.body().contains("4111"), "{before}");
    }
    // Likewise where the looking ends.
    let body = format!(
        "{{\"a\":[{}\"4111 1111 1111 1111\"]}}",
        "\"user@example.com\",".repeat(2000)
    );
    assert!(
        !error(OperationName::HostedDeposit, 500, &[], body)
            .body()
            .contains("4111")
    );
    assert_eq!(
        error(OperationName::HostedDeposit, 500, &[], vec![0xff, 0xfe]).body(),
        "\u{fffd}\u{fffd}"
    );
}

#[test]
fn a_transport_s_own_words_are_cleaned_too() {
    let error = gateway().transport_error(
        OperationName::CardPayment,
        &format!("header x-api-key: {KEY} refused, body 4111111111111111"),
    );
    let all = format!("{error} {error:?} {}", error.support_report());
    assert!(!all.contains(KEY) && !all.contains("4111111111111111"), "{all}");
    assert_eq!(error.class(), ErrorClass::Transport);
}

#[test]
fn a_reply_nested_beyond_reason_is_an_error_and_no_crash() {
    let deep = format!("{{\"token\":{}", "[".repeat(200_000));
    assert_eq!(
        error(OperationName::HostedDeposit, 200, &[], deep).class(),
        ErrorClass::Unreadable
    );
}

#[test]
fn only_a_refusal_says_that_nothing_was_done() {
    let acted = |status| error(OperationName::ApprovePayout, status, &[], "").may_have_acted();
    for status in [400, 401, 403, 404, 405, 422, 425, 429] {
        assert!(!acted(status), "{status}");
    }
    for status in [204, 302, 408, 409, 500, 502, 503, 504] {
        assert!(acted(status), "{status}");
    }
    let name = OperationName::ApprovePayout;
    assert!(GatewayError::timeout(name, Duration::from_secs(1)).may_have_acted());
    assert!(GatewayError::transport(name, "reset").may_have_acted());
    assert!(GatewayError::aborted(name, None, true).may_have_acted());
    assert!(!GatewayError::aborted(name, None, false).may_have_acted());
}
