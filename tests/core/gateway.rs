//! The gateway's configuration and the routes.

use edge_cashier::{ApiKey, Gateway, GatewayConfig, OperationName, Routes};
use serde_json::json;

use crate::support::{self, found};

const KEY: &str = "example_key_0123456789";

fn config() -> GatewayConfig {
    GatewayConfig {
        cashier_url: Some("https://cashier.example/open?token={token}".to_owned()),
        ..support::config(KEY, "https://gateway.example/api")
    }
}

fn gateway() -> Gateway {
    Gateway::new(config()).unwrap()
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
