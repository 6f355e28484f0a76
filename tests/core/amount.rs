//! Amounts: exact in, exact out, compared by value. The oracle for arithmetic is the text itself and plain integers.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use edge_cashier::{Amount, AmountError, Currency};
use proptest::prelude::*;

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn hash(amount: Amount) -> u64 {
    let mut hasher = DefaultHasher::new();
    amount.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn what_is_read_is_written_digit_for_digit() {
    for text in [
        "0",
        "10.05",
        "200.00",
        "1000000000000.01",
        "0.1",
        "-3.50",
        "0.0000000000000000000000000001",
        "79228162514264337593543950335",
        "99999999.999999999999999999",
    ] {
        assert_eq!(amount(text).to_string(), text);
        assert_eq!(
            serde_json::to_string(&amount(text)).unwrap(),
            text,
            "as a JSON number"
        );
        assert_eq!(serde_json::from_str::<Amount>(text).unwrap(), amount(text));
        assert_eq!(
            serde_json::from_str::<Amount>(&format!("\"{text}\""))
                .unwrap()
                .to_string(),
            text
        );
        assert_eq!(serde_json::to_value(amount(text)).unwrap().to_string(), text);
    }
    // There is no negative nothing, and an exponent does not make one.
    for zero in [
        amount("-0.00"),
        serde_json::from_str("-0e-2").unwrap(),
        Amount::from_minor_units(0, 2).unwrap(),
    ] {
        assert!(!zero.to_string().starts_with('-') && !zero.is_negative() && zero == Amount::ZERO);
    }
    assert_eq!(amount("-0.00").to_string(), "0.00");
}

#[test]
fn what_is_no_plain_decimal_is_refused_with_its_reason() {
    for text in [
        "",
        " ",
        "1 ",
        " 1",
        "+1",
        ".5",
        "5.",
        "-",
        "-.5",
        "007",
        "-01",
        "00",
        "1,5",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "1.2.3",
        "1.",
        "١",
        "１",
        "10€",
        "1e",
        "e5",
        "1\n",
    ] {
        assert_eq!(Amount::parse(text), Err(AmountError::NotDecimal), "{text:?}");
    }
    for text in ["1e3", "1E3", "1.5e-7", "-2e+1"] {
        assert_eq!(Amount::parse(text), Err(AmountError::Exponent), "{text:?}");
    }
    for text in [
        "79228162514264337593543950336",
        "0.00000000000000000000000000001",
        "1000000000000000000000000000.001",
    ] {
        assert_eq!(Amount::parse(text), Err(AmountError::TooLong), "{text:?}");
    }
    assert!(serde_json::from_str::<Amount>("true").is_err());
    assert!(serde_json::from_str::<Amount>("\"1e3\"").is_err());
    assert!(serde_json::from_str::<Amount>("1e400").is_err());
}

#[test]
fn each_reason_says_what_to_do() {
    for (text, code, remedy) in [
        ("1,5", "format", "with a point, for example 10.05"),
        ("1e3", "format", "1000 in place of 1e3"),
        (
            &"9".repeat(30),
            "range",
            "more digits than an amount can have (28)",
        ),
    ] {
        let error = Amount::parse(text).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(remedy), "{error}");
    }
}

#[test]
fn a_gateway_s_number_with_an_exponent_is_the_same_value() {
    assert_eq!(
        serde_json::from_str::<Amount>("1.5e-7").unwrap(),
        amount("0.00000015")
    );
    assert_eq!(serde_json::from_str::<Amount>("1E+3").unwrap(), amount("1000"));
    for (number, digits) in [
        ("2.50e1", "25"),
        ("1.005e2", "100.5"),
        ("1.5e2", "150"),
        ("25e-1", "2.5"),
        ("12.5e0", "12.5"),
        ("-2e+1", "-20"),
        ("0e5", "0"),
        ("10e-1", "1"),
        ("7e28", "70000000000000000000000000000"),
        ("1e-28", "0.0000000000000000000000000001"),
    ] {
        let read: Amount = serde_json::from_str(number).unwrap();
        assert_eq!(read.to_string(), digits, "{number}");
    }
    for number in ["8e28", "1e29", "1e-29", "1e99999999999", "1e-99999999999", "1e39"] {
        assert!(serde_json::from_str::<Amount>(number).is_err(), "{number}");
    }
}

