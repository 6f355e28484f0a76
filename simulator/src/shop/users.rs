//! The demo's users. None of them is a person.

use serde_json::{Value, json};

/// One user of the demo shop.
pub(super) struct User {
    pub(super) id: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    email: &'static str,
    address: &'static str,
    zip_code: &'static str,
    city: &'static str,
    country: &'static str,
    /// Day first, as the gateway writes dates.
    dob: &'static str,
    phone_number: u64,
    phone_prefix: u32,
    currency: &'static str,
}

/// All of them. The telephone numbers are of ranges kept free for fiction, or have no subscriber.
pub(super) const USERS: [User; 3] = [
    User {
        id: "demo-1001",
        first_name: "Erika",
        last_name: "Example",
        email: "erika@example.com",
        address: "1 Example Street",
        zip_code: "10115",
        city: "Berlin",
        country: "DE",
        dob: "05/03/1990",
        phone_number: 3_023_125_001,
        phone_prefix: 49,
        currency: "EUR",
    },
    User {
        id: "demo-1002",
        first_name: "John",
        last_name: "Sample",
        email: "john@example.com",
        address: "2 Sample Road",
        zip_code: "SW1A 1AA",
        city: "London",
        country: "GB",
        dob: "21/11/1985",
        phone_number: 7_700_900_001,
        phone_prefix: 44,
        currency: "GBP",
    },
    User {
        id: "demo-1003",
        first_name: "Hanako",
        last_name: "Test",
        email: "hanako@example.com",
        address: "3-3 Test",
        zip_code: "100-0001",
        city: "Tokyo",
        country: "JP",
        dob: "30/06/2000",
        phone_number: 300_000_001,
        phone_prefix: 81,
        currency: "JPY",
    },
];

/// Finds the user of an id.
pub(super) fn find(id: &str) -> Option<&'static User> {
    USERS.iter().find(|user| user.id == id)
}

impl User {
    /// Returns what the storefront is told.
    pub(super) fn public(&self) -> Value {
        json!({
            "user_id": self.id,
            "name": format!("{} {}", self.first_name, self.last_name),
            "country": self.country,
            "currency": self.currency,
        })
    }

    /// Returns what the gateway is told; a withdrawal has no limit of deposits.
    pub(super) fn customer(&self, pays: bool) -> Value {
        let mut customer = json!({
            "first_name": self.first_name,
            "last_name": self.last_name,
            "kyc_status": "passed",
            "email": self.email,
            "zip_code": self.zip_code,
            "address": self.address,
            "city": self.city,
            "dob": self.dob,
            "country_code": self.country,
            "phone": { "country": self.country, "number": self.phone_number, "prefix": self.phone_prefix },
        });
        if let Some(fields) = customer.as_object_mut().filter(|_| pays) {
            fields.insert("max_deposit_limit".to_owned(), 10_000.into());
        }
        customer
    }
}
