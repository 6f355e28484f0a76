//! Amounts as their text: digits, at most one point, at most one minus. What is checked and written here never becomes a number, so it stays as
//! it was to the last digit; [`Amount`](crate::Amount) is for those who calculate.

use std::borrow::Cow;
use std::fmt;

use crate::read::violation::Violation;

/// As many decimals, and digits in all, as `rust_decimal` holds; of 29 digits it holds those up to [`LARGEST`].
const MAX_DIGITS: usize = 28;
const LARGEST: &[u8] = b"79228162514264337593543950335";

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AmountError {
    /// Nothing but an optional minus, digits and one decimal point is allowed, as in JSON: no `+`, `.5`, `007`, `1,5`, `NaN` or space.
    NotDecimal,
    /// `1e3` and its kind.
    Exponent,
    /// More digits than 28 (or a value over 79,228,162,514,264,337,593,543,950,335) cannot be held exactly.
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

    fn message(self) -> &'static str {
        match self {
            AmountError::NotDecimal => {
                "not a decimal number; write plain digits with a point, for example 10.05"
            }
            AmountError::Exponent => {
                "an exponent is not allowed in an amount; write all digits, for example 1000 in place of 1e3"
            }
            AmountError::TooLong => "more digits than an amount can have (28)",
        }
    }
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for AmountError {}

impl From<AmountError> for Violation {
    fn from(error: AmountError) -> Self {
        Violation::new(error.code(), error.message())
    }
}

/// A decimal in its parts.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'t> {
    pub(crate) negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Plain<'t> {
    /// Reads plain decimal digits, as JSON writes a number without an exponent.
    pub(crate) fn parse(text: &'t str) -> Result<Self, AmountError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = split(digits, b'.').unwrap_or((digits, "0"));
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(match split_exponent(text) {
                Some((digits, exponent))
                    if all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
                        && !matches!(
                            Plain::parse(digits),
                            Err(AmountError::NotDecimal | AmountError::Exponent)
                        ) =>
                {
                    AmountError::Exponent
                }
                _ => AmountError::NotDecimal,
            });
        }
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(AmountError::NotDecimal);
        }
        // "0" stands for no fraction.
        let fraction = if digits.len() == whole.len() { "" } else { fraction };
        let plain = Plain {
            negative: false,
            whole,
            fraction,
        };
        let zeros = plain.digits().take_while(|digit| *digit == b'0').count();
        let length = whole.len() + fraction.len() - zeros;
        let too_long = fraction.len() > MAX_DIGITS
            || length > LARGEST.len()
            || (length == LARGEST.len() && plain.digits().skip(zeros).gt(LARGEST.iter().copied()));
        if too_long {
            return Err(AmountError::TooLong);
        }
        Ok(Plain {
            // There is no negative nothing.
            negative: length > 0 && digits.len() < text.len(),
            ..plain
        })
    }

    fn digits(self) -> impl Iterator<Item = u8> + 't {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    pub(crate) fn is_zero(self) -> bool {
        self.digits().all(|digit| digit == b'0')
    }

    /// How many decimals the value needs.
    pub(crate) fn decimals(self) -> usize {
        without_zeros(self.fraction).len()
    }

    /// Adds its digits; of the decimals beyond `units` only those that are not zero.
    pub(crate) fn push(self, out: &mut String, units: Option<u32>) {
        if self.negative {
            out.push('-');
        }
        out.push_str(self.whole);
        let kept = self
            .decimals()
            .max(units.map_or(usize::MAX, |units| units as usize));
        let fraction = self.fraction.get(..kept).unwrap_or(self.fraction);
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
    }
}

/// A number as a program writes it, in plain digits: unlike a person it may write `1e-7` for a tiny one.
pub(crate) fn without_exponent(number: &str) -> Result<Cow<'_, str>, AmountError> {
    match Plain::parse(number) {
        Err(AmountError::Exponent) => expand(number).map(Cow::Owned).ok_or(AmountError::TooLong),
        Err(error) => Err(error),
        Ok(_) => Ok(Cow::Borrowed(number)),
    }
}

/// Writes a number with an exponent (`-1.5e-7`) in plain digits. `None` when that takes more zeros than an amount can have.
fn expand(text: &str) -> Option<String> {
    let (mantissa, exponent) = split_exponent(text)?;
    let exponent: isize = exponent.parse().ok()?;
    let most = MAX_DIGITS as isize;
    if !(-most..=most).contains(&exponent) {
        return None;
    }
    let digits = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = split(digits, b'.').unwrap_or((digits, ""));
    // Enough zeros on either side; the point moves and the zeros that are not needed go.
    let zeros = "0".repeat(MAX_DIGITS);
    let all = format!("{zeros}{whole}{fraction}{zeros}");
    let point = (MAX_DIGITS + whole.len()).checked_add_signed(exponent)?;
    let (whole, fraction) = all.split_at_checked(point)?;
    let (whole, fraction) = (whole.trim_start_matches('0'), without_zeros(fraction));
    let sign = if digits.len() < mantissa.len() { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

fn without_zeros(fraction: &str) -> &str {
    fraction.trim_end_matches('0')
}

fn split_exponent(text: &str) -> Option<(&str, &str)> {
    split(text, b'e').or_else(|| split(text, b'E'))
}

/// What stands before the first such byte of ASCII, and what behind it.
fn split(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn written(text: &str, units: Option<u32>) -> Option<String> {
        let plain = Plain::parse(text).ok()?;
        let mut out = String::new();
        plain.push(&mut out, units);
        Some(out)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        /// The decimal crate is the judge of what can be held, and of what each value is.
        #[test]
        fn holds_what_a_decimal_holds(text in "-?(0|[1-9][0-9]{0,30}|7922816251426433759354395033[0-9])(\\.[0-9]{1,30}|\\.0{1,5}|\\.[0-9]{26,29})?") {
            let decimal = Decimal::from_str_exact(&text).ok();
            let plain = Plain::parse(&text).ok();
            prop_assert_eq!(plain.is_some(), decimal.is_some(), "{}", text);
            if let (Some(plain), Some(decimal)) = (plain, decimal) {
                prop_assert_eq!(written(&text, None).unwrap(), decimal.to_string());
                prop_assert_eq!(plain.is_zero(), decimal.is_zero());
                prop_assert_eq!(plain.negative, decimal.is_sign_negative());
                prop_assert_eq!(plain.decimals() as u32, decimal.normalize().scale());
                for units in 0..5 {
                    let mut wire = decimal;
                    if decimal.scale() > units && decimal.normalize().scale() <= units {
                        wire.rescale(units);
                    }
                    if decimal.normalize().scale() <= units {
                        prop_assert_eq!(written(&text, Some(units)).unwrap(), wire.to_string());
                    }
                }
            }
        }

        #[test]
        fn moves_the_point_as_a_decimal_does(text in "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,8})?[eE][+-]?[0-9]{1,2}") {
            let plain = without_exponent(&text).ok().and_then(|plain| Decimal::from_str_exact(&plain).ok());
            // The judge refuses some zeros of more decimals than it can keep.
            if let (Some(plain), Ok(judged)) = (plain, Decimal::from_scientific(&text)) {
                prop_assert_eq!(plain, judged, "{}", text);
            }
        }
    }
}
