//! What a customer is reached and known by: e-mail, country, telephone, date of birth.
//!
//! All of it is personal data: none of these types prints its value, but for the country.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;
use time::Date;

use crate::read::calendar::{self, NotADate};
use crate::read::json_read::Node;
use crate::read::object::{Object, text};
use crate::read::shape::{Field, Rule, Shape, present};
use crate::read::validate::{Report, join};
use crate::read::violation::Violation;

/// An e-mail address that mail could be sent to: a local part, `@`, and a host with a top level domain (the HTML standard's valid e-mail address, quoted
/// local parts of RFC 5321, letters beyond ASCII of RFC 6531).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Takes an address without a display name.
    ///
    /// # Errors
    /// Whatever is not one e-mail address.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        Self::check(text).map(|()| Email(text.to_owned()))
    }

    pub(crate) fn check(text: &str) -> Result<(), Violation> {
        if is_address(text) {
            return Ok(());
        }
        Err(Violation::new(
            "format",
            "not an e-mail address; give the address alone, for example user@example.com",
        ))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether mail could be sent to it: the HTML standard's "valid e-mail address" (what a browser's form takes) with a dot in the host, the quoted names of
/// RFC 5321, and letters beyond ASCII as RFC 6531 has them. The crate
/// `email_address`, which the tests ask, agrees on ASCII; beyond it it takes what is not seen, and refuses some letters behind a quoted name.
fn is_address(text: &str) -> bool {
    let Some(at) = text.bytes().rposition(|byte| byte == b'@') else {
        return false;
    };
    let (name, host) = (
        text.get(..at).unwrap_or_default(),
        text.get(at + 1..).unwrap_or_default(),
    );
    // Not what is not seen: it could make two addresses look like one.
    let unseen = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let foreign = |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control() && !unseen(c);
    let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let name_is_right = match quoted {
        Some(name) => {
            let mut escaped = false;
            let legal = |c: char| {
                let takes = escaped && c.is_ascii_graphic()
                    || !escaped && (matches!(c, ' '..='~') && c != '"' || foreign(c));
                // What stands behind a backslash is taken as it is.
                escaped = !escaped && c == '\\';
                takes
            };
            !name.is_empty() && name.chars().all(legal) && !escaped
        }
        None => name.split('.').all(|part| {
            let legal = |c: char| {
                c.is_ascii_alphanumeric()
                    || matches!(c, '!' | '#'..='\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^'..='`' | '{'..='~')
                    || foreign(c)
            };
            !part.is_empty() && part.chars().all(legal)
        }),
    };
    let label = |label: &str| {
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || foreign(c);
        matches!(label.len(), 1..=63)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(legal)
    };
    name_is_right && name.len() <= 64 && host.len() <= 254 && host.contains('.') && host.split('.').all(label)
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email([PERSONAL])")
    }
}

/// A country: two capital letters of ISO 3166-1, or `XK`, the code in use for Kosovo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Takes a code of two capital letters.
    ///
    /// # Errors
    /// A code that ISO 3166-1 does not list.
    pub fn parse(code: &str) -> Result<Self, Violation> {
        Self::check(code)?;
        <[u8; 2]>::try_from(code.as_bytes())
            .map(Country)
            .map_err(|_| Violation::new("format", NO_COUNTRY))
    }

    pub(crate) fn check(code: &str) -> Result<(), Violation> {
        if is_country(code) {
            return Ok(());
        }
        let capitals = code.trim_ascii().to_ascii_uppercase();
        Err(Violation::new(
            "format",
            if is_country(&capitals) {
                Cow::Owned(format!("write the country in two capital letters: {capitals}"))
            } else if capitals == "UK" {
                Cow::Borrowed("not a country of ISO 3166; the United Kingdom is GB")
            } else {
                Cow::Borrowed(NO_COUNTRY)
            },
        ))
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

const NO_COUNTRY: &str = "not a country of ISO 3166; give its two letters, for example GB";

/// Every code of ISO 3166-1, one a line (the npm package reads the same file), as the crate `iso_currency` has them: the tests compare all.
const COUNTRIES: &str = include_str!("../iso_3166.txt");

fn is_country(code: &str) -> bool {
    let mut lines = COUNTRIES.as_bytes().split(|byte| *byte == b'\n');
    code == "XK" || (code.len() == 2 && lines.any(|line| line.starts_with(code.as_bytes())))
}

/// A date of birth. The gateway shows `05/03/2000` and does not say which part is the day; its other dates are day first, so this one is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BirthDate(Date);

impl BirthDate {
    /// Reads `DD/MM/YYYY`.
    ///
    /// # Errors
    /// Another shape, a date that is one only with the month first, a day that the calendar does not have, a year before 1900.
    /// There is no clock here, so a date in the future is not found.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let message = match calendar::parse(text, '/') {
            Ok(date) => return BirthDate::new(date),
            Err(NotADate::Shape) => {
                "write the date of birth as DD/MM/YYYY, for example 05/03/2000 for the 5th of March 2000"
            }
            Err(NotADate::MonthFirst) => {
                "is a date only when read month first; write the day first (DD/MM/YYYY)"
            }
            Err(NotADate::NoSuchDay) => "no such day in the calendar; write the date of birth as DD/MM/YYYY",
        };
        Err(Violation::new("format", message))
    }

    pub(crate) fn check(text: &str) -> Result<(), Violation> {
        Self::parse(text).map(drop)
    }

    /// Takes a date of the calendar.
    ///
    /// # Errors
    /// A year before 1900.
    pub fn new(date: Date) -> Result<Self, Violation> {
        if date.year() < 1900 {
            return Err(Violation::new(
                "range",
                "the year of birth is before 1900; check it",
            ));
        }
        Ok(BirthDate(date))
    }

    /// The date.
    pub fn date(self) -> Date {
        self.0
    }
}

