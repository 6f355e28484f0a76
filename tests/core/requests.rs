//! What is refused before it is sent: all of it at once, each with its place, its code and a remedy.

use edge_cashier::{
    Amount, Currency, DirectPayment, HostedDeposit, OperationName, Payment, RejectPayout, TrackingId, UserId,
    ValidationError,
};
use serde_json::{Value, json};

use crate::support::{found, gateway};

/// A request with some fields changed; `null` takes one away.
fn base(changes: Value) -> Value {
    let mut request = json!({"user_id": "128", "tracking_id": "t-1", "amount": 10.05, "currency": "EUR"});
    let Value::Object(changes) = changes else {
        return request;
    };
    request.as_object_mut().unwrap().extend(changes);
    request
}

/// The base request with some fields changed (`null` takes one away), as `(path, code)` of what is wrong with it.
fn wrong(changes: Value) -> Vec<(String, &'static str)> {
    HostedDeposit::from_value(&base(changes)).map_or_else(|error| places(&error), |_| Vec::new())
}

fn places(error: &ValidationError) -> Vec<(String, &'static str)> {
    found(error)
        .into_iter()
        .map(|(path, code)| (path.to_owned(), code))
        .collect()
}

fn assert_wrong(changes: Value, path: &str, code: &'static str) {
    assert_eq!(wrong(changes.clone()), [(path.to_owned(), code)], "{changes}");
}

/// The request object that the base request leaves as, with some fields changed.
fn sent(changes: Value) -> Value {
    let body = body_text(&HostedDeposit::from_value(&base(changes)).unwrap());
    serde_json::from_str::<Value>(&body).unwrap()["request"].take()
}

fn body_text(deposit: &HostedDeposit) -> String {
    String::from_utf8(gateway().request(deposit).unwrap().into_body()).unwrap()
}

