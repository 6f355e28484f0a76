//! What a webhook says.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::canonical::canonicalize;
use crate::id::{TrackingId, TransactionId, UserId};
use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::read::json;
use crate::read::violation::{ValidationError, Violation};
use crate::transaction::{TransactionStatus, TransactionType};

/// The documented fields, in the order of the reference.
pub(crate) const FIELDS: [&str; 7] = [
    "transaction_id",
    "user_id",
    "tracking_id",
    "status",
    "currency",
    "amount",
    "transaction_type",
];

/// One webhook: a payment has come to a state.
///
/// Serialized, it is the gateway's own form: flat, with the amount as a decimal string.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The gateway's id of the transaction.
    pub transaction_id: TransactionId,
    /// The merchant's id of the person who pays or is paid.
    pub user_id: UserId,
    /// The merchant's id of the payment.
    pub tracking_id: TrackingId,
    /// The state it has come to; an unknown one is carried through.
    pub status: TransactionStatus,
    /// The currency of the amount.
    pub currency: Currency,
    /// The amount, exact.
    pub amount: Amount,
    /// Which way the money goes.
    pub transaction_type: TransactionType,
    /// Whatever else the gateway sent; signed like the rest.
    pub extra: Map<String, Value>,
}

impl WebhookEvent {
    /// Reads the JSON text of an event. It checks no signature: [`Webhook::verify`](super::Webhook::verify) does both.
    ///
    /// Ids are opaque: any text but the empty one, or a number, which is taken as its digits. A string with half a surrogate
    /// pair, which no Rust string can hold, gets U+FFFD in its place. More than 127 arrays and objects in
    /// one another are refused.
    ///
    /// # Errors
    ///
    /// Every field that is missing or cannot be what it has to be.
    pub fn from_json(text: &[u8]) -> Result<Self, ValidationError> {
        let read = std::str::from_utf8(text).ok().map(json::value);
        let value = match read {
            Some(Ok(value)) => value,
            _ => {
                let violation = |why: &str| {
                    let message = ["an event is a JSON object; this text is none: ", why].concat();
                    Violation::new("type", message)
                };
                let text = canonicalize(text).map_err(|error| violation(&error.to_string()))?;
                json::lenient(&text).map_err(|_| violation("it nests too deep"))?
            }
        };
        match value {
            Value::Object(fields) => Self::from_fields(fields),
            _ => {
                Err(Violation::new("type", "an event is a JSON object; this is another kind of value").into())
            }
        }
    }

    /// Takes an event out of its fields; what has no name here is kept as `extra`.
    ///
    /// # Errors
    ///
    /// Every field that is missing or cannot be what it has to be.
    pub fn from_fields(mut fields: Map<String, Value>) -> Result<Self, ValidationError> {
        let mut violations = Vec::new();
        let mut read = Reader {
            fields: &mut fields,
            violations: &mut violations,
        };
        let transaction_id = read.id("transaction_id", TransactionId::unchecked);
        let user_id = read.id("user_id", UserId::unchecked);
        let tracking_id = read.id("tracking_id", TrackingId::unchecked);
        let status = read.text("status").map(TransactionStatus::from);
        let currency = read.text("currency").map(Currency::unchecked);
        let amount = read.amount("amount");
        let transaction_type = read.text("transaction_type").map(TransactionType::from);
        ValidationError::check(violations)?;
        let event = || {
            Some(Self {
                transaction_id: transaction_id?,
                user_id: user_id?,
                tracking_id: tracking_id?,
                status: status?,
                currency: currency?,
                amount: amount?,
                transaction_type: transaction_type?,
                extra: fields,
            })
        };
        // A field is only left out together with its violation.
        event().ok_or_else(|| Violation::new("type", "not an event").into())
    }
}

/// Takes fields out one by one and keeps what is wrong with them.
struct Reader<'a> {
    fields: &'a mut Map<String, Value>,
    violations: &'a mut Vec<Violation>,
}

impl Reader<'_> {
    fn refuse<T>(&mut self, name: &str, violation: Violation) -> Option<T> {
        self.violations.push(violation.at(name));
        None
    }

    /// Takes a field out; the others keep their order.
    fn take(&mut self, name: &str) -> Option<Value> {
        let value = self.fields.shift_remove(name);
        if value.is_none() {
            return self.refuse(name, Violation::new("required", "is missing: every event has it"));
        }
        value
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.refuse(name, Violation::new("type", "must be a string")),
        }
    }

    fn id<T>(&mut self, name: &str, make: fn(String) -> T) -> Option<T> {
        let value = self.take(name)?;
        match json::id(&value) {
            Some(id) => Some(make(id)),
            // In a reply a number that is not whole is no id. What was signed is not refused for how an id looks.
            None if let Value::Number(number) = &value => Some(make(number.as_str().to_owned())),
            None if value == "" => {
                self.refuse(name, Violation::new("required", "is empty: every event has it"))
            }
            None => self.refuse(name, Violation::new("type", "must be a string or a number")),
        }
    }

    fn amount(&mut self, name: &str) -> Option<Amount> {
        // Not by `Deserialize`: serde_json would make a float of the number on the way, and bring all that prints one.
        let amount = match self.take(name)? {
            Value::Number(number) => Amount::from_number(&number),
            Value::String(text) => Amount::parse(&text),
            _ => {
                let violation = Violation::new("format", "an amount is a number or a decimal string");
                return self.refuse(name, violation);
            }
        };
        match amount {
            Ok(amount) => Some(amount),
            Err(error) => self.refuse(name, Violation::new("format", error.to_string())),
        }
    }
}

impl Serialize for WebhookEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("transaction_id", &self.transaction_id)?;
        map.serialize_entry("user_id", &self.user_id)?;
        map.serialize_entry("tracking_id", &self.tracking_id)?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("currency", &self.currency)?;
        map.serialize_entry("amount", &self.amount.to_string())?;
        map.serialize_entry("transaction_type", &self.transaction_type)?;
        for (name, value) in &self.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Not derived: serde's `flatten` does not carry numbers of arbitrary precision.
impl<'de> Deserialize<'de> for WebhookEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_fields(Map::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
