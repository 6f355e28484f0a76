//! Who pays or is paid, as far as the merchant tells the gateway.
//!
//! Every field is optional: the reference shows them all and marks none as required. All of it is personal data, so nothing
//! here prints: `Debug` tells which fields are set and no value of them.

use std::fmt;

use serde_json::{Map, Value};

use crate::money::amount::Amount;
use crate::person::contact::{BirthDate, Country, Email, PHONE, Phone};
use crate::read::object::{Object, amount, map, text};
use crate::read::open::open_enum;
use crate::read::shape::{EXTRA_FIELDS, Field, Rule, Shape, decimal, present};
use crate::read::validate::{EXTRA, join};

/// Of a deposit.
pub(crate) static DEPOSITOR: Shape = Shape {
    fields: FIELDS,
    also: |customer, path, report| {
        if let Some(Ok(limit)) = present(customer, LIMIT).and_then(decimal)
            && limit.negative
        {
            let message = "must not be negative; leave it out when there is no limit";
            report.add(join(path, LIMIT), "range", message);
        }
    },
};

/// Of a withdrawal.
pub(crate) static PAYEE: Shape = Shape {
    fields: FIELDS,
    also: |customer, path, report| {
        if present(customer, LIMIT).is_some() {
            let message = "belongs to deposits; leave it out of a withdrawal";
            report.add(join(path, LIMIT), "unknown_field", message);
        }
    },
};

const LIMIT: &str = "max_deposit_limit";

const FIELDS: &[Field] = &[
    Field::new(LIMIT, Rule::Amount),
    Field::new("first_name", Rule::Words),
    Field::new("last_name", Rule::Words),
    Field::new("kyc_status", Rule::Words),
    Field::new("email", Rule::Text(Email::check)),
    Field::new("zip_code", Rule::Words),
    Field::new("address", Rule::Words),
    Field::new("city", Rule::Words),
    Field::new("dob", Rule::Text(BirthDate::check)),
    Field::new("country_code", Rule::Text(Country::check)),
    Field::new("phone", Rule::Object(&PHONE)),
    EXTRA_FIELDS,
];

open_enum! {
    /// How the merchant's check of the person's identity ended.
    KycStatus {
        /// The person is who they say they are.
        Passed = "passed",
    }
}

/// The person behind a payment.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Customer {
    /// The most that the person may deposit, in the payment's currency. Only deposits have it.
    pub max_deposit_limit: Option<Amount>,
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
    /// Date of birth.
    pub dob: Option<BirthDate>,
    /// Country of residence.
    pub country_code: Option<Country>,
    /// Telephone.
    pub phone: Option<Phone>,
    /// Fields that the reference does not know, merged into the object as they are.
    pub extra: Map<String, Value>,
}

impl Customer {
    /// Takes what has been checked.
    pub(crate) fn build(customer: &Value) -> Customer {
        let words = |name| text(customer, name).map(str::to_owned);
        Customer {
            max_deposit_limit: amount(customer, LIMIT),
            first_name: words("first_name"),
            last_name: words("last_name"),
            kyc_status: text(customer, "kyc_status").map(KycStatus::from),
            email: text(customer, "email").and_then(|text| Email::parse(text).ok()),
            zip_code: words("zip_code"),
            address: words("address"),
            city: words("city"),
            dob: text(customer, "dob").and_then(|text| BirthDate::parse(text).ok()),
            country_code: text(customer, "country_code").and_then(|text| Country::parse(text).ok()),
            phone: customer.get("phone").and_then(Phone::build),
            extra: map(customer, EXTRA),
        }
    }

    /// The customer as a request has it.
    pub(crate) fn to_value(&self) -> Value {
        let mut object = Object::default();
        object.put(LIMIT, self.max_deposit_limit.map(Amount::to_value));
        object.text("first_name", self.first_name.as_deref());
        object.text("last_name", self.last_name.as_deref());
        object.text("kyc_status", self.kyc_status.as_ref().map(KycStatus::as_str));
        object.text("email", self.email.as_ref().map(Email::as_str));
        object.text("zip_code", self.zip_code.as_deref());
        object.text("address", self.address.as_deref());
        object.text("city", self.city.as_deref());
        object.put("dob", self.dob.map(|dob| dob.to_string().into()));
        object.text("country_code", self.country_code.as_ref().map(Country::code));
        object.put("phone", self.phone.as_ref().map(Phone::to_value));
        object.extra(&self.extra);
        Value::Object(object.done())
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The wire form lists exactly what is set; of that only the names.
        let value = self.to_value();
        let names = value.as_object().into_iter().flat_map(Map::keys);
        f.write_str("Customer ")?;
        f.debug_set().entries(names).finish()
    }
}
