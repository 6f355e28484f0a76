//! The customer: what each field takes, and that none of it prints.

use edge_cashier::{
    BirthDate, Country, Currency, Email, HostedDeposit, HostedWithdrawal, OperationName, Phone,
};
use serde_json::{Value, json};

use crate::support::{found, gateway};

fn deposit(customer: Value) -> Result<HostedDeposit, Vec<(String, &'static str)>> {
    let request =
        json!({"user_id": "1", "tracking_id": "t", "amount": 1, "currency": "EUR", "customer": customer});
    let owned = |(path, code): (&str, _)| (path.to_owned(), code);
    HostedDeposit::from_value(&request).map_err(|error| found(&error).into_iter().map(owned).collect())
}

#[test]
fn e_mail_addresses() {
    for good in [
        "user@example.com",
        "first.last+tag@sub.example.co.uk",
        "o'neil@example.com",
        "\"a b\"@example.com",
        "jürgen@exämple.example",
        "\"a\\\"b\"@example.com",
    ] {
        assert_eq!(Email::parse(good).unwrap().as_str(), good);
    }
    for bad in [
        "",
        "user",
        "user@",
        "@example.com",
        "user@example",
        "a@b@example.com",
        "user@example..com",
        "John <user@example.com>",
        "user@example.com ",
        "user name@example.com",
        "user@[127.0.0.1]",
        "us\u{200b}er@example.com",
        "user@exam\u{202e}ple.com",
        "user@example.com\n",
        "\"a\tb\"@example.com",
    ] {
        let violation = Email::parse(bad).expect_err(bad);
        assert_eq!(violation.code, "format", "{bad}");
    }
}

#[test]
fn dates_of_birth_are_day_first() {
    for good in ["05/03/2000", "29/02/2024", "31/12/1900", "01/01/2099"] {
        assert_eq!(BirthDate::parse(good).unwrap().to_string(), good);
    }
    let date = BirthDate::parse("05/03/2000").unwrap().date();
    assert_eq!((date.day(), u8::from(date.month())), (5, 3));
    for (bad, says) in [
        ("05/23/2000", "month first"),
        ("02/29/2024", "month first"),
        ("29/02/2023", "no such day"),
        ("31/04/2000", "no such day"),
        ("00/01/2000", "no such day"),
        ("32/13/2000", "no such day"),
        ("2000-03-05", "DD/MM/YYYY"),
        ("05-03-2000", "DD/MM/YYYY"),
        ("5/3/2000", "DD/MM/YYYY"),
        ("05/03/00", "DD/MM/YYYY"),
        ("05/03/2000 ", "DD/MM/YYYY"),
        ("05/03/-200", "DD/MM/YYYY"),
        ("05/03/2000/1", "DD/MM/YYYY"),
        ("", "DD/MM/YYYY"),
        ("05/03/1899", "1900"),
    ] {
        assert!(BirthDate::parse(bad).unwrap_err().message.contains(says), "{bad}");
    }
}

/// The officially assigned codes of ISO 3166-1 alpha-2, as the standard lists them.
const ASSIGNED: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF \
    GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW \
    KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL \
    NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST \
    SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

#[test]
fn countries_are_those_of_the_standard() {
    let assigned: Vec<&str> = ASSIGNED.split_whitespace().collect();
    assert_eq!(assigned.len(), 249);
    for first in 'A'..='Z' {
        for second in 'A'..='Z' {
            let code = format!("{first}{second}");
            let expected = assigned.contains(&code.as_str()) || code == "XK";
            assert_eq!(Country::parse(&code).is_ok(), expected, "{code}");
        }
    }
    assert_eq!(Country::parse("GB").unwrap().code(), "GB");
    for (bad, says) in [
        ("gb", "capital letters: GB"),
        ("UK", "United Kingdom is GB"),
        ("GBR", "two letters"),
        ("", "two letters"),
        ("É", "two letters"),
        ("Germany", "two letters"),
    ] {
        assert!(Country::parse(bad).unwrap_err().message.contains(says), "{bad}");
    }
}

