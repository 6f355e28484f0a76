//! A payment card: what may be known of it, and what must never be seen.
//!
//! Holder, number and code are wiped from memory when dropped (`secrecy`), have no `Serialize`, and print masked. The one place that writes them
//! is the body of `card_payment`.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use serde_json::Value;
use time::Date;

use crate::card::number::{Brand, CardNumber, Cvc};
use crate::read::fields::{Fields, Place, Read, read_from_text};
use crate::read::report::Report;
use crate::read::text::words;
use crate::read::violation::{ValidationError, Violation};

const REMEDY: &str = "give it as it is on the card";

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

/// A card as its holder typed it. Text in every field: a number would lose leading zeros.
#[derive(Clone)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
pub struct CardDetails {
    /// The name on the card.
    #[cfg_attr(feature = "js", tsify(type = "string"))]
    holder_name: SecretString,
    /// 12 to 19 digits; single spaces or dashes between them are left out.
    #[cfg_attr(feature = "js", tsify(type = "string"))]
    card_number: CardNumber,
    /// 3 digits, on an American Express card 4.
    #[cfg_attr(feature = "js", tsify(type = "string"))]
    cvc: Cvc,
    /// Two digits, for example `05`.
    #[cfg_attr(feature = "js", tsify(type = "string"))]
    exp_month: u8,
    /// Four digits, for example `2030`.
    #[cfg_attr(feature = "js", tsify(type = "string"))]
    exp_year: u16,
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
        let holder_name = SecretString::from(holder_name.into());
        words(holder_name.expose_secret()).map_err(|violation| violation.at("holder_name"))?;
        let cvc = Cvc::parse(cvc, number.brand()).map_err(|violation| violation.at("cvc"))?;
        Ok(CardDetails {
            holder_name,
            card_number: number,
            cvc,
            exp_month: expiry.month,
            exp_year: expiry.year,
        })
    }

    /// The number, which prints masked.
    pub fn number(&self) -> &CardNumber {
        &self.card_number
    }

    /// The last month in which the card is good.
    pub fn expiry(&self) -> Expiry {
        Expiry {
            year: self.exp_year,
            month: self.exp_month,
        }
    }

    /// Refuses a card that is over on that day. Sending does not call it: whether an expired card is still charged is its issuer's decision, and the day differs between
    /// time zones. It is for a form that tells the customer before anything is sent.
    ///
    /// # Errors
    /// One violation, code `expired`.
    pub fn check_on(&self, day: Date) -> Result<(), ValidationError> {
        if self.expiry().is_over_on(day) {
            return Err(Violation::new("expired", "the card has expired; use another one")
                .at("card_details.exp_year")
                .into());
        }
        Ok(())
    }
}

impl CardDetails {
    /// At most as many bytes as the card has in a body, with what is around it: a character of the name is six as `\u0000`.
    pub(crate) fn written_length(&self) -> usize {
        const AROUND: usize = 160;
        let digits = self.card_number.digits().len() + self.cvc.digits().len();
        self.holder_name.expose_secret().len() * 6 + digits + AROUND
    }
}

impl Read for CardDetails {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let holder: Option<String> = fields.required("holder_name", REMEDY);
        let holder_name = holder.map(SecretString::from);
        let number: Option<CardNumber> = fields.required("card_number", REMEDY);
        let cvc: Option<Code> = fields.required("cvc", REMEDY);
        let month: Option<Month> = fields.required("exp_month", REMEDY);
        let year: Option<Year> = fields.required("exp_year", REMEDY);
        // Of a number that is wrong nothing is known, so any code may go with it.
        let brand = number.as_ref().map_or(Brand::Other, CardNumber::brand);
        let cvc = cvc.and_then(|Code(code)| {
            let cvc = Cvc::parse(code.expose_secret(), brand);
            cvc.map_err(|violation| fields.check("cvc", Err(violation))).ok()
        });
        fields.finish();
        Some(CardDetails {
            holder_name: holder_name?,
            card_number: number?,
            cvc: cvc?,
            exp_month: month?.0,
            exp_year: year?.0,
        })
    }
}

/// A card's code whose length has not been checked.
struct Code(SecretString);

read_from_text!(Code, |text: &str| Cvc::check_digits(text)
    .map(|()| Code(text.into())));

struct Month(u8);

read_from_text!(Month, |text: &str| match text.parse() {
    Ok(month @ 1..=12) if text.len() == 2 => Ok(Month(month)),
    _ => Err(Violation::new(
        "format",
        "write the month with two digits, 01 to 12"
    )),
});

struct Year(u16);

read_from_text!(Year, |text: &str| match text.parse() {
    Ok(year @ 2000..=2099) if text.len() == 4 => Ok(Year(year)),
    _ => Err(Violation::new(
        "format",
        "write the year with four digits, for example 2030"
    )),
});

/// A card in the body of `card_payment`, the one place where it is written. [`CardDetails`] itself has no `Serialize`, so that no card gets into a log or a store.
pub(crate) struct OnWire<'c>(pub(crate) &'c CardDetails);

impl Serialize for OnWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Body<'c> {
            holder_name: &'c str,
            card_number: &'c str,
            cvc: &'c str,
            exp_month: String,
            exp_year: String,
        }
        let card = self.0;
        Body {
            holder_name: card.holder_name.expose_secret(),
            card_number: card.card_number.digits(),
            cvc: card.cvc.digits(),
            exp_month: format!("{:02}", card.exp_month),
            exp_year: format!("{:04}", card.exp_year),
        }
        .serialize(serializer)
    }
}

impl fmt::Debug for CardDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardDetails")
            .field("number", &self.card_number)
            .finish_non_exhaustive()
    }
}
