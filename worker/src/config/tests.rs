//! What a configuration has to be, variable by variable.

use super::*;

const GOOD: [(&str, &str); 7] = [
    ("GATEWAY_BASE_URL", "https://gateway.example.com/api"),
    ("CASHIER_URL", "https://cashier.example.com/{token}"),
    (
        "ALLOWED_ORIGINS",
        "https://shop.example.com, http://localhost:8787",
    ),
    ("TICKET_AUDIENCE", "edge-cashier"),
    ("GATEWAY_API_KEY", "obviously-fake-api-key"),
    ("WEBHOOK_PASSWORDS", "obviously-fake-password"),
    ("TICKET_SECRET", "obviously-fake-ticket-secret-0123456789"),
];

/// The good configuration with some variables changed (or, with an empty value, removed).
fn read(changes: &[(&str, &str)]) -> Result<Config, String> {
    let value = |name: &str| {
        let find = |list: &[(&str, &str)]| {
            list.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, v)| (*v).to_owned())
        };
        find(changes).or_else(|| find(&GOOD))
    };
    let names = GOOD.iter().chain(changes).map(|(name, _)| *name);
    Config::read(&value, names).map_err(|error| error.to_string())
}

#[test]
fn a_full_configuration_is_read() {
    let config = read(&[]).unwrap();
    assert_eq!(
        config.allowed_origins,
        ["https://shop.example.com", "http://localhost:8787"]
    );
    assert_eq!(config.gateway_timeout, Duration::from_secs(15));
    for origin in [
        "https://shop.example.com:8443",
        "http://[::1]:8787",
        "https://xn--bcher-kva.example",
    ] {
        assert_eq!(
            read(&[("ALLOWED_ORIGINS", origin)]).unwrap().allowed_origins,
            [origin]
        );
    }
    assert_eq!(config.reconciliation_days, 3);
    let config = read(&[("RECONCILIATION_DAYS", "31")]).unwrap();
    assert_eq!(config.reconciliation_days, 31);
    let config = read(&[("GATEWAY_TIMEOUT_MS", "1000")]).unwrap();
    assert_eq!(config.gateway_timeout, Duration::from_secs(1));
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let error = Config::read(&|_| None, []).unwrap_err().to_string();
    for (name, _) in GOOD {
        assert!(
            error.contains(&format!("{name}: is missing")),
            "{name} in {error}"
        );
    }
}

#[test]
fn what_is_malformed_is_named_beside_what_is_missing() {
    let error = read(&[("GATEWAY_API_KEY", "a b"), ("GATEWAY_BASE_URL", "")]).unwrap_err();
    for named in ["GATEWAY_API_KEY: ", "GATEWAY_BASE_URL: is missing"] {
        assert!(error.contains(named), "{named} in {error}");
    }
}

