//! An amount of money, exact to the digit.
//!
//! The gateway writes amounts as JSON numbers in requests and lists (`10.05`) and as strings in webhooks (`"200.00"`).
//! Both become one decimal (the crate `rust_decimal` behind this type: up to 28 digits) and no float is ever in between.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Number, Value};

use crate::money::currency::Currency;
use crate::read::fields::{Place, Read};
use crate::read::report::Report;
use crate::read::violation::Violation;

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Nothing but an optional minus, digits and one decimal point is allowed, as in JSON: no `+`, `.5`, `007`, `1,5`, `NaN` or space.
    #[error("not a decimal number; write plain digits with a point, for example 10.05")]
    NotDecimal,
    /// `1e3` and its kind.
    #[error("an exponent is not allowed in an amount; write all digits, for example 1000 in place of 1e3")]
    Exponent,
    /// More digits than 28 (or a value over 79,228,162,514,264,337,593,543,950,335) cannot be held exactly.
    #[error("more digits than an amount can have (28)")]
    TooLong,
}

impl AmountError {
    /// A stable word for programs: `format` or `range`.
    pub fn code(self) -> &'static str {
        match self {
            AmountError::NotDecimal | AmountError::Exponent => "format",
            AmountError::TooLong => "range",
        }
    }
}

impl From<AmountError> for Violation {
    fn from(error: AmountError) -> Self {
        Violation::new(error.code(), error.to_string())
    }
}

/// An exact decimal in units of its currency: a number (`10.05`) or, better where it comes from a calculation, plain digits as a string (`"10.05"`). It is sent
/// digit for digit; a number of more than 15 significant digits may have been rounded already, so give those as a string.
///
/// It compares by value (`200.00` equals `200`) and prints as it was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "js", derive(tsify::Tsify), tsify(type = "number | string"))]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(Decimal::ZERO);

    /// Reads plain decimal digits, as JSON writes a number without an exponent: `10.05`, `-3`, `0.50`.
    ///
    /// Serialized it is a JSON number of the same digits; use `serde_json` for that, other formats have no exact number. Deserialized it is taken from a JSON number
    /// or from a string.
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
    ///
    /// # Errors
    /// See [`AmountError`].
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        if is_plain(text) {
            return Self::exact(Decimal::from_str_exact(text));
        }
        Err(match split_exponent(text) {
            Some((mantissa, _)) if is_plain(mantissa) => AmountError::Exponent,
            _ => AmountError::NotDecimal,
        })
    }

    /// An amount in the currency's smallest unit: `from_minor_units(1005, 2)` is 10.05.
    ///
    /// # Errors
    /// [`AmountError::TooLong`] when it has more than 28 digits.
    pub fn from_minor_units(units: i128, decimals: u32) -> Result<Self, AmountError> {
        Self::exact(Decimal::try_from_i128_with_scale(units, decimals))
    }

    /// A number as the gateway writes it. Unlike a person, a program may write `1e-7` for a tiny one: the value is the same, exactly.
    pub(crate) fn from_number(number: &Number) -> Result<Self, AmountError> {
        let Some((mantissa, exponent)) = split_exponent(number.as_str()) else {
            return Self::parse(number.as_str());
        };
        let Amount(mut decimal) = Self::parse(mantissa)?;
        let scale = i64::from(decimal.scale()) - exponent;
        let too_long = |_| AmountError::TooLong;
        if let Ok(power) = u32::try_from(-scale) {
            let factor = 10_i128.checked_pow(power).ok_or(AmountError::TooLong)?;
            decimal.set_scale(0).map_err(too_long)?;
            let factor = Decimal::try_from_i128_with_scale(factor, 0).map_err(too_long)?;
            return decimal
                .checked_mul(factor)
                .map(Amount)
                .ok_or(AmountError::TooLong);
        }
        let scale = u32::try_from(scale).map_err(|_| AmountError::TooLong)?;
        decimal.set_scale(scale).map_err(too_long)?;
        Ok(Amount(decimal.normalize()))
    }

    /// An amount in a reply, where it may be a number or a string.
    pub(crate) fn from_reply(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Amount::from_number(number).ok(),
            Value::String(text) => Amount::parse(text).ok(),
            _ => None,
        }
    }

    fn exact(decimal: Result<Decimal, rust_decimal::Error>) -> Result<Self, AmountError> {
        let mut decimal = decimal.map_err(|_| AmountError::TooLong)?;
        if decimal.is_zero() {
            decimal.set_sign_positive(true);
        }
        Ok(Amount(decimal))
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

    /// The same value without the zeros that the currency has no place for: `10.050` EUR is `10.05`.
    pub(crate) fn trimmed_to(mut self, currency: &Currency) -> Self {
        if let Some(units) = currency.minor_units().filter(|units| self.0.scale() > *units) {
            self.0.rescale(units.max(self.decimals()));
        }
        self
    }
}

/// Digits, with an optional minus before and an optional fraction behind them, and no zero that says nothing at the start.
fn is_plain(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    digits(whole) && digits(fraction) && (whole.len() == 1 || !whole.starts_with('0'))
}

/// Splits `1.5e-7` into `1.5` and -7.
fn split_exponent(text: &str) -> Option<(&str, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // A longer exponent is beyond every amount whatever it is.
    let exponent = exponent.parse::<i32>().unwrap_or(i32::MAX);
    Some((mantissa, exponent.into()))
}

impl Read for Amount {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let read = match value {
            Value::String(text) => Amount::parse(text),
            Value::Number(number) => Amount::parse(number.as_str()),
            other => {
                at.wrong_type("a number or a decimal string", other, "", report);
                return None;
            }
        };
        read.map_err(|error| at.refuse(error.into(), report)).ok()
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
        let number: Number = self.0.to_string().parse().map_err(ser::Error::custom)?;
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
