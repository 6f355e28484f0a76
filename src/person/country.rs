//! Countries, by the crate `iso_currency`, which brings ISO 3166-1 along.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::read::fields::read_from_text;
use crate::read::violation::Violation;

/// A country: two capital letters of ISO 3166-1, or `XK`, the code in use for Kosovo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "js", derive(tsify::Tsify), tsify(type = "string"))]
pub struct Country([u8; 2]);

impl Country {
    /// Takes a code of two capital letters.
    ///
    /// # Errors
    /// A code that ISO 3166-1 does not list.
    pub fn parse(code: &str) -> Result<Self, Violation> {
        if let Some(country) = Self::known(code) {
            return Ok(country);
        }
        let capitals = code.trim_ascii().to_ascii_uppercase();
        let message = match &*capitals {
            "UK" => Cow::Borrowed("not a country of ISO 3166; the United Kingdom is GB"),
            _ if Self::known(&capitals).is_some() => {
                format!("write the country in two capital letters: {capitals}").into()
            }
            _ => "not a country of ISO 3166; give its two letters, for example GB".into(),
        };
        Err(Violation::new("format", message))
    }

    fn known(code: &str) -> Option<Self> {
        let letters = <[u8; 2]>::try_from(code.as_bytes()).ok()?;
        let is_listed = code == "XK" || code.parse::<iso_currency::Country>().is_ok();
        is_listed.then_some(Country(letters))
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

read_from_text!(Country, Country::parse);

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
