//! Cards: what is accepted, and that the number is seen nowhere but in the request's body.

use edge_cashier::{Brand, CardDetails, CardNumber, CardPayment, Cvc, Expiry, OperationName};
use http::Response;
use serde_json::{Value, json};
use time::macros::date;

use crate::support::{found, gateway};

/// Test numbers that the networks and processors publish.
const PUBLISHED: [(&str, Brand, &str); 12] = [
    ("4111111111111111", Brand::Visa, "4111 11•• •••• 1111"),
    ("4222222222222", Brand::Visa, "422• •••• •222 2"),
    ("5555555555554444", Brand::Mastercard, "5555 55•• •••• 4444"),
    ("2223003122003222", Brand::Mastercard, "2223 00•• •••• 3222"),
    ("378282246310005", Brand::AmericanExpress, "3782 8••• •••0 005"),
    ("6011111111111117", Brand::Discover, "6011 11•• •••• 1117"),
    ("6510000000000034", Brand::Discover, "6510 00•• •••• 0034"),
    ("30569309025904", Brand::DinersClub, "3056 •••• ••59 04"),
    ("36227206271667", Brand::DinersClub, "3622 •••• ••16 67"),
    ("3530111333300000", Brand::Jcb, "3530 11•• •••• 0000"),
    ("6205500000000000004", Brand::UnionPay, "6205 50•• •••• •••0 004"),
    ("6759649826438453", Brand::Maestro, "6759 64•• •••• 8453"),
];

fn details() -> Value {
    json!({"holder_name": "John Doe", "card_number": "4111111111111111", "cvc": "737", "exp_month": "03", "exp_year": "2030"})
}

fn payment(card: Value) -> Value {
    json!({"request": {"user_id": "1", "tracking_id": "t", "amount": 10.05, "currency": "EUR"}, "card_details": card})
}

fn changed(name: &str, value: Value) -> Value {
    let mut card = details();
    card[name] = value;
    card
}

#[test]
fn published_numbers_are_known_and_print_masked() {
    for (number, brand, masked) in PUBLISHED {
        let card = CardNumber::parse(number).unwrap();
        assert_eq!(
            (card.brand(), card.to_string().as_str()),
            (brand, masked),
            "{number}"
        );
        assert_eq!(format!("{card:?}"), masked);
        assert!(number.ends_with(card.last_four()));
    }
    assert_eq!(
        CardNumber::parse("4111 1111-1111 1111").unwrap().to_string(),
        "4111 11•• •••• 1111"
    );
}

#[test]
fn single_spaces_and_dashes_stand_between_digits_and_nowhere_else() {
    for text in [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4 1-1 1-1111 11111111",
    ] {
        assert!(CardNumber::parse(text).is_ok(), "{text}");
    }
    for text in [
        " 4111111111111111",
        "4111111111111111 ",
        "-4111111111111111",
        "4111  1111 1111 1111",
        "4111 -1111 1111 1111",
        "4111 1111 1111 1111-",
        "4111\t1111 1111 1111",
        "4111\u{a0}1111 1111 1111",
        " ",
    ] {
        assert_eq!(CardNumber::parse(text).unwrap_err().code, "format", "{text:?}");
    }
}

#[test]
fn one_wrong_digit_or_two_exchanged_are_found() {
    for (number, ..) in PUBLISHED {
        for at in 0..number.len() {
            let mut digits = number.as_bytes().to_vec();
            // Away from the first six, where another digit is another network with another length.
            if at < 6 {
                continue;
            }
            digits[at] = b'0' + (digits[at] - b'0' + 1) % 10;
            let wrong = String::from_utf8(digits).unwrap();
            assert_eq!(
                CardNumber::parse(&wrong).unwrap_err().code,
                "check_digit",
                "{wrong}"
            );
        }
    }
    for (text, code) in [
        ("", "length"),
        ("4111", "length"),
        ("41111111111111111", "length"),
        ("4111x11111111111", "format"),
        ("４１１１１１１１１１１１１１１１", "format"),
    ] {
        let violation = CardNumber::parse(text).unwrap_err();
        assert_eq!(violation.code, code, "{text}");
        assert!(text.is_empty() || !violation.message.contains(text));
    }
}

#[test]
fn the_code_s_length_goes_with_the_network() {
    for (code, brand, fits) in [
        ("123", Brand::Visa, true),
        ("1234", Brand::Visa, false),
        ("1234", Brand::AmericanExpress, true),
        ("123", Brand::AmericanExpress, false),
        ("12", Brand::Other, false),
        ("123", Brand::Other, true),
        ("1234", Brand::Other, true),
        ("12a", Brand::Visa, false),
        ("", Brand::Visa, false),
    ] {
        assert_eq!(Cvc::parse(code, brand).is_ok(), fits, "{code} {brand:?}");
    }
}

#[test]
fn a_card_is_good_through_the_last_day_of_its_month() {
    let expiry = Expiry::new(2028, 2).unwrap();
    assert!(!expiry.is_over_on(date!(2028 - 02 - 29)));
    assert!(expiry.is_over_on(date!(2028 - 03 - 01)));
    assert!(!expiry.is_over_on(date!(2027 - 12 - 31)));
    assert!(expiry.is_over_on(date!(2029 - 01 - 01)));
    let card = CardDetails::new(
        "John Doe",
        CardNumber::parse("4111111111111111").unwrap(),
        "737",
        expiry,
    )
    .unwrap();
    assert!(card.check_on(date!(2028 - 02 - 29)).is_ok());
    assert_eq!(
        card.check_on(date!(2028 - 03 - 01)).unwrap_err().violations()[0].code,
        "expired"
    );
    assert!(Expiry::new(2028, 0).is_err() && Expiry::new(2028, 13).is_err() && Expiry::new(28, 1).is_err());
}

