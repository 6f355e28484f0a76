//! What the four payment requests share.

use std::fmt;
use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::id::{TrackingId, UserId};
use crate::money::amount::Amount;
use crate::money::currency::{Currency, check_currency, minor_units};
use crate::person::customer::{Customer, DEPOSITOR, PAYEE};
use crate::read::json_read::Node;
use crate::read::object::{Object, amount, map, text};
use crate::read::open::open_enum;
use crate::read::shape::{EXTRA_FIELDS, Field, Rule, Shape, decimal, present};
use crate::read::validate::{EXTRA, Report, join};
use crate::read::violation::Violation;
use crate::redact::redact;

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

    /// Takes what has been checked; `None` for what has not.
    pub(crate) fn build(request: &Value) -> Option<Payment> {
        Some(Payment {
            mode: text(request, "mode").map(Mode::from),
            settings: map(request, "settings"),
            user_id: UserId::new(text(request, "user_id")?).ok()?,
            tracking_id: TrackingId::new(text(request, "tracking_id")?).ok()?,
            ip: text(request, "ip").and_then(|ip| ip.parse().ok()),
            amount: amount(request, "amount")?,
            currency: Currency::parse(text(request, "currency")?).ok()?,
            customer: request
                .get("customer")
                .filter(|customer| customer.is_object())
                .map(Customer::build),
            extra: map(request, EXTRA),
        })
    }

    /// The payment as a request has it. `choice` is the field between `mode` and `settings`.
    pub(crate) fn to_value(&self, choice: (&str, Option<Value>), amount_restricted: Option<bool>) -> Value {
        let mut object = Object::default();
        object.text("mode", self.mode.as_ref().map(Mode::as_str));
        object.put(choice.0, choice.1);
        object.put("settings", Some(Value::Object(self.settings.clone())));
        object.text("user_id", Some(self.user_id.as_str()));
        object.text("tracking_id", Some(self.tracking_id.as_str()));
        object.put("ip", self.ip.map(|ip| ip.to_string().into()));
        object.put("amount", Some(self.amount.to_value()));
        object.text("currency", Some(self.currency.code()));
        object.put("amount_restricted", amount_restricted.map(Value::Bool));
        object.put("customer", self.customer.as_ref().map(Customer::to_value));
        object.extra(&self.extra);
        Value::Object(object.done())
    }
}

const MODE: Field = Field::new("mode", Rule::Words);
const THEME: Field = Field::new("theme", Rule::Words);
const SETTINGS: Field = Field::new("settings", Rule::Settings);
const USER_ID: Field = Field::needed(
    "user_id",
    Rule::Text(UserId::check),
    "give your id of the person who pays or is paid",
);
const TRACKING_ID: Field = Field::needed(
    "tracking_id",
    Rule::Text(TrackingId::check),
    "give a new id of your own, for example a UUID; every webhook brings it back",
);
const IP: Field = Field::new("ip", Rule::Text(check_ip));
const AMOUNT: Field = Field::needed("amount", Rule::Price, "give the amount, for example 10.05");
const CURRENCY: Field = Field::needed(
    "currency",
    Rule::Text(check_currency),
    "give a currency of ISO 4217, for example EUR",
);
const CUSTOMER: Field = Field::new("customer", Rule::Object(&DEPOSITOR));

/// The request object of a payment: what stands between `mode` and `settings`, what before the customer, and the customer.
macro_rules! payment {
    ($choice:expr, [$($more:expr),*], $customer:expr) => {
        Shape {
            fields: &[
                MODE, $choice, SETTINGS, USER_ID, TRACKING_ID, IP, AMOUNT, CURRENCY, $($more,)* $customer, EXTRA_FIELDS,
            ],
            also: check_amount,
        }
    };
}

/// Of `hosted_deposit`.
pub(crate) static HOSTED_DEPOSIT: Shape =
    payment!(THEME, [Field::new("amount_restricted", Rule::Flag)], CUSTOMER);

/// Of `hosted_withdrawal`.
pub(crate) static HOSTED_WITHDRAWAL: Shape =
    payment!(THEME, [], Field::new("customer", Rule::Object(&PAYEE)));

/// Of `direct_payment`.
pub(crate) static DIRECT_PAYMENT: Shape = payment!(
    Field::needed(
        "provider_id",
        Rule::Count(MAX_NUMBER),
        "give the provider's number from the merchant portal (Settings > Providers)",
    ),
    [],
    CUSTOMER
);

/// Of `card_payment`.
pub(crate) static CARD_PAYMENT: Shape =
    payment!(Field::new("routing_id", Rule::Count(MAX_NUMBER)), [], CUSTOMER);

/// The largest number that every JSON reader holds exactly: 2^53 - 1.
const MAX_NUMBER: u64 = 9_007_199_254_740_991;

/// An amount is more than zero, and has no more decimals than its currency.
fn check_amount(request: &Node<'_>, path: &str, report: &mut Report) {
    let Some(Ok(amount)) = present(request, "amount").and_then(decimal) else {
        return;
    };
    let at = || join(path, "amount");
    if amount.negative || amount.is_zero() {
        report.add(at(), "range", "must be more than zero");
    }
    let currency = request.text("currency").unwrap_or_default();
    if let Some(units) = minor_units(currency)
        && amount.decimals() > units as usize
    {
        let mut written = String::new();
        amount.push(&mut written, None);
        let message = format!(
            "{} has {} decimals and {currency} has {units}; round it before it is charged",
            // A card's number may have been given for an amount.
            redact(&written, &[]),
            amount.decimals(),
        );
        report.add(at(), "decimals", message);
    }
}

fn check_ip(text: &str) -> Result<(), Violation> {
    if text.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    Err(Violation::new(
        "format",
        "not an IP address; give the person's IPv4 or IPv6 address alone, without a port",
    ))
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
