//! What the demo shop knows: the messages that the Worker delivered to it.

use serde::{Deserialize, Serialize};

use super::Store;

/// The most messages that a list shows.
const MOST_LISTED: i64 = 100;

/// One message, however often it came. Instants are Unix time in milliseconds, and RFC 3339 in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// The message's own id, the same at every try.
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) tracking_id: String,
    pub(crate) transaction_id: String,
    /// The attempt's status, and the payment's state after it.
    pub(crate) status: String,
    pub(crate) state: String,
    /// Plain decimal digits.
    pub(crate) amount: String,
    pub(crate) currency: String,
    /// When it came first.
    #[serde(serialize_with = "crate::clock::serialize")]
    pub(crate) first_at: i64,
    /// When the shop took it; what comes after that changes nothing.
    #[serde(serialize_with = "crate::clock::serialize_optional")]
    pub(crate) accepted_at: Option<i64>,
    /// How often it came.
    pub(crate) tries: i64,
    /// How often of these the shop's endpoint failed, as it was asked to.
    pub(crate) refused: i64,
}

impl Store {
    /// Finds a message by its own id.
    pub(crate) fn delivery(&self, id: &str) -> worker::Result<Option<Delivery>> {
        self.first("SELECT * FROM shop_deliveries WHERE id = ?", vec![id.into()])
    }

    /// Writes a message that has come, for the first time or again.
    pub(crate) fn keep_delivery(&self, delivery: &Delivery) -> worker::Result<()> {
        self.run(
            "INSERT INTO shop_deliveries (id, type, tracking_id, transaction_id, status, state, amount, currency, \
             first_at, accepted_at, tries, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO \
             UPDATE SET accepted_at = excluded.accepted_at, tries = excluded.tries, refused = excluded.refused",
            vec![
                delivery.id.as_str().into(),
                delivery.r#type.as_str().into(),
                delivery.tracking_id.as_str().into(),
                delivery.transaction_id.as_str().into(),
                delivery.status.as_str().into(),
                delivery.state.as_str().into(),
                delivery.amount.as_str().into(),
                delivery.currency.as_str().into(),
                delivery.first_at.into(),
                delivery.accepted_at.into(),
                delivery.tries.into(),
                delivery.refused.into(),
            ],
        )
    }

    /// Lists the latest messages, or those of one tracking id, oldest first.
    pub(crate) fn deliveries(&self, tracking_id: Option<&str>) -> worker::Result<Vec<Delivery>> {
        self.all(
            "SELECT * FROM (SELECT rowid AS seq, * FROM shop_deliveries WHERE ?1 IS NULL OR tracking_id = ?1 \
             ORDER BY rowid DESC LIMIT ?2) ORDER BY seq",
            vec![tracking_id.into(), MOST_LISTED.into()],
        )
    }

    /// Tells whether the shop's endpoint fails at every second try of a message.
    pub(crate) fn endpoint_fails(&self) -> worker::Result<bool> {
        let fails: i64 = self.value("SELECT shop_endpoint_fails AS value FROM settings", vec![])?;
        Ok(fails != 0)
    }

    /// Makes the shop's endpoint fail, or not.
    pub(crate) fn set_endpoint_fails(&self, fails: bool) -> worker::Result<()> {
        self.run(
            "UPDATE settings SET shop_endpoint_fails = ?",
            vec![i64::from(fails).into()],
        )
    }
}
