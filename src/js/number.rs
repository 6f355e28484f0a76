//! Which numbers a double, JavaScript's only number, holds exactly.

use js_sys::JSON;
use serde_json::Number;

use crate::read::violation::Violation;

/// A double keeps this many decimal digits, whichever they are.
const MAX_DIGITS: usize = 15;
/// 2^53: beyond it a double skips whole numbers.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Reads a JavaScript number by its printed digits, with what is wrong if they are more than 15: they may be the result of rounding, and money is never rounded
/// silently.
pub(super) fn read(number: f64) -> Result<(Number, Option<Violation>), Violation> {
    if !number.is_finite() {
        let name = if number.is_nan() { "NaN" } else { "infinite" };
        let message = format!("is {name}, which JSON cannot hold; give a finite number");
        return Err(Violation::new("type", message));
    }
    // The host has the printer of doubles that the crates would bring along with their tables.
    let text = JSON::stringify(&number.into())
        .map(String::from)
        .unwrap_or_default();
    let inexact = (significant_digits(&text) > MAX_DIGITS || number.abs() > MAX_WHOLE).then(|| {
        Violation::new(
            if text.contains('.') { "decimals" } else { "range" },
            "has more digits than a JavaScript number keeps exactly; give an amount as a string of its digits, and any other number with at most 15",
        )
    });
    match (text.parse(), inexact) {
        // Its digits are not those that were written.
        (_, Some(inexact)) if text.contains('e') => Err(inexact),
        (Ok(number), inexact) => Ok((number, inexact)),
        (Err(_), _) => Err(Violation::new("type", "is a number that JSON cannot hold")),
    }
}

/// Tells whether a JavaScript number can be exactly this one: a whole number up to 2^53, or one of at most 15 significant digits within a double's range.
pub(super) fn is_double(number: &Number) -> bool {
    if let Some(whole) = number.as_i64() {
        return whole.unsigned_abs() <= MAX_WHOLE as u64;
    }
    let significant = significant_digits(number.as_str());
    let read = JSON::parse(number.as_str()).ok().and_then(|read| read.as_f64());
    let fits = read.is_some_and(|read| read.is_normal() || significant == 0);
    significant <= MAX_DIGITS && fits
}

/// Counts the digits of a decimal number from the first to the last that is not zero.
fn significant_digits(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}
