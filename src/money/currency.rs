//! Currency codes and how many decimals each has.
//!
//! The data (ISO 4217) is that of the crate `iso_currency`. Requests are checked against it; what the gateway sends is carried
//! through unchanged, so that a currency that is newer than the data breaks nothing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::read::violation::Violation;

/// A currency code such as `EUR`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// A currency for a request: a code of ISO 4217, in capitals.
    ///
    /// # Errors
    /// Any other code, and the two codes that stand for no money (`XXX`, `XTS`).
    pub fn parse(code: &str) -> Result<Self, Violation> {
        check_currency(code).map(|()| Currency(code.to_owned()))
    }

    /// A currency as the gateway wrote it, whatever it is.
    pub fn carried(code: impl Into<String>) -> Self {
        Currency(code.into())
    }

    /// The code, exactly as it was given.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Whether ISO 4217 lists the code (as of the data that this version was built with).
    pub fn is_iso(&self) -> bool {
        iso(&self.0)
    }

    /// How many decimals an amount of this currency has: EUR 2, JPY 0, KWD 3. `None` when the standard names no number
    /// (gold, for example) or does not list the code.
    pub fn minor_units(&self) -> Option<u32> {
        minor_units(&self.0)
    }
}

/// Refuses a code that a request cannot have.
pub(crate) fn check_currency(code: &str) -> Result<(), Violation> {
    if iso(code) {
        return Ok(());
    }
    let capitals = code.trim_ascii().to_ascii_uppercase();
    Err(if iso(&capitals) {
        Violation::new(
            "format",
            format!("write the currency in capitals and without spaces: {capitals}"),
        )
    } else {
        Violation::new(
            "format",
            "not a currency of ISO 4217; give its three letters, for example EUR",
        )
    })
}

/// How many decimals an amount of that currency has.
pub(crate) fn minor_units(code: &str) -> Option<u32> {
    char::from(entry(code)?).to_digit(10)
}

fn iso(code: &str) -> bool {
    !matches!(code, "XXX" | "XTS") && entry(code).is_some()
}

/// Every code of ISO 4217 and its number of decimals (`-`: the standard names none), as the crate `iso_currency` has them: the tests compare all.
/// Its own functions are 3 KB of wasm. One line for each; the npm package reads the same file.
const CODES: &str = include_str!("../iso_4217.txt");

/// What stands behind a code in the table.
fn entry(code: &str) -> Option<u8> {
    CODES
        .as_bytes()
        .split(|byte| *byte == b'\n')
        .find(|line| line.starts_with(code.as_bytes()) && code.len() == 3)
        .and_then(|line| line.get(3).copied())
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Currency").field(&self.0).finish()
    }
}

impl std::str::FromStr for Currency {
    type Err = Violation;
    fn from_str(code: &str) -> Result<Self, Violation> {
        Self::parse(code)
    }
}

/// Carries any code through: see [`Currency::carried`].
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_that_of_iso_currency() {
        let letters = || 'A'..='Z';
        let mut known = 0;
        for code in letters()
            .flat_map(|a| letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c]))))
            .chain([
                "".to_owned(),
                "EU".to_owned(),
                "EUR2".to_owned(),
                "eur".to_owned(),
            ])
        {
            let iso = iso_currency::Currency::from_code(&code);
            known += usize::from(iso.is_some());
            assert_eq!(entry(&code).is_some(), iso.is_some(), "{code}");
            let decimals = iso.and_then(iso_currency::Currency::exponent).map(u32::from);
            assert_eq!(Currency::carried(code.clone()).minor_units(), decimals, "{code}");
        }
        assert_eq!(CODES.lines().count(), known);
    }
}
