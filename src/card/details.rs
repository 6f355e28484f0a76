//! A payment card: what may be known of it, and what must never be seen.
//!
//! Number and code are wiped from memory when dropped, have no `Serialize`, and print masked. The one place that writes them
//! is the body of `card_payment`.

use std::fmt;

use serde_json::Value;
use time::Date;
use zeroize::{Zeroize, Zeroizing};

use crate::card::number::{Brand, CardNumber, Cvc};
use crate::read::json_text::push_string;
use crate::read::object::text;
use crate::read::shape::{Field, Rule, Shape};
use crate::read::validate::join;
use crate::read::violation::{ValidationError, Violation};

const REMEDY: &str = "give it as it stands on the card";

pub(crate) static CARD: Shape = Shape {
    fields: &[
        Field::needed("holder_name", Rule::Words, REMEDY),
        Field::needed("card_number", Rule::CardNumber, REMEDY),
        Field::needed("cvc", Rule::Text(Cvc::check_digits), REMEDY),
        Field::needed("exp_month", Rule::Text(check_month), REMEDY),
        Field::needed("exp_year", Rule::Text(check_year), REMEDY),
    ],
    also: |card, path, report| {
        // Of a number that is wrong nothing is known, so any code may go with it.
        let brand = card
            .text("card_number")
            .and_then(|text| CardNumber::parse(text).ok())
            .map_or(Brand::Other, |number| number.brand());
        if let Some(code) = card.text("cvc")
            && Cvc::check_digits(code).is_ok()
        {
            report.keep(|| join(path, "cvc"), Cvc::check_length(code, brand));
        }
    },
};

fn check_month(text: &str) -> Result<(), Violation> {
    match number(text, 2) {
        Some(1..=12) => Ok(()),
        _ => Err(Violation::new(
            "format",
            "write the month with two digits, 01 to 12",
        )),
    }
}

fn check_year(text: &str) -> Result<(), Violation> {
    match number(text, 4) {
        Some(2000..=2099) => Ok(()),
        _ => Err(Violation::new(
            "format",
            "write the year with four digits, for example 2030",
        )),
    }
}

/// The number that so many digits are.
fn number(text: &str, length: usize) -> Option<u16> {
    Some(text)
        .filter(|text| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
}

/// The month through whose last day a card is good.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry {
    year: u16,
    month: u8,
}

impl Expiry {
    /// A month of 2000 to 2099.
    ///
    /// # Errors
    /// Another month or year.
    pub fn new(year: u16, month: u8) -> Result<Self, Violation> {
        if !(2000..=2099).contains(&year) || !(1..=12).contains(&month) {
            return Err(Violation::new(
                "range",
                "a card ends in a month from 01 to 12 of a year from 2000 to 2099",
            ));
        }
        Ok(Expiry { year, month })
    }

    /// Whether the card is no longer good on that day. There is no clock here, so the day is given.
    pub fn is_over_on(self, day: Date) -> bool {
        (day.year(), u8::from(day.month())) > (i32::from(self.year), self.month)
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expiry(••/••••)")
    }
}

/// A card as its holder typed it.
#[derive(Clone)]
pub struct CardDetails {
    holder_name: String,
    number: CardNumber,
    cvc: Cvc,
    expiry: Expiry,
}

impl CardDetails {
    /// Puts a card together.
    ///
    /// # Errors
    /// A blank holder, or a code whose length does not go with the number's network.
    pub fn new(
        holder_name: impl Into<String>,
        number: CardNumber,
        cvc: &str,
        expiry: Expiry,
    ) -> Result<Self, Violation> {
        let holder_name = holder_name.into();
        if holder_name.trim().is_empty() {
            return Err(Violation::new("empty", "is empty; give the name on the card").at("holder_name"));
        }
        let cvc = Cvc::parse(cvc, number.brand()).map_err(|violation| violation.at("cvc"))?;
        Ok(CardDetails {
            holder_name,
            number,
            cvc,
            expiry,
        })
    }

    /// The number, which prints masked.
    pub fn number(&self) -> &CardNumber {
        &self.number
    }

    /// The last month in which the card is good.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// Refuses a card that is over on that day.
    ///
    /// # Errors
    /// One violation, code `expired`.
    pub fn check_on(&self, day: Date) -> Result<(), ValidationError> {
        if self.expiry.is_over_on(day) {
            return Err(Violation::new("expired", "the card has expired; use another one")
                .at("card_details.exp_year")
                .into());
        }
        Ok(())
    }

    /// Takes what has been checked.
    pub(crate) fn build(card: &Value) -> Option<CardDetails> {
        let field = |name| text(card, name);
        let month = u8::try_from(number(field("exp_month")?, 2)?).ok()?;
        let expiry = Expiry::new(number(field("exp_year")?, 4)?, month).ok()?;
        let number = CardNumber::parse(field("card_number")?).ok()?;
        CardDetails::new(field("holder_name")?, number, field("cvc")?, expiry).ok()
    }

    /// At most as many bytes as [`CardDetails::write`] writes: a character of the name is six as `\u0000`.
    pub(crate) fn written_length(&self) -> usize {
        self.holder_name.len() * 6 + self.number.digits().len() + self.cvc.digits().len() + 96
    }

    /// The JSON object that the gateway takes.
    pub(crate) fn write(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(b"{\"holder_name\":");
        // The room that `push_string` needs at once: a string that grows would leave copies of the name behind.
        let mut name = Zeroizing::new(String::with_capacity(self.holder_name.len() * 6 + 2));
        push_string(&mut name, &self.holder_name);
        body.extend_from_slice(name.as_bytes());
        let mut put = |name: &str, value: &[u8]| {
            body.extend_from_slice(b",\"");
            body.extend_from_slice(name.as_bytes());
            body.extend_from_slice(b"\":\"");
            // Digits alone: nothing to escape.
            body.extend_from_slice(value);
            body.push(b'"');
        };
        put("card_number", self.number.digits().as_bytes());
        put("cvc", self.cvc.digits().as_bytes());
        put("exp_month", format!("{:02}", self.expiry.month).as_bytes());
        put("exp_year", format!("{:04}", self.expiry.year).as_bytes());
        body.push(b'}');
    }
}

impl Drop for CardDetails {
    fn drop(&mut self) {
        self.holder_name.zeroize();
    }
}

impl fmt::Debug for CardDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardDetails")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
