//! What the four payment requests share.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::id::{TrackingId, UserId};
use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::read::fields::{Fields, read_from_text};
use crate::read::open::open_enum;
use crate::read::violation::Violation;

open_enum! {
    /// The environment that the payment is meant for; other values as the merchant portal names them.
    Mode: "\"test\" | (string & {})" {
        /// Nothing is charged.
        Test = "test",
    }
}

open_enum! {
    /// How the hosted cashier looks.
    Theme: "\"dark\" | (string & {})" {
        /// Light on dark.
        Dark = "dark",
    }
}

/// What every payment request has.
///
/// The gateway's reference shows every field and marks none as required. Here four are: whose payment it is, under which id,
/// and how much of what; nothing that comes back could be credited without them.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct Payment {
    /// Free settings for the gateway; sent as `{}` when there are none, as the reference shows.
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub settings: Map<String, Value>,
    /// The person, by your id.
    pub user_id: UserId,
    /// Your id of this payment, new for each one, for example a UUID. Every webhook of it brings it back.
    pub tracking_id: TrackingId,
    /// The person's own address (not the server's): IPv4 or IPv6, without a port.
    #[cfg_attr(feature = "js", tsify(optional, type = "string"))]
    pub ip: Option<IpAddr>,
    /// How much, in units of the currency. More than zero, with no more decimals than the currency has (JPY 0, EUR 2, KWD 3).
    pub amount: Amount,
    /// Of what: ISO 4217, for example `EUR`.
    pub currency: Currency,
}

impl Payment {
    /// A payment with the required fields; the others are public.
    pub fn new(user_id: UserId, tracking_id: TrackingId, amount: Amount, currency: Currency) -> Self {
        Payment {
            settings: Map::new(),
            user_id,
            tracking_id,
            ip: None,
            amount,
            currency,
        }
    }

    /// Reads these fields of a request.
    pub(crate) fn take(fields: &mut Fields<'_, '_>) -> PaymentParts {
        PaymentParts {
            settings: fields.optional("settings").unwrap_or_default(),
            user_id: fields.required("user_id", "give your id of the person who pays or is paid"),
            tracking_id: fields.required(
                "tracking_id",
                "give a new id of your own, for example a UUID; every webhook brings it back",
            ),
            ip: fields.optional("ip").map(|Ip(ip)| ip),
            amount: fields.required("amount", "give the amount, for example 10.05"),
            currency: fields.required("currency", "give a currency of ISO 4217, for example EUR"),
        }
    }
}

/// The fields of a [`Payment`] of which some may be wrong or missing.
pub(crate) struct PaymentParts {
    settings: Map<String, Value>,
    user_id: Option<UserId>,
    tracking_id: Option<TrackingId>,
    ip: Option<IpAddr>,
    amount: Option<Amount>,
    currency: Option<Currency>,
}

impl PaymentParts {
    /// Checks the amount, which depends on the currency, and puts the payment together.
    pub(crate) fn finish(self, fields: &mut Fields<'_, '_>) -> Option<Payment> {
        if let Some(amount) = self.amount {
            fields.check("amount", check_amount(amount, self.currency.as_ref()));
        }
        let currency = self.currency?;
        Some(Payment {
            settings: self.settings,
            user_id: self.user_id?,
            tracking_id: self.tracking_id?,
            ip: self.ip,
            amount: self.amount?.trimmed_to(&currency),
            currency,
        })
    }
}

fn check_amount(amount: Amount, currency: Option<&Currency>) -> Result<(), Violation> {
    if !amount.is_positive() {
        return Err(Violation::new("range", "must be more than zero"));
    }
    if let Some(currency) = currency
        && let Some(units) = currency.minor_units().filter(|_| !amount.fits(currency))
    {
        // Not the amount itself: a card's number may have been given for it.
        let decimals = amount.decimals();
        let message =
            format!("has {decimals} decimals and {currency} has {units}; round it before it is charged");
        return Err(Violation::new("decimals", message));
    }
    Ok(())
}

/// An address of the internet.
struct Ip(IpAddr);

read_from_text!(Ip, |text: &str| match text.parse() {
    Ok(ip) => Ok(Ip(ip)),
    Err(_) => Err(Violation::new(
        "format",
        "not an IP address; give the person's IPv4 or IPv6 address alone, without a port",
    )),
});

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("user_id", &self.user_id)
            .field("tracking_id", &self.tracking_id)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .finish_non_exhaustive()
    }
}
