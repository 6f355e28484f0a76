//! A card's number, its network and its code: read, checked, wiped, and never shown whole.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::luhn;
use crate::read::fields::read_from_text;
use crate::read::violation::Violation;

/// The network of a card, by the first digits of its number (ISO/IEC 7812 issuer ranges as the networks publish them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Brand {
    /// Visa: 4.
    Visa,
    /// Mastercard: 51 to 55 and 2221 to 2720.
    Mastercard,
    /// American Express: 34 and 37. Its code has four digits.
    AmericanExpress,
    /// Discover: 6011, 644 to 649 and 65.
    Discover,
    /// Diners Club: 300 to 305, 36, 38 and 39.
    DinersClub,
    /// JCB: 3528 to 3589.
    Jcb,
    /// UnionPay: 62.
    UnionPay,
    /// Maestro: 50, 56 to 58 and the rest of 6.
    Maestro,
    /// None of these.
    Other,
}

impl Brand {
    fn of(digits: &str) -> Self {
        let first = |length: usize| {
            digits
                .get(..length)
                .and_then(|part| part.parse::<u32>().ok())
                .unwrap_or_default()
        };
        match (first(1), first(2), first(3), first(4)) {
            (4, ..) => Brand::Visa,
            (_, 51..=55, ..) | (.., 2221..=2720) => Brand::Mastercard,
            (_, 34 | 37, ..) => Brand::AmericanExpress,
            (_, 65, ..) | (.., 644..=649, _) | (.., 6011) => Brand::Discover,
            (_, 36 | 38 | 39, ..) | (.., 300..=305, _) => Brand::DinersClub,
            (.., 3528..=3589) => Brand::Jcb,
            (_, 62, ..) => Brand::UnionPay,
            (_, 50 | 56..=58, ..) | (6, ..) => Brand::Maestro,
            _ => Brand::Other,
        }
    }

    /// Whether the network's cards have numbers of that length.
    fn has_length(self, length: usize) -> bool {
        match self {
            Brand::Visa => matches!(length, 13 | 16 | 19),
            Brand::Mastercard => length == 16,
            Brand::AmericanExpress => length == 15,
            Brand::DinersClub => (14..=19).contains(&length),
            Brand::Discover | Brand::Jcb | Brand::UnionPay => (16..=19).contains(&length),
            Brand::Maestro | Brand::Other => (12..=19).contains(&length),
        }
    }

    fn has_code_length(self, length: usize) -> bool {
        match self {
            Brand::AmericanExpress => length == 4,
            Brand::Other => matches!(length, 3 | 4),
            _ => length == 3,
        }
    }
}

/// A card's number. It prints as `4111 11•• •••• 1111`.
#[derive(Clone)]
pub struct CardNumber(SecretString);

impl CardNumber {
    /// Reads the digits. A single space or dash between two of them is left out.
    ///
    /// # Errors
    /// Anything else than digits (and those spaces and dashes), a length that the card's network does not have, a wrong check digit (Luhn).
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let wrong = |code, message: &'static str| Err(Violation::new(code, message));
        // Capacity for all of it at once: a string that grows leaves its old self behind in memory.
        let mut digits = Zeroizing::new(String::with_capacity(text.len()));
        let mut after_digit = false;
        let mut well_formed = true;
        for c in text.chars() {
            let is_digit = c.is_ascii_digit();
            if is_digit {
                digits.push(c);
            }
            well_formed &= is_digit || (after_digit && matches!(c, ' ' | '-'));
            after_digit = is_digit;
        }
        if !well_formed || (!after_digit && !text.is_empty()) {
            return wrong(
                "format",
                "a card number has digits only, with single spaces or dashes between them",
            );
        }
        if !Brand::of(&digits).has_length(digits.len()) {
            return wrong(
                "length",
                "the card number has a digit too many or too few; check it",
            );
        }
        if !luhn::is_valid(digits.as_bytes()) {
            return wrong(
                "check_digit",
                "the card number's check digit is wrong; one digit is mistyped",
            );
        }
        Ok(CardNumber(digits.as_str().into()))
    }

    /// The card's network.
    pub fn brand(&self) -> Brand {
        Brand::of(self.digits())
    }

    /// The last four digits, which a receipt may show.
    pub fn last_four(&self) -> &str {
        let digits = self.digits();
        digits.get(digits.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// The plain digits, for the request's body alone.
    pub(crate) fn digits(&self) -> &str {
        self.0.expose_secret()
    }
}

read_from_text!(CardNumber, CardNumber::parse);

/// At most the first six digits and the last four, as PCI DSS 3.4.1 allows; at least six are always hidden.
impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.digits().len();
        let shown = length.saturating_sub(10).min(6);
        for (index, digit) in self.digits().chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                f.write_str(" ")?;
            }
            let hidden = index >= shown && index + 4 < length;
            write!(f, "{}", if hidden { '•' } else { digit })?;
        }
        Ok(())
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The code on a card (CVC, CVV, CID). It never prints, and must never be stored.
#[derive(Clone)]
pub struct Cvc(SecretString);

impl Cvc {
    /// Reads the digits, as many as the card's network has.
    ///
    /// # Errors
    /// Anything else than 3 digits (American Express: 4).
    pub fn parse(text: &str, brand: Brand) -> Result<Self, Violation> {
        Self::check_digits(text)?;
        Self::check_length(text, brand)?;
        Ok(Cvc(text.into()))
    }

    pub(crate) fn check_digits(text: &str) -> Result<(), Violation> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(());
        }
        Err(Violation::new("format", "the card's code has digits only"))
    }

    pub(crate) fn check_length(text: &str, brand: Brand) -> Result<(), Violation> {
        if brand.has_code_length(text.len()) {
            return Ok(());
        }
        Err(Violation::new(
            "length",
            "the card's code has 3 digits, on an American Express card 4",
        ))
    }

    /// The plain digits, for the request's body alone.
    pub(crate) fn digits(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Cvc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cvc(•••)")
    }
}
