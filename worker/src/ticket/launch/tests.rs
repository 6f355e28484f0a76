//! The digest of a payment: it is stored with every session, so it must not change from one release to the next.

use super::*;
use edge_cashier::{ApiKey, GatewayConfig};

fn read(claims: &str) -> Launch {
    let gateway = Gateway::new(GatewayConfig {
        api_key: ApiKey::new("obviously-fake-api-key").unwrap(),
        base_url: String::from("https://gateway.example.com/api"),
        cashier_url: None,
        routes: Default::default(),
        user_agent: None,
        allow_insecure: false,
    })
    .unwrap();
    let claims = Claims(serde_json::from_str(claims).unwrap());
    Launch::session(&claims, &gateway, time::macros::date!(2027 - 01 - 15)).unwrap()
}

const DEPOSIT: &str = r#"{
    "sub": "128", "jti": "fb832194-34e1-4e6c-8494-d88034cf3e47", "aud": "shop", "iat": 1800000000, "exp": 1800000900,
    "operation": "hosted_deposit", "amount": 10.50, "currency": "EUR",
    "customer": {"last_name": "Müller", "first_name": "Zoë", "country_code": "DE"},
    "extra": {"b": 1.50, "a": [{"y": 1, "x": null}, true], "Z": "first"}
}"#;

/// The same payment in other words: other order, the amount as a text, other claims about the ticket.
const DEPOSIT_AGAIN: &str = r#"{
    "exp": 1800000999, "iss": "backend", "nbf": 1, "currency": "EUR", "amount": "10.50", "operation": "hosted_deposit", "aud": ["shop"],
    "extra": {"Z": "first", "a": [{"x": null, "y": 1}, true], "b": 1.50}, "amount_restricted": true,
    "customer": {"country_code": "DE", "first_name": "Zoë", "last_name": "Müller"},
    "jti": "fb832194-34e1-4e6c-8494-d88034cf3e47", "sub": "128"
}"#;

#[test]
fn the_digest_of_a_payment_is_that_of_every_earlier_release() {
    // Node's crypto: SHA-256 of `hosted_deposit`, a zero byte, and the request with the members of every object in the order of their names:
    // {"request":{"amount":"10.50","amount_restricted":true,"currency":"EUR","customer":{"country_code":"DE",…},"extra":{"Z":"first","a":[{"x":null,"y":1},true],"b":1.50},"tracking_id":…,"user_id":"128"}}
    let known = "542607ee49db9a040d1353fb526f9d6550004e78bd885d8124574b5db17f552d";
    for claims in [DEPOSIT, DEPOSIT_AGAIN] {
        assert_eq!(read(claims).digest, known, "{claims}");
    }
    let other = r#"{"sub": "u", "jti": "order-7", "operation": "direct_payment", "provider_id": 210, "amount": 7, "currency": "JPY"}"#;
    assert_eq!(
        read(other).digest,
        "e4391104d73078a10d89ea1cecac7bca9fd2cf94b30aea1213b846d55241f296"
    );
}

#[test]
fn a_payment_that_differs_in_anything_has_another_digest() {
    for (from, to) in [
        ("10.50", "10.5"),
        ("\"EUR\"", "\"USD\""),
        ("\"128\"", "\"129\""),
        ("hosted_deposit", "hosted_withdrawal"),
        ("Zoë", "Zoe"),
        ("1.50", "1.5"),
        ("null", "false"),
    ] {
        let changed = DEPOSIT.replacen(from, to, 1);
        assert_ne!(changed, DEPOSIT);
        assert_ne!(read(&changed).digest, read(DEPOSIT).digest, "{from} -> {to}");
    }
}