#[test]
fn each_malformed_variable_is_named_and_no_value_is_shown() {
    for (name, value) in [
        ("GATEWAY_BASE_URL", "not a url 4711"),
        ("CASHIER_URL", "https://cashier.example.com/4711"),
        ("ALLOWED_ORIGINS", "https://shop.example.com/4711"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://SHOP.example.com"),
        ("ALLOWED_ORIGINS", "https://shop.example.com:443"),
        ("ALLOWED_ORIGINS", "http://localhost:80"),
        ("ALLOWED_ORIGINS", "https://shop.example.com:"),
        ("ALLOWED_ORIGINS", "https://shop.example.com:08443"),
        ("ALLOWED_ORIGINS", "https://shop.example.com:65536"),
        ("ALLOWED_ORIGINS", "https://user@shop.example.com"),
        ("ALLOWED_ORIGINS", "https://shop.example.com?4711"),
        ("ALLOWED_ORIGINS", "https://"),
        ("ALLOWED_ORIGINS", "https://[::1"),
        ("ALLOWED_ORIGINS", "ftp://shop.example.com"),
        ("ALLOWED_ORIGINS", " , "),
        ("TICKET_SECRET", "short-4711"),
        ("GATEWAY_TIMEOUT_MS", "4711s"),
        // Meant in seconds.
        ("GATEWAY_TIMEOUT_MS", "15"),
        ("GATEWAY_TIMEOUT_MS", "99"),
        ("GATEWAY_TIMEOUT_MS", "60001"),
        ("GATEWAY_ROUTES", "{4711"),
        ("WEBHOOK_PASSWORDS", "[4711"),
        ("WEBHOOK_PASSWORDS", "[]"),
        ("WEBHOOK_PASSWORDS", r#"[{"id":"a","password":""}]"#),
        (
            "WEBHOOK_PASSWORDS",
            r#"[{"id":"a","password":"4711","not_after":"tomorrow"}]"#,
        ),
        ("WEBHOOK_PASSWORDS", r#"[{"id":"a","password":"4711","until":1}]"#),
        ("WEBHOOK_PASSWORDS", r#"[{"password":"4711"}]"#),
        ("WEBHOOK_PASSWORDS", r#"["4711"]"#),
        ("WEBHOOK_PASSWORDS", r#"{"id":"a","password":"4711"}"#),
        ("WEBHOOK_PASSWORDS", r#"[{"id":"a","password":"null"}]"#),
        ("WEBHOOK_PASSWORDS", "undefined"),
        ("WEBHOOK_PASSWORDS", " \n"),
        ("GATEWAY_API_KEY", "undefined"),
        ("GATEWAY_API_KEY", " "),
        ("TICKET_SECRET", "null"),
        ("TICKET_SECRET", "                                "),
        ("TICKET_SECRET", "[4711"),
        ("TICKET_SECRET", "[]"),
        ("TICKET_SECRET", r#"["short-4711"]"#),
        (
            "TICKET_SECRET",
            r#"[{"secret": "obviously-fake-ticket-secret-4711-0123456"}]"#,
        ),
        (
            "TICKET_SECRET",
            r#"["obviously-fake-ticket-secret-4711-0123456", "null"]"#,
        ),
        (
            "TICKET_SECRET",
            r#"["obviously-fake-ticket-secret-4711-0123456", "obviously-fake-ticket-secret-4711-0123456"]"#,
        ),
        ("ALLOW_INSECURE", "4711"),
        ("ADMIN_TOKEN", "short-4711"),
        ("ADMIN_TOKEN", "[4711"),
        ("ADMIN_TOKEN", "undefined"),
        ("ADMIN_TOKEN", "obviously-fake-admin-token-4711-0123456\n"),
        ("ADMIN_TOKEN", "obviously-fake admin-token-4711-0123456"),
        ("ADMIN_TOKEN", "obviously-fäke-admin-token-4711-0123456"),
        ("CONFIRM_WITH_GATEWAY", "4711"),
        ("CARD_PAYMENTS", "true4711"),
        ("TURNSTILE_SECRET", "undefined"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "9"),
        ("RETENTION_DAYS", "4711d"),
        ("RECONCILIATION_DAYS", "0"),
        ("RECONCILIATION_DAYS", "32"),
        ("RECONCILIATION_DAYS", "4711d"),
        ("GATEWAY_ROUTES", r#"{"hosted_deposti":"/4711"}"#),
    ] {
        let error = read(&[(name, value)]).unwrap_err();
        assert!(error.starts_with(&format!("{name}: ")), "{name}={value}: {error}");
        let others = GOOD.iter().filter(|(other, _)| *other != name);
        for (other, _) in others {
            assert!(!error.contains(&format!("{other}: ")), "{other} is fine: {error}");
        }
        assert!(!error.contains("4711"), "a value is shown: {error}");
    }
}

#[test]
fn a_blank_secret_is_not_looked_for_where_it_never_was() {
    let blank_in_list = r#"["obviously-fake-ticket-secret-4711-0123456", " "]"#;
    for (name, value) in [
        ("ADMIN_TOKEN", "  "),
        ("TICKET_SECRET", "  "),
        ("TICKET_SECRET", blank_in_list),
        ("TURNSTILE_SECRET", "  "),
    ] {
        let error = read(&[(name, value)]).unwrap_err();
        assert!(error.contains("is blank"), "{name}: {error}");
        assert!(!error.contains("merchant portal"), "{name}: {error}");
    }
    let error = read(&[("GATEWAY_API_KEY", "  ")]).unwrap_err();
    assert!(error.contains("merchant portal"), "{error}");
}

#[test]
fn a_time_limit_says_its_unit() {
    let error = read(&[("GATEWAY_TIMEOUT_MS", "15")]).unwrap_err();
    assert_eq!(
        error,
        "GATEWAY_TIMEOUT_MS: must be a whole number of milliseconds from 100 to 60000"
    );
}

#[test]
fn a_slip_in_a_name_is_refused_with_what_was_meant() {
    for (slip, meant) in [
        ("WEBHOOK_PASSWORD", "WEBHOOK_PASSWORDS"),
        ("GATEWAY_BASEURL", "GATEWAY_BASE_URL"),
        ("ALLOW_INSECURE_HTTP", "ALLOW_INSECURE"),
        ("GATEWAY_TIMEOUT", "GATEWAY_TIMEOUT_MS"),
        ("GATEWAY_ROUTE", "GATEWAY_ROUTES"),
        ("allowed_origins", "ALLOWED_ORIGINS"),
    ] {
        let error = read(&[(slip, "4711")]).unwrap_err();
        let remedy = format!("{slip}: is not known; did you mean {meant}? Rename or remove it");
        assert_eq!(error, remedy);
    }
    // Also when something else is wrong already.
    let error = read(&[("GATEWAY_API_KEY", ""), ("ALLOW_INSECURE_HTTP", "true")]).unwrap_err();
    assert!(error.contains("did you mean ALLOW_INSECURE?"), "{error}");
    let others = [
        ("LOG_LEVEL", "info"),
        ("NODE_ENV", "production"),
        ("CF_PAGES", "1"),
    ];
    read(&others).unwrap();

    let list = r#"[{"id": "old", "password": "4711", "notAfter": "2026-12-01T00:00:00Z"}]"#;
    let error = read(&[("WEBHOOK_PASSWORDS", list)]).unwrap_err();
    assert_eq!(
        error,
        "WEBHOOK_PASSWORDS: [0].notAfter: unknown field; did you mean \"not_after\"?"
    );
    let routes = r#"{"hosted_deposti": "/deposit"}"#;
    let error = read(&[("GATEWAY_ROUTES", routes)]).unwrap_err();
    assert!(error.contains("did you mean \"hosted_deposit\"?"), "{error}");
}

#[test]
fn http_is_for_this_machine_unless_it_is_allowed() {
    let container = [
        ("GATEWAY_BASE_URL", "http://gateway:8080"),
        ("CASHIER_URL", "http://gateway:8080/{token}"),
    ];
    for allowed in ["", "false"] {
        let error = read(&[container[0], container[1], ("ALLOW_INSECURE", allowed)]).unwrap_err();
        assert!(error.contains("GATEWAY_BASE_URL: "), "{error}");
        assert!(error.contains("CASHIER_URL: "), "{error}");
    }
    read(&[container[0], container[1], ("ALLOW_INSECURE", "true")]).unwrap();
}

#[test]
fn passwords_may_be_a_list_with_ends() {
    let list = r#"[{"id": "new", "password": "obviously-fake-1"},
        {"id": "old", "password": "obviously-fake-2", "not_after": "2026-12-01T00:00:00Z"},
        {"id": "older", "password": "obviously-fake-3", "not_after": 1700000000000}]"#;
    let config = read(&[("WEBHOOK_PASSWORDS", list)]).unwrap();
    // SHA-1 of `{}obviously-fake-2`, by Node's crypto.
    let signature = "C760F04020EDE1DF823DB0CEABEB798FA728527F";
    let code = |now| {
        config
            .webhook
            .verify(b"{}", signature, Some(now))
            .unwrap_err()
            .code()
    };
    assert_eq!(code(1796083200000), "not_a_webhook");
    assert_eq!(code(1796083200001), "password_expired");
}

#[test]
fn ticket_secrets_may_be_a_list_while_they_are_exchanged() {
    let secrets =
        ["a", "b", "c", "d", "e"].map(|letter| format!("obviously-fake-ticket-secret-{letter}-012345"));
    let list = |count: usize| serde_json::to_string(&secrets[..count]).unwrap();
    for count in 1..=4 {
        read(&[("TICKET_SECRET", &list(count))]).unwrap();
    }
    assert_eq!(
        read(&[("TICKET_SECRET", &list(5))]).unwrap_err(),
        "TICKET_SECRET: must be one secret, or a JSON list of 1 to 4 secrets such as [\"new\", \"old\"]"
    );
    let wrong = format!(r#"["{0}", "short", "{0}"]"#, secrets[0]);
    assert_eq!(
        read(&[("TICKET_SECRET", &wrong)]).unwrap_err(),
        "TICKET_SECRET: [1]: is shorter than 32 bytes; make one with `openssl rand -hex 32`; TICKET_SECRET: [2]: is there twice; remove it"
    );
}

#[test]
fn no_secret_is_printed() {
    let list = r#"["obviously-fake-ticket-secret-a-012345", "obviously-fake-ticket-secret-b-012345"]"#;
    for changes in [&[][..], &[("TICKET_SECRET", list)]] {
        let printed = format!("{:?}", read(changes).unwrap());
        assert!(!printed.contains("obviously-fake"), "{printed}");
    }
}

#[test]
fn deliveries_need_an_address_and_a_secret_that_signs() {
    let (address, secret) = (
        "https://shop.example.com/hook",
        "whsec_b2J2aW91c2x5LWZha2UtZGVsaXZlcnktc2VjcmV0",
    );
    let read = |address, secret| read(&[("MERCHANT_WEBHOOK_URL", address), ("DELIVERY_SECRET", secret)]);
    assert!(read("", "").unwrap().endpoint.is_none());
    for (address, secret) in [
        (address, secret),
        (
            address,
            r#"["whsec_b2J2aW91c2x5LWZha2UtZGVsaXZlcnktc2VjcmV0", "whsec_YW5vdGhlci1mYWtlLWRlbGl2ZXJ5LXNlY3JldA=="]"#,
        ),
        ("http://localhost:3000/hook", secret),
    ] {
        let config = read(address, secret).unwrap();
        assert!(config.endpoint.is_some(), "{address}");
        assert!(!format!("{config:?}").contains("whsec_"));
    }
    for (address, secret, variable) in [
        ("", secret, "MERCHANT_WEBHOOK_URL"),
        (address, "", "DELIVERY_SECRET"),
        (address, "obviously-fake-delivery-secret-4711", "DELIVERY_SECRET"),
        (address, "whsec_c2hvcnQ=", "DELIVERY_SECRET"),
        (
            address,
            "whsec_not*base64*not*base64*not*base64",
            "DELIVERY_SECRET",
        ),
        ("http://shop.example.com/4711", secret, "MERCHANT_WEBHOOK_URL"),
        (
            "https://user:4711@shop.example.com/",
            secret,
            "MERCHANT_WEBHOOK_URL",
        ),
        ("file:///etc/4711", secret, "MERCHANT_WEBHOOK_URL"),
        ("shop.example.com", secret, "MERCHANT_WEBHOOK_URL"),
    ] {
        let error = read(address, secret).unwrap_err();
        assert!(
            error.starts_with(&format!("{variable}: ")),
            "{address} {secret}: {error}"
        );
        assert!(!error.contains("4711"), "a value is shown: {error}");
    }
}
