//! What a transaction is: its status, its direction, and its row in the list of transactions.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::id::TransactionId;
use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::read::open::open_enum;
use crate::read::reply::{Reply, ReplyFields, Unexpected};

open_enum! {
    /// How far a transaction has come.
    TransactionStatus: "\"pending\" | \"successful\" | \"rejected\" | (string & {})" {
        /// Not decided yet.
        Pending = "pending",
        /// Money has moved.
        Successful = "successful",
        /// Refused, or given up: no money moves.
        Rejected = "rejected",
    }
}

impl TransactionStatus {
    /// Whether the reference names no further status: successful and rejected are final, any other may still change.
    pub fn is_final(&self) -> bool {
        matches!(self.as_str(), "successful" | "rejected")
    }
}

open_enum! {
    /// Which way the money goes.
    TransactionType: "\"deposit\" | \"withdrawal\" | (string & {})" {
        /// From the user to the merchant.
        Deposit = "deposit",
        /// From the merchant to the user; a payout.
        Withdrawal = "withdrawal",
    }
}

/// One row of the list of transactions.
///
/// The gateway's list is read leniently: a field that is missing or `null` is missing here, and one of another type than the reference shows is in `extra`, as
/// it came; an id that is a whole number is taken as its digits, as in webhooks. No row hides the others; one that is no object is left out.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct Transaction {
    /// The gateway's id, the one that webhooks name.
    pub transaction_id: Option<TransactionId>,
    /// The gateway's further id of the transaction.
    pub gateway_transaction_id: Option<String>,
    /// The provider's id of the transaction.
    pub provider_transaction_id: Option<String>,
    /// Which way the money goes.
    pub transaction_type: Option<TransactionType>,
    /// When, as `YYYY-MM-DD HH:MM:SS` of the gateway's clock. The reference names no time zone.
    pub transaction_date: Option<String>,
    /// How far it has come.
    pub status: Option<TransactionStatus>,
    /// The provider's name.
    pub payment_provider: Option<String>,
    /// The customer's id: a number in the reference's example.
    #[cfg_attr(feature = "js", tsify(type = "number | string"))]
    pub customer_id: Option<Value>,
    /// What the merchant gets or gives, in units of `currency`. In JavaScript a number, or a string of its digits when a number would round it.
    pub amount: Option<Amount>,
    /// The currency of `amount`.
    pub currency: Option<Currency>,
    /// What the user gives or gets, in units of `user_currency`; in JavaScript like `amount`.
    pub user_amount: Option<Amount>,
    /// The currency of `user_amount`.
    pub user_currency: Option<Currency>,
    /// The gateway's `fx_amount`, which the reference does not explain; in JavaScript like `amount`.
    pub fx_amount: Option<Amount>,
    /// Fields that this version does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Reply for Transaction {
    fn read(row: Value) -> Result<Self, Unexpected> {
        let mut fields = ReplyFields::open(row)?;
        Ok(Transaction {
            transaction_id: fields.id("transaction_id").map(TransactionId::unchecked),
            gateway_transaction_id: fields.id("gateway_transaction_id"),
            provider_transaction_id: fields.id("provider_transaction_id"),
            transaction_type: fields.non_empty("transaction_type"),
            transaction_date: fields.text("transaction_date"),
            status: fields.non_empty("status"),
            payment_provider: fields.text("payment_provider"),
            customer_id: fields.value("customer_id"),
            amount: fields.take("amount", Amount::from_reply),
            currency: fields.text::<String>("currency").map(Currency::unchecked),
            user_amount: fields.take("user_amount", Amount::from_reply),
            user_currency: fields.text::<String>("user_currency").map(Currency::unchecked),
            fx_amount: fields.take("fx_amount", Amount::from_reply),
            extra: fields.rest(),
        })
    }
}
