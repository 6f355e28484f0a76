//! What the four payment requests share.

use std::fmt;
use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::amount::Amount;
use crate::currency::Currency;
use crate::customer::Customer;
use crate::error::Violation;
use crate::identifier::{TrackingId, UserId};
use crate::object::Object;
use crate::open::open_enum;
use crate::validate::{EXTRA, Fields, Report, check_extra, join};

open_enum! {
    /// The environment that the payment is meant for.
    Mode {
        /// Nothing is charged.
        Test = "test",
    }
}

open_enum! {
    /// How the hosted cashier looks.
    Theme {
        /// Light on dark.
        Dark = "dark",
    }
}

/// The part that every payment request has.
///
/// The gateway's reference shows every field and marks none as required. Here four are: whose payment it is, under which id,
/// and how much of what; nothing that comes back could be credited without them.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Payment {
    /// The environment, for example `test`.
    pub mode: Option<Mode>,
    /// Free settings for the gateway; sent as `{}` when there are none, as the reference shows.
    pub settings: Map<String, Value>,
    /// The person, by the merchant's id.
    pub user_id: UserId,
    /// The merchant's id of this payment. Every webhook of it brings it back.
    pub tracking_id: TrackingId,
    /// The person's own address (not the server's).
    pub ip: Option<IpAddr>,
    /// How much. More than zero, with no more decimals than the currency has.
    pub amount: Amount,
    /// Of what: ISO 4217.
    pub currency: Currency,
    /// The person.
    pub customer: Option<Customer>,
    /// Fields that the reference does not know, merged into the request object as they are.
    pub extra: Map<String, Value>,
}

impl Payment {
    /// A payment with the required fields; the others are public.
    pub fn new(user_id: UserId, tracking_id: TrackingId, amount: Amount, currency: Currency) -> Self {
        Payment {
            mode: None,
            settings: Map::new(),
            user_id,
            tracking_id,
            ip: None,
            amount,
            currency,
            customer: None,
            extra: Map::new(),
        }
    }

    /// Reads what is shared. `None` when a required field is not there or not right; then the report says which.
    #[inline(never)]
    pub(crate) fn read(fields: &Fields<'_>, kind: &Kind, report: &mut Report) -> Option<Payment> {
        let mode = fields.words("mode", report).map(Mode::from);
        let settings = fields.object("settings", report);
        fields.need(
            "user_id",
            "give your id of the person who pays or is paid",
            report,
        );
        let user_id = fields
            .text("user_id", report)
            .and_then(|text| report.keep(fields.at("user_id"), UserId::new(text)));
        fields.need(
            "tracking_id",
            "give a new id of your own, for example a UUID; every webhook brings it back",
            report,
        );
        let tracking_id = fields
            .text("tracking_id", report)
            .and_then(|text| report.keep(fields.at("tracking_id"), TrackingId::new(text)));
        let ip = fields
            .text("ip", report)
            .and_then(|text| report.keep(fields.at("ip"), parse_ip(text)));
        fields.need("amount", "give the amount, for example 10.05", report);
        let amount = fields.amount("amount", report);
        fields.need("currency", "give a currency of ISO 4217, for example EUR", report);
        let currency = fields
            .text("currency", report)
            .and_then(|text| report.keep(fields.at("currency"), Currency::parse(text)));
        check_amount(amount, currency.as_ref(), &fields.at(""), report);
        let customer = fields
            .get("customer")
            .and_then(|value| Customer::read(value, &fields.at("customer"), kind.deposit, report));
        let extra = fields.object(EXTRA, report);
        check_extra(&extra, kind.path, kind.fields, report);
        Some(Payment {
            mode,
            settings,
            user_id: user_id?,
            tracking_id: tracking_id?,
            ip,
            amount: amount?,
            currency: currency?,
            customer,
            extra,
        })
    }

    /// What the types of the fields do not say already.
    #[inline(never)]
    pub(crate) fn check(&self, kind: &Kind, report: &mut Report) {
        if !self.currency.is_iso() {
            report.keep(join(kind.path, "currency"), Currency::parse(self.currency.code()));
        }
        check_amount(
            Some(self.amount),
            Some(&self.currency),
            &join(kind.path, ""),
            report,
        );
        if let Some(customer) = &self.customer {
            customer.check(&join(kind.path, "customer"), kind.deposit, report);
        }
        check_extra(&self.extra, kind.path, kind.fields, report);
    }

    /// The request object, in the reference's order. `choice` is the field between `mode` and `settings`.
    #[inline(never)]
    pub(crate) fn to_map(
        &self,
        choice: (&str, Option<Value>),
        amount_restricted: Option<bool>,
    ) -> Map<String, Value> {
        let mut object = Object::default();
        object.text("mode", self.mode.as_ref().map(Mode::as_str));
        object.put(choice.0, choice.1);
        object.put("settings", Some(Value::Object(self.settings.clone())));
        object.text("user_id", Some(self.user_id.as_str()));
        object.text("tracking_id", Some(self.tracking_id.as_str()));
        object.put("ip", self.ip.map(|ip| ip.to_string().into()));
        object.put("amount", Some(self.amount.to_wire(&self.currency)));
        object.text("currency", Some(self.currency.code()));
        object.put("amount_restricted", amount_restricted.map(Value::Bool));
        object.put("customer", self.customer.as_ref().map(Customer::to_value));
        object.with(&self.extra)
    }
}

/// What sets one payment request apart from the others.
pub(crate) struct Kind {
    /// Where the request object stands in the body.
    pub(crate) path: &'static str,
    /// Its fields.
    pub(crate) fields: &'static [&'static str],
    /// Whether money comes in.
    pub(crate) deposit: bool,
}

#[inline(never)]
fn check_amount(amount: Option<Amount>, currency: Option<&Currency>, object: &str, report: &mut Report) {
    let Some(amount) = amount else { return };
    let path = || [object, "amount"].concat();
    if !amount.is_positive() {
        report.add(path(), "range", "must be more than zero");
    }
    if let Some(currency) = currency
        && let Some(units) = currency.minor_units()
        && !amount.fits(currency)
    {
        let message = format!(
            "{amount} has {} decimals and {currency} has {units}; round it before it is charged",
            amount.decimals()
        );
        report.add(path(), "decimals", message);
    }
}

#[inline(never)]
fn parse_ip(text: &str) -> Result<IpAddr, Violation> {
    text.parse().map_err(|_| {
        Violation::new(
            "format",
            "not an IP address; give the person's IPv4 or IPv6 address alone, without a port",
        )
    })
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("mode", &self.mode)
            .field("user_id", &self.user_id)
            .field("tracking_id", &self.tracking_id)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .finish_non_exhaustive()
    }
}
