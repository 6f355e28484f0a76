//! An amount of money, exact to the digit.
//!
//! The gateway writes amounts as JSON numbers in requests and lists (`10.05`) and as strings in webhooks (`"200.00"`).
//! Both become one decimal (the crate `rust_decimal` behind this type: up to 28 digits) and no float is ever in between.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Number, Value};

use crate::money::currency::Currency;
use crate::money::plain_decimal::{AmountError, Plain, without_exponent};
use crate::read::json_read::number;

/// An exact decimal. It prints digit for digit as it was read (`200.00` stays `200.00`) and compares by value
/// (`200.00` equals `200`). Serialized, it is a JSON number of the same digits; use `serde_json` for that, other formats
/// have no exact number. Deserialized, it is taken from a JSON number or from a string.
///
/// ```
/// use edge_cashier::{Amount, Currency};
///
/// let amount = Amount::parse("1000000000000.01")?;
/// assert_eq!(amount.to_string(), "1000000000000.01");
/// assert_eq!(Amount::parse("200.00")?, Amount::parse("200")?);
/// assert!(amount.fits(&Currency::parse("EUR")?));
/// assert!(!amount.fits(&Currency::parse("JPY")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(Decimal::ZERO);

    /// Reads plain decimal digits, as JSON writes a number without an exponent: `10.05`, `-3`, `0.50`.
    ///
    /// # Errors
    /// See [`AmountError`].
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        Plain::parse(text)?;
        Self::from_decimal(Decimal::from_str_exact(text))
    }

    /// An amount in the currency's smallest unit: `from_minor_units(1005, 2)` is 10.05.
    ///
    /// # Errors
    /// [`AmountError::TooLong`] when it has more than 28 digits.
    pub fn from_minor_units(units: i128, decimals: u32) -> Result<Self, AmountError> {
        Self::from_decimal(Decimal::try_from_i128_with_scale(units, decimals))
    }

    /// A number as a gateway writes it. Unlike a person, a program may write `1e-7` for a tiny one: the value is the same, exactly.
    pub(crate) fn from_number(number: &Number) -> Result<Self, AmountError> {
        Self::parse(&without_exponent(number.as_str())?)
    }

    fn from_decimal(decimal: Result<Decimal, rust_decimal::Error>) -> Result<Self, AmountError> {
        decimal.map(Amount).map_err(|_| AmountError::TooLong)
    }

    /// More than zero.
    pub fn is_positive(&self) -> bool {
        !self.is_negative() && !self.is_zero()
    }

    /// Less than zero.
    pub fn is_negative(&self) -> bool {
        self.0.is_sign_negative()
    }

    /// Zero, however many decimals it is written with.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// How many decimals the value needs: 2 for `10.05` and for `10.050`.
    pub fn decimals(&self) -> u32 {
        self.0.normalize().scale()
    }

    /// Whether the amount has no more decimals than the currency (trailing zeros do not count). A currency without a known
    /// number of decimals fits every amount.
    pub fn fits(&self, currency: &Currency) -> bool {
        currency
            .minor_units()
            .is_none_or(|units| self.decimals() <= units)
    }

    /// The amount as a JSON number of the same digits.
    pub(crate) fn to_value(self) -> Value {
        let text = self.0.to_string();
        // Plain decimal digits always are a JSON number; as a string the value would still be exact.
        number(&text).map_or(Value::String(text), Value::Number)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({})", self.0)
    }
}

impl std::str::FromStr for Amount {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = number(&self.0.to_string());
        let number = number.ok_or_else(|| ser::Error::custom("an amount is a decimal number"))?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Amount::parse(&text).map_err(de::Error::custom),
            Value::Number(number) => Amount::from_number(&number).map_err(de::Error::custom),
            _ => Err(de::Error::custom("an amount is a number or a decimal string")),
        }
    }
}
