//! What a transaction is: its status, its direction, and its row in the list of transactions.

use serde_json::{Map, Value};

use crate::id::TransactionId;
use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::operation::reply::{Kind, Known, Taking, Unexpected, arrange, serialize_as_map};
use crate::read::json_read::Node;
use crate::read::object::Object;
use crate::read::open::open_enum;

open_enum! {
    /// How far a transaction has come.
    TransactionStatus {
        /// Not decided yet.
        Pending = "pending",
        /// Money has moved.
        Successful = "successful",
        /// Refused, or given up: no money moves.
        Rejected = "rejected",
    }
}

impl TransactionStatus {
    /// Whether the reference knows no way on from here: successful and rejected are final, all else may still change.
    pub fn is_final(&self) -> bool {
        matches!(self.as_str(), "successful" | "rejected")
    }
}

open_enum! {
    /// Which way the money goes.
    TransactionType {
        /// From the user to the merchant.
        Deposit = "deposit",
        /// From the merchant to the user; a payout.
        Withdrawal = "withdrawal",
    }
}

const NO_OBJECT: &str = "a transaction is not a JSON object";
const NO_ID: &str = "a transaction has no `transaction_id`";
const NO_STATUS: &str = "a transaction has no `status`";

/// The fields of a row, in the reference's order.
const FIELDS: [Known; 13] = [
    Known::required("transaction_id", Kind::Id, NO_ID),
    Known::optional("gateway_transaction_id", Kind::OtherId),
    Known::optional("provider_transaction_id", Kind::OtherId),
    Known::optional("transaction_type", Kind::Text),
    Known::optional("transaction_date", Kind::Text),
    Known::required("status", Kind::Words, NO_STATUS),
    Known::optional("payment_provider", Kind::Text),
    Known::optional("customer_id", Kind::Any),
    Known::optional("amount", Kind::Amount),
    Known::optional("currency", Kind::Text),
    Known::optional("user_amount", Kind::Amount),
    Known::optional("user_currency", Kind::Text),
    Known::optional("fx_amount", Kind::Amount),
];

/// One row of the list of transactions. A known field whose value is of another type than the reference shows is in `extra`, as it came;
/// but an id that is a whole number is taken for its digits, as in webhooks.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transaction {
    /// The gateway's id, the one that webhooks name.
    pub transaction_id: TransactionId,
    /// The gateway's further id of the transaction.
    pub gateway_transaction_id: Option<String>,
    /// The provider's id of the transaction.
    pub provider_transaction_id: Option<String>,
    /// Which way the money goes.
    pub transaction_type: Option<TransactionType>,
    /// When, as `YYYY-MM-DD HH:MM:SS`. The reference names no time zone.
    pub transaction_date: Option<String>,
    /// How far it has come.
    pub status: TransactionStatus,
    /// The provider's name.
    pub payment_provider: Option<String>,
    /// The customer's id: a number in the reference's example.
    pub customer_id: Option<Value>,
    /// What the merchant gets or gives.
    pub amount: Option<Amount>,
    /// The currency of `amount`.
    pub currency: Option<Currency>,
    /// What the user gives or gets.
    pub user_amount: Option<Amount>,
    /// The currency of `user_amount`.
    pub user_currency: Option<Currency>,
    /// The gateway's `fx_amount`; the reference does not explain it.
    pub fx_amount: Option<Amount>,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

serialize_as_map!(Transaction);

impl Transaction {
    pub(crate) fn read(row: Value) -> Result<Self, Unexpected> {
        let mut fields = Taking::open(row).map_err(|_| Unexpected(NO_OBJECT))?;
        let id = fields
            .id("transaction_id")
            .and_then(|id| TransactionId::new(id).ok());
        Ok(Transaction {
            transaction_id: id.ok_or(Unexpected(NO_ID))?,
            gateway_transaction_id: fields.id("gateway_transaction_id"),
            provider_transaction_id: fields.id("provider_transaction_id"),
            transaction_type: fields.text("transaction_type").map(TransactionType::from),
            transaction_date: fields.text("transaction_date"),
            status: fields.words("status").ok_or(Unexpected(NO_STATUS))?.into(),
            payment_provider: fields.text("payment_provider"),
            customer_id: fields.value("customer_id"),
            amount: fields.amount("amount"),
            currency: fields.text("currency").map(Currency::carried),
            user_amount: fields.amount("user_amount"),
            user_currency: fields.text("user_currency").map(Currency::carried),
            fx_amount: fields.amount("fx_amount"),
            extra: fields.rest(),
        })
    }

    pub(crate) fn to_map(&self) -> Map<String, Value> {
        let mut object = Object::default();
        object.text("transaction_id", Some(self.transaction_id.as_str()));
        object.text("gateway_transaction_id", self.gateway_transaction_id.as_deref());
        object.text("provider_transaction_id", self.provider_transaction_id.as_deref());
        object.text(
            "transaction_type",
            self.transaction_type.as_ref().map(TransactionType::as_str),
        );
        object.text("transaction_date", self.transaction_date.as_deref());
        object.text("status", Some(self.status.as_str()));
        object.text("payment_provider", self.payment_provider.as_deref());
        object.put("customer_id", self.customer_id.clone());
        object.put("amount", self.amount.map(Amount::to_value));
        object.text("currency", self.currency.as_ref().map(Currency::code));
        object.put("user_amount", self.user_amount.map(Amount::to_value));
        object.text("user_currency", self.user_currency.as_ref().map(Currency::code));
        object.put("fx_amount", self.fx_amount.map(Amount::to_value));
        object.with(&self.extra)
    }
}

/// A row as JSON text, without the type in between.
pub(crate) fn arrange_row(row: &Node<'_>, out: &mut String) -> Result<(), Unexpected> {
    if !matches!(row, Node::Object(..)) {
        return Err(Unexpected(NO_OBJECT));
    }
    arrange(row, &FIELDS, out)
}
