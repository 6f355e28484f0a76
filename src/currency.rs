//! Currency codes and how many decimals each has.
//!
//! The data (ISO 4217) is the crate `iso_currency`'s. Requests are checked against it; what the gateway sends is carried
//! through unchanged, so that a currency that is newer than the data breaks nothing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Violation;

/// A currency code such as `EUR`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// A currency for a request: a code of ISO 4217, in capitals.
    ///
    /// # Errors
    /// Any other code, and the two codes that stand for no money (`XXX`, `XTS`).
    #[inline(never)]
    pub fn parse(code: &str) -> Result<Self, Violation> {
        if iso(code) {
            return Ok(Currency(code.to_owned()));
        }
        let capitals = code.trim().to_ascii_uppercase();
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
    #[inline(never)]
    pub fn minor_units(&self) -> Option<u32> {
        iso_currency::Currency::from_code(&self.0)?
            .exponent()
            .map(u32::from)
    }
}

fn iso(code: &str) -> bool {
    !matches!(code, "XXX" | "XTS") && iso_currency::Currency::from_code(code).is_some()
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