#[test]
fn every_currency_in_use_is_known() {
    // ISO 4217, list one, without funds, metals and testing codes.
    let codes = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE \
        CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES \
        KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR \
        NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND \
        TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";
    let unknown: Vec<&str> = codes
        .split_whitespace()
        .filter(|code| Currency::parse(code).is_err())
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn telephone_numbers_are_numbers() {
    for good in [
        json!({"country": "GB", "number": 783433252, "prefix": 44}),
        json!({"number": 783433252, "prefix": 44}),
        json!({"number": 783433252, "country": "GB"}),
        json!({"number": 9999999999999u64, "prefix": 44}),
    ] {
        assert!(deposit(json!({ "phone": good })).is_ok(), "{good}");
    }
    for (bad, field, code) in [
        (json!({"prefix": 44}), ".number", "required"),
        (json!({"number": 783433252}), ".prefix", "required"),
        (json!({"number": "0783433252", "prefix": 44}), ".number", "type"),
        (json!({"number": 783433252, "prefix": "+44"}), ".prefix", "type"),
        (json!({"number": 783433252, "prefix": 1000}), ".prefix", "range"),
        (json!({"number": 7.5, "prefix": 44}), ".number", "range"),
        (json!({"number": -7, "prefix": 44}), ".number", "range"),
        (
            json!({"number": 99999999999999u64, "prefix": 44}),
            ".number",
            "range",
        ),
        (
            json!({"number": 1, "prefix": 44, "area": 20}),
            ".area",
            "unknown_field",
        ),
        (json!(44783433252u64), "", "type"),
    ] {
        let found = deposit(json!({ "phone": bad })).unwrap_err();
        assert_eq!(found, [(format!("request.customer.phone{field}"), code)], "{bad}");
    }
    assert!(
        Phone::new(44, 783_433_252, None).is_ok()
            && Phone::new(0, 1, None).is_err()
            && Phone::new(44, 0, None).is_err()
            && Phone::new(44, 99_999_999_999_999, None).is_err()
    );
}

#[test]
fn blank_and_mistyped_fields_are_told() {
    let found =
        deposit(json!({"first_name": " ", "zip_code": 12345, "max_deposit_limit": -1, "middle_name": "X"}))
            .unwrap_err();
    assert_eq!(
        found,
        [
            ("request.customer.middle_name".to_owned(), "unknown_field"),
            ("request.customer.first_name".to_owned(), "empty"),
            ("request.customer.zip_code".to_owned(), "type"),
            ("request.customer.max_deposit_limit".to_owned(), "range"),
        ]
    );
    assert_eq!(
        deposit(json!("John")).unwrap_err(),
        [("request.customer".to_owned(), "type")]
    );
}

#[test]
fn a_limit_of_deposits_is_refused_in_a_withdrawal_and_says_why() {
    let withdrawal = |customer: Value| {
        HostedWithdrawal::from_value(&json!({
            "user_id": "128", "tracking_id": "t-1", "amount": 10.05, "currency": "EUR", "customer": customer
        }))
    };
    let error = withdrawal(json!({"max_deposit_limit": 500})).unwrap_err();
    let [violation] = error.violations() else {
        panic!("{error}");
    };
    assert_eq!(violation.path, "request.customer.max_deposit_limit");
    assert_eq!(violation.code, "unknown_field");
    assert!(violation.message.contains("belongs to deposits"), "{violation}");
    assert!(withdrawal(json!({"max_deposit_limit": null})).is_ok());
}

#[test]
fn nothing_of_a_customer_prints() {
    let deposit = deposit(json!({
        "first_name": "Johnathan", "last_name": "Doemann", "email": "user@example.com", "zip_code": "98765", "address": "123 Main Street",
        "city": "Springfield", "dob": "05/03/2000", "country_code": "GB", "phone": {"country": "GB", "number": 783433252, "prefix": 44},
        "extra": {"state": "Oregon"}
    }))
    .unwrap();
    let customer = deposit.customer.clone().unwrap().customer;
    let printed = format!(
        "{deposit:?} {customer:?} {:?} {:?} {:?}",
        customer.email, customer.dob, customer.phone
    );
    for personal in [
        "Johnathan",
        "Doemann",
        "user@",
        "98765",
        "Main",
        "Springfield",
        "2000",
        "783433252",
        "Oregon",
    ] {
        assert!(!printed.contains(personal), "{personal}: {printed}");
    }
    assert!(
        printed.contains("first_name") && printed.contains("phone"),
        "which fields are set does print: {printed}"
    );
    assert!(
        printed.contains("tracking_id: TrackingId(\"") && printed.contains("amount: Amount("),
        "whose payment it is and how much does print: {printed}"
    );
}

#[test]
fn text_has_no_control_characters() {
    for text in [
        "New\nYork",
        "New\tYork",
        "New\u{0}York",
        "New\u{85}York",
        "\u{7f}",
    ] {
        for name in [
            "first_name",
            "last_name",
            "kyc_status",
            "zip_code",
            "address",
            "city",
        ] {
            assert_eq!(
                deposit(json!({ name: text })).unwrap_err(),
                [(format!("request.customer.{name}"), "format")],
                "{text:?}"
            );
        }
    }
    for text in ["São Paulo", "7 Rue de l’Été", "東京都", "O'Neil-Smith, Jr."] {
        assert!(deposit(json!({ "city": text })).is_ok(), "{text}");
    }
}

#[test]
fn a_birth_in_the_future_is_refused_on_the_day_of_the_request() {
    use time::macros::date;

    let gateway = gateway();
    let request = |dob: &str, mode: Value| {
        let value = json!({"mode": mode, "user_id": "1", "tracking_id": "t", "amount": 1, "currency": "EUR", "customer": {"dob": dob}});
        let name = OperationName::HostedDeposit;
        gateway.request_on(date!(2026 - 11 - 26), name, &value)
    };
    assert!(request("26/11/2026", json!("test")).is_ok());
    let error = request("27/11/2026", json!(5)).unwrap_err();
    // Beside everything else that is wrong.
    assert_eq!(
        found(&error),
        [("request.mode", "type"), ("request.customer.dob", "range")]
    );
    assert!(
        BirthDate::parse("01/01/2090")
            .unwrap()
            .check_on(date!(2026 - 11 - 26))
            .is_err()
    );
}
