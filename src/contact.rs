//! What a customer is reached and known by: e-mail, country, telephone, date of birth.
//!
//! All of it is personal data: none of these types prints its value, but for the country.

use std::fmt;

use serde_json::{Map, Value};
use time::Date;

use crate::calendar::{self, NotADate};
use crate::error::Violation;
use crate::validate::{Fields, Report};

const PHONE_FIELDS: [&str; 3] = ["country", "number", "prefix"];

/// An e-mail address that mail could be sent to: a local part, `@`, and a host with a top level domain (RFC 5321/5322,
/// as the crate `email_address` reads them).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Takes an address without a display name.
    ///
    /// # Errors
    /// Whatever is not one e-mail address.
    #[inline(never)]
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        // Without display names the crate still splits one off at " <": whatever has it is not the address alone.
        let alone = crate::text::find(text, " <").is_none();
        if alone && email_address::EmailAddress::parse_with_options(text, options).is_ok() {
            return Ok(Email(text.to_owned()));
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
    #[inline(never)]
    pub fn parse(code: &str) -> Result<Self, Violation> {
        let capitals = code.trim().to_ascii_uppercase();
        match <[u8; 2]>::try_from(code.as_bytes()) {
            Ok(bytes) if is_country(code) => Ok(Country(bytes)),
            _ if is_country(&capitals) => Err(Violation::new(
                "format",
                format!("write the country in two capital letters: {capitals}"),
            )),
            _ if capitals == "UK" => Err(Violation::new(
                "format",
                "not a country of ISO 3166; the United Kingdom is GB",
            )),
            _ => Err(Violation::new(
                "format",
                "not a country of ISO 3166; give its two letters, for example GB",
            )),
        }
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Every code of ISO 3166-1, as the crate `iso_currency` has them: the tests compare all.
const COUNTRIES: &str = "\
    ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCN\
    COCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHM\
    HNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMK\
    MLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURW\
    SASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVI\
    VNVUWFWSYEYTZAZMZW";

fn is_country(code: &str) -> bool {
    let (codes, _) = COUNTRIES.as_bytes().as_chunks::<2>();
    code == "XK" || codes.iter().any(|known| known == code.as_bytes())
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
    #[inline(never)]
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
        let phone = Phone {
            country,
            number,
            prefix: Some(prefix),
        };
        phone.check_length()?;
        Ok(phone)
    }

    fn check_length(&self) -> Result<(), Violation> {
        let length = |number: u64| number.checked_ilog10().map_or(0, |log| log + 1);
        if length(self.number) + self.prefix.map_or(0, |prefix| length(u64::from(prefix))) > 15 {
            return Err(Violation::new(
                "range",
                "a telephone number has at most 15 digits with its prefix; give the national number without the prefix",
            ));
        }
        Ok(())
    }

    #[inline(never)]
    pub(crate) fn read(value: &Value, path: &str, report: &mut Report) -> Option<Phone> {
        let fields = Fields::open(value, path, &PHONE_FIELDS, report)?;
        let country = fields
            .text("country", report)
            .and_then(|text| report.keep(fields.at("country"), Country::parse(text)));
        fields.need("number", "give the national number, or leave `phone` out", report);
        let number = fields.count("number", MAX_PHONE_NUMBER, report);
        let prefix = fields
            .count("prefix", MAX_PHONE_PREFIX, report)
            .and_then(|prefix| u16::try_from(prefix).ok());
        if fields.get("prefix").is_none() && fields.get("country").is_none() {
            report.add(
                fields.at("prefix"),
                "required",
                "missing; give the country's prefix (44 for the United Kingdom) or `country`",
            );
        }
        let phone = Phone {
            country,
            number: number?,
            prefix,
        };
        report.keep(fields.at("number"), phone.check_length())?;
        Some(phone)
    }

    #[inline(never)]
    pub(crate) fn to_value(&self) -> Value {
        let mut map = Map::new();
        if let Some(country) = self.country {
            map.insert("country".to_owned(), country.code().into());
        }
        map.insert("number".to_owned(), self.number.into());
        if let Some(prefix) = self.prefix {
            map.insert("prefix".to_owned(), prefix.into());
        }
        Value::Object(map)
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
        assert_eq!(COUNTRIES.len(), 2 * known);
    }
}
