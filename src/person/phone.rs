//! Telephone numbers.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::person::country::Country;
use crate::read::fields::{Fields, Place, Read, whole_number};
use crate::read::report::Report;
use crate::read::violation::Violation;

/// A telephone number, in the parts that the gateway takes: JSON numbers, so without `+` and without leading zeros.
///
/// Checked against the lengths of E.164 alone. Whether a number exists in a country's plan would take tables of half a megabyte.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
pub struct Phone {
    /// The country, for example `GB`.
    country: Option<Country>,
    /// The national number, without its prefix and without leading zeros.
    number: u64,
    /// The international prefix without `+`, for example 44. Either this or `country` is needed.
    prefix: Option<u16>,
}

/// E.164: at most 15 digits with the country's prefix.
const MOST_DIGITS: u32 = 15;
/// E.164: a country's prefix has one to three digits.
const LARGEST_PREFIX: u16 = 999;

impl Phone {
    /// A telephone number by its country prefix (44) and national number (783433252), and optionally its country.
    ///
    /// # Errors
    /// A prefix outside 1 to 999, a number of zero, more than 15 digits together.
    pub fn new(prefix: u16, number: u64, country: Option<Country>) -> Result<Self, Violation> {
        if !(1..=LARGEST_PREFIX).contains(&prefix) || number == 0 {
            return Err(Violation::new(
                "range",
                "the prefix must be from 1 to 999 and the number more than 0",
            ));
        }
        check_length(number, prefix.into())?;
        Ok(Phone {
            country,
            number,
            prefix: Some(prefix),
        })
    }
}

impl Read for Phone {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let country = fields.optional("country");
        let number = fields.required("number", "give the national number, or leave `phone` out");
        let prefix = fields.optional("prefix");
        if !fields.has("prefix") && !fields.has("country") {
            let message = "missing; give the country's prefix (44 for the United Kingdom) or `country`";
            fields.check("prefix", Err(Violation::new("required", message)));
        }
        if let Some(Number(number)) = number {
            let prefix = prefix.as_ref().map_or(0, |Prefix(prefix)| u64::from(*prefix));
            fields.check("number", check_length(number, prefix));
        }
        fields.finish();
        Some(Phone {
            country,
            number: number?.0,
            prefix: prefix.map(|Prefix(prefix)| prefix),
        })
    }
}

/// A national number.
struct Number(u64);

impl Read for Number {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        whole_number(value, 1..=10_u64.pow(MOST_DIGITS) - 1, at, report).map(Number)
    }
}

/// A country's prefix.
struct Prefix(u16);

impl Read for Prefix {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let prefix = whole_number(value, 1..=LARGEST_PREFIX.into(), at, report)?;
        u16::try_from(prefix).ok().map(Prefix)
    }
}

fn check_length(number: u64, prefix: u64) -> Result<(), Violation> {
    let digits = |number: u64| number.checked_ilog10().map_or(0, |log| log + 1);
    if digits(number) + digits(prefix) > MOST_DIGITS {
        let message = "a telephone number has at most 15 digits with its prefix; give the national number without the prefix";
        return Err(Violation::new("range", message));
    }
    Ok(())
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone([PERSONAL])")
    }
}