#[test]
fn every_fault_of_a_card_is_told_with_its_place() {
    let bad = json!({"holder_name": " ", "card_number": "4111111111111112", "cvc": "12345", "exp_month": "5", "exp_year": "30", "pin": "1"});
    let error = CardPayment::from_value(&payment(bad)).unwrap_err();
    assert_eq!(
        found(&error),
        [
            ("card_details.pin", "unknown_field"),
            ("card_details.holder_name", "empty"),
            ("card_details.card_number", "check_digit"),
            ("card_details.exp_month", "format"),
            ("card_details.exp_year", "format"),
            // How long the code is depends on the number.
            ("card_details.cvc", "length"),
        ]
    );
    let missing = CardPayment::from_value(&json!({})).unwrap_err();
    assert_eq!(
        found(&missing),
        [("request", "required"), ("card_details", "required")]
    );
    let number =
        CardPayment::from_value(&payment(changed("card_number", json!(4111111111111111u64)))).unwrap_err();
    assert_eq!(number.violations()[0].code, "type");
}

/// All that can be printed of a card, of a payment by it, and of everything that can go wrong with it.
#[test]
fn the_number_and_the_code_are_seen_nowhere_but_in_the_body() {
    const NUMBER: &str = "4111111111111111";
    let gateway = gateway();
    let good = payment(details());
    let parsed = CardPayment::from_json(&good.to_string()).unwrap();
    let request = gateway.request(&parsed).unwrap();
    assert!(
        String::from_utf8_lossy(request.body()).contains(NUMBER),
        "the body is where it belongs"
    );
    assert!(!format!("{} {:?}", request.uri(), request.headers()).contains(NUMBER));

    let mut printed = vec![
        format!("{parsed:?}"),
        format!("{:?}", parsed.card_details),
        format!(
            "{:?} {}",
            parsed.card_details.number(),
            parsed.card_details.number()
        ),
        format!("{:?}", Cvc::parse("737", Brand::Visa)),
        format!("{:?}", CardNumber::parse("4111111111111112").unwrap_err()),
    ];
    // The number in every field where it does not belong, as text and as a number.
    for name in ["holder_name", "cvc", "exp_month", "exp_year", NUMBER] {
        for value in [
            json!(NUMBER),
            json!(4111111111111111u64),
            json!({ NUMBER: NUMBER }),
        ] {
            if let Err(error) = CardPayment::from_value(&payment(changed(name, value))) {
                printed.push(format!("{error} {error:?}"));
            }
        }
    }
    for name in [
        "user_id",
        "tracking_id",
        "amount",
        "currency",
        "ip",
        "mode",
        "routing_id",
        "settings",
        "customer",
        "extra",
        NUMBER,
    ] {
        for value in [
            json!(NUMBER),
            json!(4111111111111111u64),
            json!(["4111 1111 1111 1111"]),
        ] {
            let mut wrong = good.clone();
            wrong["request"][name] = value;
            if let Err(error) = CardPayment::from_value(&wrong) {
                printed.push(format!("{error} {error:?}"));
            }
        }
    }
    // A gateway that echoes the body, whole, spaced, cut or quoted.
    let echo = String::from_utf8_lossy(request.body()).into_owned();
    for body in [
        echo.clone(),
        Value::String(echo.clone()).to_string(),
        echo.replace(NUMBER, "4111-1111-1111-1111"),
        format!("<p>{NUMBER}, 737</p> cvc=737"),
    ] {
        for status in [200, 400, 500] {
            let response = Response::builder()
                .status(status)
                .body(body.clone().into_bytes())
                .unwrap();
            let error = gateway
                .reply_for(OperationName::CardPayment, response)
                .unwrap_err();
            printed.push(format!(
                "{error} {error:?} {} {}",
                error.body(),
                error.support_report()
            ));
        }
    }
    assert!(printed.len() > 40);
    for text in &printed {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        assert!(!digits.contains(NUMBER), "{text}");
        assert!(
            !text.contains("cvc\":\"737") && !text.contains("cvc=737") && !text.contains("Cvc(737"),
            "{text}"
        );
    }
}

/// A name that needs escaping does not break the body.
#[test]
fn the_body_is_json_whatever_the_holder_is_called() {
    let name = "Zoë \"Z\" \\ O'Neil \u{2028}";
    let request = CardPayment::from_value(&payment(changed("holder_name", json!(name)))).unwrap();
    let gateway = gateway();
    let request = gateway.request(&request).unwrap();
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["card_details"]["holder_name"], name);
}

/// A body that grows leaves copies of the card behind in memory: it has room for all of it from the start, whatever is in it.
#[test]
fn the_body_of_a_card_payment_never_grows() {
    let gateway = gateway();
    for name in ["A".to_owned(), "\"\\".repeat(200), "é".repeat(2000)] {
        let mut value = payment(changed("holder_name", json!(name)));
        value["request"]["settings"] = json!({"note": "x".repeat(name.len())});
        let request = gateway.request_for(OperationName::CardPayment, &value).unwrap();
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        // What was asked for at first: the request, six bytes for each of the name, number and code, and what is around them.
        let first = body["request"].to_string().len() + name.len() * 6 + 16 + 3 + 160;
        assert_eq!(request.body().capacity(), first);
        assert!(request.body().len() <= first);
    }
}
