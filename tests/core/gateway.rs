//! The gateway's configuration, the routes, and what an error says and does not say.

use std::time::Duration;

use edge_cashier::{
    ApiKey, ErrorClass, Gateway, GatewayConfig, GatewayError, HostedDeposit, OperationName, Routes,
};
use http::Response;
use serde_json::json;

use crate::support::found;

const KEY: &str = "example_key_0123456789";

fn config() -> GatewayConfig {
    GatewayConfig {
        api_key: ApiKey::new(KEY).unwrap(),
        base_url: "https://gateway.example/api".to_owned(),
        cashier_url: Some("https://cashier.example/open?token={token}".to_owned()),
        routes: Routes::default(),
        user_agent: None,
        allow_insecure: false,
    }
}

fn gateway() -> Gateway {
    Gateway::new(config()).unwrap()
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
fn a_base_url_that_could_leak_the_key_is_refused() {
    let code = |url: &str| match Gateway::new(GatewayConfig {
        base_url: url.to_owned(),
        ..config()
    }) {
        Ok(_) => "",
        Err(error) => {
            assert_eq!(error.violations()[0].path, "base_url");
            error.violations()[0].code
        }
    };
    for (url, expected) in [
        ("https://gateway.example", ""),
        ("https://gateway.example:8443/a/b/", ""),
        ("http://localhost:8788", ""),
        ("http://127.0.0.1:8788/x", ""),
        ("http://[::1]:8788", ""),
        ("http://gateway.example", "insecure"),
        ("http://localhost.evil.example", "insecure"),
        ("http://127.0.0.1.evil.example", "insecure"),
        ("ftp://gateway.example", "insecure"),
        ("https://user:pass@gateway.example", "credentials"),
        ("http://localhost@evil.example", "credentials"),
        ("https://gateway.example/?a=b", "format"),
        ("https://gateway.example?", "format"),
        ("https://gateway.example/#x", "format"),
        ("https://gateway.example/a/../b", "format"),
        ("https://gateway.example/a/%2e./b", "format"),
        ("gateway.example", "format"),
        ("/api", "format"),
        ("", "format"),
        (" https://gateway.example", "format"),
        ("https://", "format"),
        ("https://:443", "format"),
        ("https://gateway.example/{id}", "format"),
    ] {
        assert_eq!(code(url), expected, "{url}");
    }
}

#[test]
fn all_that_is_wrong_with_a_configuration_is_told_at_once() {
    let broken = GatewayConfig {
        base_url: "http://gateway.example".to_owned(),
        cashier_url: Some("https://{token}.example".to_owned()),
        user_agent: Some("line\nbreak".to_owned()),
        ..config()
    };
    let paths: Vec<_> = Gateway::new(broken)
        .unwrap_err()
        .into_violations()
        .into_iter()
        .map(|violation| violation.path)
        .collect();
    assert_eq!(paths, ["base_url", "cashier_url", "user_agent"]);
}

#[test]
fn the_cashier_s_address_takes_the_token_as_data() {
    assert_eq!(
        gateway().cashier_url("Mtg4 &/?#é").unwrap(),
        "https://cashier.example/open?token=Mtg4%20%26%2F%3F%23%C3%A9"
    );
    let with = |template: Option<&str>| {
        Gateway::new(GatewayConfig {
            cashier_url: template.map(str::to_owned),
            ..config()
        })
    };
    assert_eq!(with(None).unwrap().cashier_url("t"), None);
    assert_eq!(
        with(Some("http://localhost:8788/cashier/{token}"))
            .unwrap()
            .cashier_url("t")
            .unwrap(),
        "http://localhost:8788/cashier/t"
    );
    for bad in [
        "https://cashier.example/",
        "http://cashier.example/{token}",
        "https://a.example/{token}/{token}",
        "javascript:alert('{token}')",
        "https://cashier.example/{token}?user={user_id}",
        "https://cashier.example/{token}/{",
        "https://cashier.example/{{token}}",
        "https://cashier.example/${token}",
        "https://u:p@a.example/{token}",
    ] {
        assert!(with(Some(bad)).is_err(), "{bad}");
    }
}

#[test]
fn http_for_another_host_is_taken_only_when_it_is_allowed() {
    let with = |url: &str, allow_insecure| {
        Gateway::new(GatewayConfig {
            base_url: url.to_owned(),
            cashier_url: Some(format!("{url}/{{token}}")),
            allow_insecure,
            ..config()
        })
    };
    for url in [
        "http://host.docker.internal:8788",
        "http://192.168.1.7/api",
        "http://simulator",
    ] {
        assert!(with(url, true).is_ok(), "{url}");
        let error = with(url, false).err().unwrap();
        assert_eq!(
            found(&error),
            [("base_url", "insecure"), ("cashier_url", "insecure")],
            "{url}"
        );
    }
    for url in ["ftp://simulator", "http://user:pass@simulator", "simulator"] {
        assert!(with(url, true).is_err(), "{url}");
    }
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
fn every_route_can_be_changed_and_the_others_stay() {
    let routes = Routes::from_value(&json!({"hosted_deposit": "/v2/open", "approve_payout": "PUT /v2/approve", "transaction_status": "/status?id={id}", "list_transactions": "/list?all=1"})).unwrap();
    let again: Routes = serde_json::from_str(&serde_json::to_string(&routes).unwrap()).unwrap();
    let gateway = Gateway::new(GatewayConfig {
        routes: again,
        ..config()
    })
    .unwrap();
    let sent = |name: OperationName, value: serde_json::Value| {
        let request = gateway.request_for(name, &value).unwrap();
        format!("{} {}", request.method(), request.uri())
    };
    let payout = json!({"transaction_id": "a"});
    let deposit = json!({"user_id": "1", "tracking_id": "t", "amount": 1, "currency": "EUR"});
    assert_eq!(
        sent(OperationName::HostedDeposit, deposit.clone()),
        "POST https://gateway.example/api/v2/open"
    );
    assert_eq!(
        sent(OperationName::HostedWithdrawal, deposit),
        "POST https://gateway.example/api/cashier/withdrawal"
    );
    assert_eq!(
        sent(OperationName::ApprovePayout, payout.clone()),
        "PUT https://gateway.example/api/v2/approve"
    );
    assert_eq!(
        sent(OperationName::RejectPayout, payout),
        "POST https://gateway.example/api/payouts/reject"
    );
    assert_eq!(
        sent(OperationName::TransactionStatus, json!("a&b")),
        "GET https://gateway.example/api/status?id=a%26b"
    );
    assert_eq!(
        sent(OperationName::ListTransactions, json!({"from": "01-08-2024"})),
        "GET https://gateway.example/api/list?all=1&from=01-08-2024"
    );
}

#[test]
fn a_route_that_is_none_is_refused() {
    for (route, code) in [
        (json!({"hosted_deposits": "/x"}), "unknown_field"),
        (json!({"hosted_deposit": "cashier"}), "format"),
        (json!({"hosted_deposit": "//evil.example/x"}), "format"),
        (json!({"hosted_deposit": "https://evil.example/x"}), "format"),
        (json!({"hosted_deposit": "TRACE /x"}), "format"),
        (json!({"hosted_deposit": "POST  /x"}), "format"),
        (json!({"hosted_deposit": "/x/{id}"}), "format"),
        (json!({"hosted_deposit": "/x#y"}), "format"),
        (json!({"hosted_deposit": "/a/../b"}), "format"),
        (json!({"hosted_deposit": "/a/%2E%2e/b"}), "format"),
        (json!({"hosted_deposit": "GET /x"}), "format"),
        (json!({"approve_payout": "GET /x"}), "format"),
        (json!({"hosted_deposit": 5}), "type"),
        (json!({"transaction_status": "/x"}), "format"),
        (json!({"transaction_status": "/x/{id}/{id}"}), "format"),
        (json!([]), "type"),
    ] {
        assert_eq!(
            Routes::from_value(&route).unwrap_err().violations()[0].code,
            code,
            "{route}"
        );
    }
}

#[test]
fn a_key_that_is_none_is_refused_and_a_key_never_prints() {
    for (key, code) in [
        ("", "required"),
        (" \n", "required"),
        ("undefined", "format"),
        ("null", "format"),
        ("a b", "format"),
        ("key\n", "format"),
        ("ключ", "format"),
    ] {
        assert_eq!(ApiKey::new(key).unwrap_err().code, code);
    }
    assert!(!format!("{:?} {:?} {:?}", config(), gateway(), ApiKey::new(KEY)).contains(KEY));
    let request = gateway()
        .request_for(OperationName::TransactionStatus, &json!("a"))
        .unwrap();
    assert!(!format!("{request:?}").contains(KEY));
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
fn a_byte_order_mark_does_not_hide_a_reply() {
    let reply = gateway()
        .reply::<HostedDeposit>(Response::new(b"\xEF\xBB\xBF{\"token\":\"t\"}".to_vec()))
        .unwrap();
    assert_eq!(reply.token, "t");
    assert!(!format!("{reply:?}").contains("\"t\""));
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
