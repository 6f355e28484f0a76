//! Who pays or is paid, as far as the merchant tells the gateway.
//!
//! Every field is optional: the reference shows them all and marks none as required. All of it is personal data, so nothing
//! here prints: `Debug` tells which fields are set and no value of them.

use std::fmt;

use serde_json::{Map, Value};

use crate::amount::Amount;
use crate::contact::{BirthDate, Country, Email, Phone};
use crate::object::Object;
use crate::open::open_enum;
use crate::validate::{EXTRA, Fields, Report, check_extra, join};

const FIELDS: [&str; 12] = [
    "max_deposit_limit",
    "first_name",
    "last_name",
    "kyc_status",
    "email",
    "zip_code",
    "address",
    "city",
    "dob",
    "country_code",
    "phone",
    EXTRA,
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
    #[inline(never)]
    pub(crate) fn read(value: &Value, path: &str, deposit: bool, report: &mut Report) -> Option<Customer> {
        let fields = Fields::open(value, path, &FIELDS, report)?;
        let customer = Customer {
            max_deposit_limit: fields.amount("max_deposit_limit", report),
            first_name: fields.words("first_name", report),
            last_name: fields.words("last_name", report),
            kyc_status: fields.words("kyc_status", report).map(KycStatus::from),
            email: fields
                .text("email", report)
                .and_then(|text| report.keep(fields.at("email"), Email::parse(text))),
            zip_code: fields.words("zip_code", report),
            address: fields.words("address", report),
            city: fields.words("city", report),
            dob: fields
                .text("dob", report)
                .and_then(|text| report.keep(fields.at("dob"), BirthDate::parse(text))),
            country_code: fields
                .text("country_code", report)
                .and_then(|text| report.keep(fields.at("country_code"), Country::parse(text))),
            phone: fields
                .get("phone")
                .and_then(|value| Phone::read(value, &fields.at("phone"), report)),
            extra: fields.object(EXTRA, report),
        };
        customer.check(path, deposit, report);
        Some(customer)
    }

    /// What the types of the fields do not say already.
    #[inline(never)]
    pub(crate) fn check(&self, path: &str, deposit: bool, report: &mut Report) {
        let limit = || join(path, "max_deposit_limit");
        match self.max_deposit_limit {
            Some(_) if !deposit => report.add(
                limit(),
                "unknown_field",
                "belongs to deposits; leave it out of a withdrawal",
            ),
            Some(amount) if amount.is_negative() => report.add(
                limit(),
                "range",
                "must not be negative; leave it out when there is no limit",
            ),
            _ => {}
        }
        check_extra(&self.extra, path, &FIELDS, report);
    }

    #[inline(never)]
    pub(crate) fn to_value(&self) -> Value {
        let mut object = Object::default();
        object.put("max_deposit_limit", self.max_deposit_limit.map(Amount::to_value));
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
        Value::Object(object.with(&self.extra))
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
