//! Who pays or is paid, as far as the gateway needs to know.
//!
//! Every field is optional: the reference shows them all and marks none as required. All of it is personal data, so nothing
//! here prints: `Debug` shows which fields are set and no value of them.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::money::amount::Amount;
use crate::person::birth_date::BirthDate;
use crate::person::country::Country;
use crate::person::email::Email;
use crate::person::phone::Phone;
use crate::read::fields::{Fields, Place, Read};
use crate::read::open::open_enum;
use crate::read::report::Report;
use crate::read::violation::Violation;

open_enum! {
    /// How the merchant's check of the person's identity ended.
    KycStatus: "\"passed\" | (string & {})" {
        /// The person is who they say they are.
        Passed = "passed",
    }
}

const LIMIT: &str = "max_deposit_limit";

/// The person behind a payment.
#[serde_with::skip_serializing_none]
#[derive(Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct Customer {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// How the identity check ended.
    pub kyc_status: Option<KycStatus>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Postal code.
    pub zip_code: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Date of birth, `DD/MM/YYYY`, day first.
    pub dob: Option<BirthDate>,
    /// Country of residence: two letters of ISO 3166-1, for example `GB`.
    pub country_code: Option<Country>,
    /// Telephone.
    pub phone: Option<Phone>,
    /// Fields that the reference does not know, merged into the object as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Customer {
    fn take(fields: &mut Fields<'_, '_>) -> Self {
        Customer {
            first_name: fields.optional("first_name"),
            last_name: fields.optional("last_name"),
            kyc_status: fields.optional("kyc_status"),
            email: fields.optional("email"),
            zip_code: fields.optional("zip_code"),
            address: fields.optional("address"),
            city: fields.optional("city"),
            dob: fields.optional("dob"),
            country_code: fields.optional("country_code"),
            phone: fields.optional("phone"),
            extra: fields.extra(),
        }
    }
}

impl Read for Customer {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let customer = Customer::take(&mut fields);
        fields.misplaced(LIMIT, "belongs to deposits; leave it out of a withdrawal");
        fields.finish();
        Some(customer)
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        names_alone("Customer", self, f)
    }
}

/// The person behind a deposit, who may have a limit.
#[serde_with::skip_serializing_none]
#[derive(Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct DepositCustomer {
    /// The most that the person may deposit, in the payment's currency.
    pub max_deposit_limit: Option<Amount>,
    /// The person.
    #[serde(flatten)]
    pub customer: Customer,
}

impl Read for DepositCustomer {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let max_deposit_limit: Option<Amount> = fields.optional(LIMIT);
        let customer = Customer::take(&mut fields);
        if max_deposit_limit.is_some_and(|limit| limit.is_negative()) {
            let message = "must not be negative; leave it out when there is no limit";
            fields.check(LIMIT, Err(Violation::new("range", message)));
        }
        fields.finish();
        Some(DepositCustomer {
            max_deposit_limit,
            customer,
        })
    }
}

/// A person without a limit.
impl From<Customer> for DepositCustomer {
    fn from(customer: Customer) -> Self {
        DepositCustomer {
            max_deposit_limit: None,
            customer,
        }
    }
}

impl fmt::Debug for DepositCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        names_alone("DepositCustomer", self, f)
    }
}

/// Shows which fields are set, and no value.
fn names_alone(name: &str, person: &impl Serialize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let value = serde_json::to_value(person).unwrap_or_default();
    let names = value.as_object().into_iter().flat_map(Map::keys);
    write!(f, "{name} ")?;
    f.debug_set().entries(names).finish()
}