/// `DD/MM/YYYY`
impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&calendar::write(self.0, '/'))
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate([PERSONAL])")
    }
}

/// A telephone number, in the parts that the gateway takes: JSON numbers, so without `+` and without leading zeros.
///
/// Checked against the lengths of E.164 alone. Whether a number exists in a country's plan would take tables of half a megabyte.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    country: Option<Country>,
    number: u64,
    prefix: Option<u16>,
}

/// E.164: at most 15 digits with the country's prefix.
const MAX_PHONE_NUMBER: u64 = 999_999_999_999_999;
/// E.164: a country's prefix has one to three digits.
const MAX_PHONE_PREFIX: u64 = 999;

pub(crate) static PHONE: Shape = Shape {
    fields: &[
        Field::new("country", Rule::Text(Country::check)),
        Field::needed(
            "number",
            Rule::Count(MAX_PHONE_NUMBER),
            "give the national number, or leave `phone` out",
        ),
        Field::new("prefix", Rule::Count(MAX_PHONE_PREFIX)),
    ],
    also: check_phone,
};

fn check_phone(phone: &Node<'_>, path: &str, report: &mut Report) {
    if present(phone, "prefix").is_none() && present(phone, "country").is_none() {
        report.add(
            join(path, "prefix"),
            "required",
            "missing; give the country's prefix (44 for the United Kingdom) or `country`",
        );
    }
    let digits = |name| present(phone, name).and_then(Node::as_count).map_or(0, length);
    if digits("number") <= 15 && digits("number") + digits("prefix") > 15 {
        report.add(join(path, "number"), "range", TOO_LONG);
    }
}

const TOO_LONG: &str =
    "a telephone number has at most 15 digits with its prefix; give the national number without the prefix";

/// How many digits a number has.
fn length(number: u64) -> u32 {
    number.checked_ilog10().map_or(0, |log| log + 1)
}

impl Phone {
    /// A telephone number by its country prefix (44) and national number (783433252), and optionally its country.
    ///
    /// # Errors
    /// A prefix outside 1 to 999, a number of zero, more than 15 digits together.
    pub fn new(prefix: u16, number: u64, country: Option<Country>) -> Result<Self, Violation> {
        if !(1..=MAX_PHONE_PREFIX).contains(&u64::from(prefix)) || number == 0 {
            return Err(Violation::new(
                "range",
                "the prefix must be from 1 to 999 and the number more than 0",
            ));
        }
        if length(number) + length(u64::from(prefix)) > 15 {
            return Err(Violation::new("range", TOO_LONG));
        }
        Ok(Phone {
            country,
            number,
            prefix: Some(prefix),
        })
    }

    /// Takes what has been checked.
    pub(crate) fn build(phone: &Value) -> Option<Phone> {
        Some(Phone {
            country: text(phone, "country").and_then(|code| Country::parse(code).ok()),
            number: phone.get("number")?.as_u64()?,
            prefix: phone
                .get("prefix")
                .and_then(Value::as_u64)
                .and_then(|prefix| u16::try_from(prefix).ok()),
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        let mut object = Object::default();
        object.text("country", self.country.as_ref().map(Country::code));
        object.put("number", Some(self.number.into()));
        object.put("prefix", self.prefix.map(Value::from));
        Value::Object(object.done())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone([PERSONAL])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(address: &str) -> bool {
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        // Without display names the crate still splits one off at " <": whatever has it is not the address alone.
        !address.contains(" <") && email_address::EmailAddress::parse_with_options(address, options).is_ok()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn addresses_are_those_of_the_crate(
            address in "([!-~]{0,3}|[ab.\"\\\\ @]{0,8}|\"[ab \\\\\"]{0,5}\"|a{62,66})@?(@[ab.-]{0,9}|@(a\\.){0,2}a{0,64}\\.?b?|@b\\.c)"
        ) {
            prop_assert_eq!(is_address(&address), judged(&address), "{}", address);
        }
    }

    #[test]
    fn the_countries_are_those_of_iso_currency() {
        let letters = || 'A'..='Z';
        let mut known = 0;
        for code in letters()
            .flat_map(|a| letters().map(move |b| String::from_iter([a, b])))
            .chain(["".to_owned(), "G".to_owned(), "gb".to_owned(), "GBR".to_owned()])
        {
            let iso = code.len() == 2 && code.parse::<iso_currency::Country>().is_ok();
            known += usize::from(iso);
            assert_eq!(is_country(&code), iso || code == "XK", "{code}");
        }
        assert_eq!(COUNTRIES.lines().count(), known);
    }
}
