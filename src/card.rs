//! A payment card: what may be known of it, and what must never be seen.
//!
//! Number and code are wiped from memory when dropped, have no `Serialize`, and print masked. The one place that writes them
//! is the body of `card_payment`.

use std::fmt;

use serde_json::Value;
use time::Date;
use zeroize::{Zeroize, Zeroizing};

use crate::card_number::{Brand, CardNumber, Cvc};
use crate::error::{ValidationError, Violation};
use crate::json_text::push_string;
use crate::validate::{Fields, Report};

const FIELDS: [&str; 5] = ["holder_name", "card_number", "cvc", "exp_month", "exp_year"];

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

    #[inline(never)]
    pub(crate) fn read(value: &Value, path: &str, report: &mut Report) -> Option<CardDetails> {
        let fields = Fields::open(value, path, &FIELDS, report)?;
        for name in FIELDS {
            fields.need(name, "give it as it stands on the card", report);
        }
        let holder_name = fields.words("holder_name", report);
        let number = fields
            .text("card_number", report)
            .and_then(|text| report.keep(fields.at("card_number"), CardNumber::parse(text)));
        // Of a number that is wrong nothing is known, so any code may go with it.
        let brand = number.as_ref().map_or(Brand::Other, CardNumber::brand);
        let cvc = fields
            .text("cvc", report)
            .and_then(|text| report.keep(fields.at("cvc"), Cvc::parse(text, brand)));
        let month = digits(
            &fields,
            "exp_month",
            2,
            1..=12,
            "write the month with two digits, 01 to 12",
            report,
        );
        let year = digits(
            &fields,
            "exp_year",
            4,
            2000..=2099,
            "write the year with four digits, for example 2030",
            report,
        );
        let expiry = Expiry {
            year: year?,
            month: u8::try_from(month?).ok()?,
        };
        Some(CardDetails {
            holder_name: holder_name?,
            number: number?,
            cvc: cvc?,
            expiry,
        })
    }

    /// At most as many bytes as [`CardDetails::write`] writes: a character of the name is six as `\u0000`.
    pub(crate) fn written_length(&self) -> usize {
        self.holder_name.len() * 6 + self.number.digits().len() + self.cvc.digits().len() + 96
    }

    /// The JSON object that the gateway takes. The only writer of a card.
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

fn digits(
    fields: &Fields<'_>,
    name: &str,
    length: usize,
    range: std::ops::RangeInclusive<u16>,
    message: &str,
    report: &mut Report,
) -> Option<u16> {
    let text = fields.text(name, report)?;
    let number =
        Some(text).filter(|text| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = number
        .and_then(|text| text.parse().ok())
        .filter(|number| range.contains(number));
    if number.is_none() {
        report.add(fields.at(name), "format", message);
    }
    number
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
