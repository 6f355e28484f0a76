//! Currency codes and how many decimals each has.
//!
//! The data (ISO 4217) is that of the crate `iso_currency`. Requests are checked against it; what the gateway sends is carried
//! through unchanged, so that a currency that is newer than the data breaks nothing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::read::fields::read_from_text;
use crate::read::violation::Violation;

/// A currency code such as `EUR`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify), tsify(type = "string"))]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// A currency for a request: a code of ISO 4217, in capitals.
    ///
    /// # Errors
    /// Any other code, and the two codes that mean no money (`XXX`, `XTS`).
    pub fn parse(code: &str) -> Result<Self, Violation> {
        let currency = Currency(code.to_owned());
        if currency.is_iso() {
            return Ok(currency);
        }
        let capitals = Currency(code.trim_ascii().to_ascii_uppercase());
        Err(Violation::new(
            "format",
            if capitals.is_iso() {
                format!("write the currency in capitals and without spaces: {capitals}")
            } else {
                "not a currency of ISO 4217; give its three letters, for example EUR".to_owned()
            },
        ))
    }

    /// A currency as the gateway wrote it, whatever it is.
    pub fn unchecked(code: impl Into<String>) -> Self {
        Currency(code.into())
    }

    /// The code, exactly as it was given.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Whether ISO 4217 lists the code (as of the data that this version was built with).
    pub fn is_iso(&self) -> bool {
        !matches!(&*self.0, "XXX" | "XTS") && self.entry().is_some()
    }

    /// How many decimals an amount of this currency has: EUR 2, JPY 0, KWD 3. `None` when the standard names no number
    /// (gold, for example) or does not list the code.
    pub fn minor_units(&self) -> Option<u32> {
        self.entry()?.exponent().map(u32::from)
    }

    fn entry(&self) -> Option<iso_currency::Currency> {
        iso_currency::Currency::from_code(&self.0)
    }
}

read_from_text!(Currency, Currency::parse);

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

/// Carries any code through: see [`Currency::unchecked`].
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Currency)
    }
}