#[test]
fn every_violation_is_told_at_once() {
    let request = json!({"request": {
        "mode": 5, "settings": [], "user_id": "", "traking_id": "t", "ip": "1.2.3.4:80", "amount": "1e3", "currency": "eur",
        "amount_restricted": "yes",
        "customer": {"email": "nobody", "dob": "05/23/2000", "country_code": "UK", "phone": {"country": "GB", "number": "0783433252", "prefix": 0}, "zip_code": 12345}
    }});
    let error = HostedDeposit::from_value(&request).unwrap_err();
    let expected = [
        ("request.traking_id", "unknown_field"),
        ("request.mode", "type"),
        ("request.settings", "type"),
        ("request.user_id", "required"),
        ("request.tracking_id", "required"),
        ("request.ip", "format"),
        ("request.amount", "format"),
        ("request.currency", "format"),
        ("request.amount_restricted", "type"),
        ("request.customer.email", "format"),
        ("request.customer.zip_code", "type"),
        ("request.customer.dob", "format"),
        ("request.customer.country_code", "format"),
        ("request.customer.phone.number", "type"),
        ("request.customer.phone.prefix", "range"),
    ];
    assert_eq!(found(&error), expected);
    // Each says what to do, and none of them repeats what the customer is.
    let text = error.to_string();
    for part in [
        "did you mean \"tracking_id\"?",
        "write the day first",
        "United Kingdom is GB",
        "capitals and without spaces: EUR",
        "1000 in place of 1e3",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for personal in ["nobody", "0783433252", "05/23/2000", "1.2.3.4", "12345"] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

#[test]
fn words_of_white_space_alone_say_nothing_whatever_white_space_it_is() {
    for blank in ["", " ", "\t\n", "\u{a0}", "\u{3000}", "\u{2003} \u{b}"] {
        assert_wrong(json!({"mode": blank}), "request.mode", "empty");
        assert_wrong(
            json!({"customer": {"city": blank}}),
            "request.customer.city",
            "empty",
        );
    }
}

#[test]
fn of_an_unknown_name_no_more_is_told_than_a_name_has() {
    let name = "card:=".repeat(30_000);
    assert_wrong(
        json!({name: 1}),
        "request.[a name of 180000 bytes]",
        "unknown_field",
    );
    for letters in 60..120 {
        let name = "a".repeat(letters) + " 4111111111111111";
        let found = wrong(json!({name: 1}));
        assert!(!found[0].0.contains("4111"), "{found:?}");
    }
}

#[test]
fn the_four_fields_without_which_nothing_can_be_credited_are_required() {
    let error = HostedDeposit::from_value(&json!({})).unwrap_err();
    assert_eq!(
        found(&error),
        ["user_id", "tracking_id", "amount", "currency"]
            .map(|name| format!("request.{name}"))
            .each_ref()
            .map(|path| (path.as_str(), "required"))
    );
    assert_wrong(json!({"user_id": null}), "request.user_id", "required");
    for (text, path, code) in [
        ("null", "request", "type"),
        (r#"{"request": null}"#, "request", "required"),
        ("{\"a\":", "", "json"),
    ] {
        let error = HostedDeposit::from_json(text).unwrap_err();
        assert_eq!(found(&error), [(path, code)], "{text}");
    }
}

#[test]
fn a_name_that_is_nearly_right_is_suggested_and_one_that_is_not_is_not() {
    let message = |name: &str| {
        let error = HostedDeposit::from_value(&json!({"request": {name: 1}})).unwrap_err();
        error.violations()[0].message.clone()
    };
    for (given, meant) in [
        ("amuont", "amount"),
        ("userId", "user_id"),
        ("trackingID", "tracking_id"),
        ("Currency", "currency"),
        ("custommer", "customer"),
        ("amount-restricted", "amount_restricted"),
    ] {
        assert!(
            message(given).contains(&format!("did you mean \"{meant}\"?")),
            "{given}: {}",
            message(given)
        );
    }
    for given in ["provider", "x", "ipaddress", ""] {
        assert!(
            !message(given).contains("did you mean"),
            "{given}: {}",
            message(given)
        );
        assert!(message(given).contains("`extra`"), "{given}: {}", message(given));
    }
    // A name of 40 bytes is compared and shown, a longer one is neither.
    for (length, path, is_suggested) in [
        (40, format!("request.user_id{}", "_".repeat(33)), true),
        (41, "request.[a name of 41 bytes]".to_owned(), false),
        (50, "request.[a name of 50 bytes]".to_owned(), false),
    ] {
        let name = format!("{:_<length$}", "user_id");
        let error = HostedDeposit::from_value(&json!({"request": {&name: 1}})).unwrap_err();
        let violation = &error.violations()[0];
        assert_eq!(violation.path, path);
        assert_eq!(
            violation.message.contains("did you mean \"user_id\""),
            is_suggested,
            "{name}"
        );
    }
}

#[test]
fn extra_is_merged_and_may_not_write_over_a_field() {
    let body = sent(json!({"extra": {"affiliate": {"id": 7}}, "customer": {"extra": {"state": "NY"}}}));
    assert_eq!(body["affiliate"], json!({"id": 7}));
    assert_eq!(body["customer"], json!({"state": "NY"}));
    assert!(body.get("extra").is_none());
    assert_wrong(
        json!({"extra": {"amount": 1}}),
        "request.extra.amount",
        "known_field",
    );
    assert_wrong(
        json!({"customer": {"extra": {"email": "x"}}}),
        "request.customer.extra.email",
        "known_field",
    );
    let twice = json!({"transaction_id": "a", "extra": {"transaction_id": "b"}});
    let error = RejectPayout::from_value(&twice).unwrap_err();
    assert_eq!(found(&error), [("extra.transaction_id", "known_field")]);
}

#[test]
fn amounts_leave_digit_for_digit() {
    for (given, sent_as) in [
        (r#"10.05"#, "10.05"),
        (r#""10.05""#, "10.05"),
        ("1000000000000.01", "1000000000000.01"),
        ("10", "10"),
        ("10.00", "10.00"),
        ("10.050", "10.05"),
        ("0.01", "0.01"),
        ("99999999999999999999.99", "99999999999999999999.99"),
    ] {
        let text = format!(r#"{{"user_id":"1","tracking_id":"t","amount":{given},"currency":"EUR"}}"#);
        let body = body_text(&HostedDeposit::from_json(&text).unwrap());
        let written = format!(r#""amount":{sent_as},"#);
        assert!(body.contains(&written), "{given}: {body}");
    }
}

#[test]
fn an_amount_has_no_more_decimals_than_its_currency() {
    for (amount, currency, expected) in [
        ("10.055", "EUR", Some("decimals")),
        ("10.5", "JPY", Some("decimals")),
        ("10.0", "JPY", None),
        ("1.234", "KWD", None),
        ("1.2345", "KWD", Some("decimals")),
        ("10.050000000000001", "EUR", Some("decimals")),
        ("0", "EUR", Some("range")),
        ("0.00", "EUR", Some("range")),
        ("-5", "EUR", Some("range")),
        ("NaN", "EUR", Some("format")),
        ("1e2", "EUR", Some("format")),
        ("1,5", "EUR", Some("format")),
        ("+1", "EUR", Some("format")),
        ("", "EUR", Some("format")),
        ("0.0000001", "XAU", None),
        ("99999999999999999999999999999999", "EUR", Some("range")),
    ] {
        let found = wrong(json!({"amount": amount, "currency": currency}));
        let expected = expected.map(|code| ("request.amount".to_owned(), code));
        assert_eq!(found, Vec::from_iter(expected), "{amount} {currency}");
    }
    // A float sum of a JavaScript caller is caught, not rounded.
    assert_wrong(json!({"amount": 0.1 + 0.2}), "request.amount", "decimals");
    assert_wrong(json!({"amount": true}), "request.amount", "type");
}

/// Whatever is in the payment's currency, in every request that has it.
#[test]
fn a_limit_of_deposits_has_no_more_decimals_than_the_currency() {
    let limit = "request.customer.max_deposit_limit";
    for (given, currency, expected) in [
        ("10.055", "EUR", Err("decimals")),
        ("0.5", "JPY", Err("decimals")),
        ("10.000", "EUR", Ok("10.00")),
        ("1000", "EUR", Ok("1000")),
        ("0", "EUR", Ok("0")),
        ("1.234", "KWD", Ok("1.234")),
    ] {
        let changes = json!({"currency": currency, "amount": 10, "customer": {"max_deposit_limit": given}});
        match expected {
            Err(code) => assert_wrong(changes, limit, code),
            Ok(written) => assert_eq!(
                sent(changes)["customer"]["max_deposit_limit"].to_string(),
                written
            ),
        }
    }
    let request = base(json!({"provider_id": 7, "customer": {"max_deposit_limit": "0.001"}}));
    let error = DirectPayment::from_value(&request).unwrap_err();
    assert_eq!(found(&error), [(limit, "decimals")]);
}

#[test]
fn a_request_that_was_put_together_in_rust_is_checked_before_it_is_sent() {
    let payment = Payment::new(
        UserId::new("1").unwrap(),
        TrackingId::new("t").unwrap(),
        Amount::parse("-1.001").unwrap(),
        Currency::unchecked("EURO"),
    );
    let mut deposit = HostedDeposit::new(payment);
    deposit.extra.insert("user_id".to_owned(), json!("2"));
    let error = gateway().request(&deposit).unwrap_err();
    assert_eq!(
        found(&error),
        [
            ("request.currency", "format"),
            ("request.extra.user_id", "known_field"),
            // What is to be seen only from several fields comes behind them.
            ("request.amount", "range"),
        ]
    );
    assert_eq!(
        gateway()
            .request_for(OperationName::HostedDeposit, &base(json!({})))
            .unwrap()
            .uri(),
        "https://gateway.example/api/v1/cashier/deposit"
    );
}

#[test]
fn open_values_are_carried_and_not_judged() {
    let body = sent(
        json!({"mode": "live", "theme": "solarized", "customer": {"kyc_status": "in review"}, "settings": {"a": [1, 2.50]}}),
    );
    assert_eq!(
        (&body["mode"], &body["theme"]),
        (&json!("live"), &json!("solarized"))
    );
    assert_eq!(body["customer"]["kyc_status"], "in review");
    assert_eq!(body["settings"].to_string(), r#"{"a":[1,2.5]}"#);
}

#[test]
fn addresses_of_both_kinds_are_taken() {
    for ip in ["127.34.125.54", "::1", "2001:db8::7"] {
        assert_eq!(sent(json!({ "ip": ip }))["ip"], ip);
    }
    for ip in ["1.2.3", "example.com", "[::1]", "01.2.3.4", "1.2.3.4, 5.6.7.8"] {
        assert_wrong(json!({ "ip": ip }), "request.ip", "format");
    }
}

#[test]
fn a_secret_that_is_taken_for_a_field_name_is_not_repeated() {
    let error = HostedDeposit::from_value(&json!({"4111111111111111": 1})).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("4111111111111111"));
}

/// `serde_json` takes an object with this field for a number.
#[test]
fn a_field_that_a_parser_keeps_for_itself_is_no_number() {
    let text = |amount: &str, extra: &str| {
        format!(
            r#"{{"user_id":"128","tracking_id":"order-1","amount":{amount},"currency":"EUR","extra":{{"x":{extra}}}}}"#
        )
    };
    for value in [r#""10.05""#, r#""no number""#, "1"] {
        let odd = format!(r#"{{"$serde_json::private::Number":{value}}}"#);
        let error = HostedDeposit::from_json(&text(&odd, "1")).unwrap_err();
        assert_eq!(found(&error), [("request.amount", "type")]);
        assert!(error.to_string().contains("is an object"), "{error}");
        // Where anything may stand it is sent as it came.
        let deposit = HostedDeposit::from_json(&text("10.05", &odd)).unwrap();
        let body = body_text(&deposit);
        assert!(body.contains(&odd), "{body}");
    }
}

#[test]
fn a_text_that_is_no_json_says_where() {
    for (text, part) in [
        ("{\n  \"a\": ,}", "line 2, column 8"),
        ("", "line 1, column 0"),
        (&"[".repeat(200), "line 1"),
        (&("[".repeat(200) + &"]".repeat(200)), "nests too deep"),
        (r#"{"a":"\ud800"}"#, "JSON"),
    ] {
        let error = HostedDeposit::from_json(text).unwrap_err();
        assert_eq!(error.violations()[0].code, "json");
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}

#[test]
fn a_number_for_a_string_and_a_string_for_a_number_come_with_the_remedy() {
    let mut request = base(json!({}));
    request["user_id"] = json!(128);
    request["provider_id"] = json!("210");
    let error = DirectPayment::from_value(&request).unwrap_err();
    let expected = [("request.provider_id", "type"), ("request.user_id", "type")];
    assert_eq!(found(&error), expected);
    for (violation, remedy) in error.violations().iter().zip([
        "is a string; write it without quotes, spaces, `+` or leading zeros",
        "is a number; put it in quotes",
    ]) {
        assert!(violation.message.ends_with(remedy), "{violation}");
    }
}
