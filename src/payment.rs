//! What the four payment requests share.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::id::{TrackingId, UserId};
use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::person::customer::DepositCustomer;
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

/// Fields that some payment request has, and what to do with each in a request that has it not.
const FIELDS_OF_SOME: [(&str, &str); 4] = [
    ("theme", "belongs to the hosted cashier; leave it out"),
    ("amount_restricted", "belongs to hosted deposits; leave it out"),
    ("provider_id", "belongs to direct payments; leave it out"),
    ("routing_id", "belongs to card payments; leave it out"),
];

impl PaymentParts {
    /// Checks what depends on the currency (the amount, and the limit of a deposit's customer), refuses the fields of other payments, and puts the payment together.
    pub(crate) fn finish(
        self,
        fields: &mut Fields<'_, '_>,
        customer: Option<&mut DepositCustomer>,
    ) -> Option<Payment> {
        for (name, remedy) in FIELDS_OF_SOME {
            fields.misplaced(name, remedy);
        }
        let currency = self.currency.as_ref();
        let in_currency =
            |amount: &Amount| currency.map_or(Ok(()), |currency| check_decimals(amount, currency));
        if let Some(amount) = &self.amount {
            let rule = if amount.is_positive() {
                in_currency(amount)
            } else {
                Err(Violation::new("range", "must be more than zero"))
            };
            fields.check("amount", rule);
        }
        if let Some(limit) = customer.and_then(|customer| customer.max_deposit_limit.as_mut()) {
            fields.check("customer.max_deposit_limit", in_currency(limit));
            *limit = currency.map_or(*limit, |currency| limit.trimmed_to(currency));
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

fn check_decimals(amount: &Amount, currency: &Currency) -> Result<(), Violation> {
    let Some(units) = currency.minor_units().filter(|_| !amount.fits(currency)) else {
        return Ok(());
    };
    // Not the amount itself: a card's number may have been given for it.
    let decimals = amount.decimals();
    let plural = if decimals == 1 { "" } else { "s" };
    let message = format!("has {decimals} decimal{plural} and {currency} has {units}; round it first");
    Err(Violation::new("decimals", message))
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