#[test]
fn amounts_compare_by_value() {
    assert_eq!(amount("200.00"), amount("200"));
    assert_eq!(hash(amount("200.00")), hash(amount("200")));
    assert!(amount("10.05") < amount("10.5"));
    assert!(amount("-1") < Amount::ZERO);
    assert!(amount("0.01").is_positive() && !amount("0.00").is_positive() && amount("0.00").is_zero());
    assert!(amount("-0.01").is_negative() && !amount("-0.01").is_positive() && !amount("0").is_negative());
    // Two amounts that are one as floats.
    assert_ne!(amount("9007199254740993"), amount("9007199254740992"));
}

#[test]
fn minor_units_follow_the_currency() {
    let units = |code: &str| Currency::parse(code).unwrap().minor_units();
    for (code, expected) in [
        ("EUR", 2),
        ("USD", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("KWD", 3),
        ("BHD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("ISK", 0),
        ("UGX", 0),
        ("HUF", 2),
    ] {
        assert_eq!(units(code), Some(expected), "{code}");
    }
    assert_eq!(units("XAU"), None);
    assert_eq!(Amount::from_minor_units(1005, 2).unwrap(), amount("10.05"));
    assert_eq!(Amount::from_minor_units(-5, 3).unwrap().to_string(), "-0.005");
    assert!(Amount::from_minor_units(i128::MAX, 2).is_err() && Amount::from_minor_units(1, 29).is_err());
}

#[test]
fn a_currency_of_a_request_is_iso_and_one_of_a_reply_is_whatever_came() {
    for code in ["", "EURO", "eur", "EU", "E R", "XXX", "XTS", "BTC", "€"] {
        assert!(Currency::parse(code).is_err(), "{code}");
    }
    let carried: Currency = serde_json::from_str("\"USDT\"").unwrap();
    assert_eq!(
        (carried.code(), carried.is_iso(), carried.minor_units()),
        ("USDT", false, None)
    );
    assert!(amount("0.00000001").fits(&carried));
    assert_eq!(serde_json::to_string(&carried).unwrap(), "\"USDT\"");
}

#[test]
fn debug_shows_the_amount() {
    assert_eq!(
        format!("{:?}", Amount::parse("10.050").unwrap()),
        "Amount(10.050)"
    );
}

proptest! {
    /// Any digits with the point anywhere come back as they were, through text and through JSON.
    #[test]
    fn digits_survive(units in -(10i128.pow(27))..10i128.pow(27), decimals in 0u32..=27) {
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
        let sign = if units < 0 { "-" } else { "" };
        let text = if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
        prop_assert_eq!(amount(&text).to_string(), text.clone());
        prop_assert_eq!(serde_json::from_str::<Amount>(&text).unwrap().to_string(), text.clone());
        prop_assert_eq!(serde_json::to_string(&amount(&text)).unwrap(), text.clone());
        prop_assert_eq!(Amount::from_minor_units(units, decimals).unwrap(), amount(&text));
        // Zeros at the end change the text and nothing else.
        if decimals > 0 && decimals < 27 && digits.len() < 27 {
            let longer = amount(&format!("{text}0"));
            prop_assert_eq!(longer, amount(&text));
            prop_assert_eq!(hash(longer), hash(amount(&text)));
            prop_assert_eq!(longer.decimals(), amount(&text).decimals());
        }
    }

    /// The order is that of the integers behind it.
    #[test]
    fn order_is_the_integers(a in -10_000i128..10_000, b in -10_000i128..10_000, decimals in 0u32..=6) {
        // The second is written with two more decimals.
        let left = Amount::from_minor_units(a, decimals).unwrap();
        let right = Amount::from_minor_units(b * 100, decimals + 2).unwrap();
        prop_assert_eq!(left.cmp(&right), a.cmp(&b));
    }

    /// It fits exactly when nothing but zeros stands behind the currency's last place.
    #[test]
    fn fits_is_divisibility(units in 0i128..10_000_000, decimals in 0u32..=6) {
        for (code, places) in [("JPY", 0u32), ("EUR", 2), ("KWD", 3)] {
            let rest = if decimals > places { units % 10i128.pow(decimals - places) } else { 0 };
            prop_assert_eq!(Amount::from_minor_units(units, decimals).unwrap().fits(&Currency::parse(code).unwrap()), rest == 0);
        }
    }

    /// No text crashes it, and what it accepts is a JSON number.
    #[test]
    fn any_text_is_an_amount_or_an_error(text in "[-+0-9.eE, ]{0,40}|\\PC{0,20}") {
        if Amount::parse(&text).is_ok() {
            prop_assert!(serde_json::from_str::<serde_json::Number>(&text).is_ok());
        }
    }
}
