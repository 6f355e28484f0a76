//! `transaction_status`: the latest state of one transaction.
//!
//! The id, in the **merchant's** system, goes into the path; reply `{"transaction_status", "rejected_reason"?}`.
//! May be sent as often as one likes.

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::Wire;
use super::name::OperationName;
use super::{Operation, from_json};
use crate::id::TrackingId;
use crate::read::fields::{Fields, Place, Read};
use crate::read::reply::{Reply, ReplyFields, Unexpected};
use crate::read::report::Report;
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

/// Asks for the state of one transaction, by your own id of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct TransactionStatusQuery {
    /// Your id of the payment: the tracking id.
    #[serde(rename = "id")]
    pub tracking_id: TrackingId,
}

from_json!(TransactionStatusQuery);

impl TransactionStatusQuery {
    /// Asks for the payment of that id. The gateway's own id does not compile:
    ///
    /// ```compile_fail,E0308
    /// use edge_cashier::{TransactionId, TransactionStatusQuery};
    /// # fn f() -> Result<(), edge_cashier::Violation> {
    /// TransactionStatusQuery::new(TransactionId::new("r21nmrtpcmrcava")?);
    /// # Ok(()) }
    /// ```
    ///
    /// ```
    /// use edge_cashier::{TrackingId, TransactionStatusQuery};
    /// # fn f() -> Result<(), edge_cashier::Violation> {
    /// TransactionStatusQuery::new(TrackingId::new("order-1")?);
    /// # Ok(()) }
    /// ```
    pub fn new(tracking_id: TrackingId) -> Self {
        TransactionStatusQuery { tracking_id }
    }
}

impl Operation for TransactionStatusQuery {
    const NAME: OperationName = OperationName::TransactionStatus;
    const ROUTE: (&'static str, &'static str) = ("GET", "/transactions/{id}");
    const MAY_BE_SENT_TWICE: bool = true;
    type Reply = StatusReply;

    /// `{"id": "…"}`, or the id alone.
    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        if value.is_string() {
            return TrackingId::read(value, &Place::field("id"), report).map(Self::new);
        }
        let mut fields = Fields::of(value, &Place::TOP, report)?;
        let id = fields.required(
            "id",
            "give your own id of the payment, the one that was sent as `tracking_id`",
        );
        fields.finish();
        id.map(Self::new)
    }

    fn checked(&self) -> Result<Self, ValidationError> {
        Self::from_value(&serde_json::to_value(self).unwrap_or_default())
    }

    fn wire(&self) -> Wire {
        Wire::Id(self.tracking_id.as_str().to_owned())
    }
}

/// The latest state of a transaction.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "js",
    derive(tsify::Tsify),
    serde(rename = "TransactionStatusReply")
)]
#[non_exhaustive]
pub struct StatusReply {
    /// How far it has come.
    pub transaction_status: TransactionStatus,
    /// Why it was rejected, in the gateway's words.
    pub rejected_reason: Option<String>,
    /// Fields that this version does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Reply for StatusReply {
    fn read(value: Value) -> Result<Self, Unexpected> {
        let mut fields = ReplyFields::open(value)?;
        let status = fields.non_empty("transaction_status");
        Ok(StatusReply {
            transaction_status: status.ok_or(Unexpected("the reply has no `transaction_status`"))?,
            rejected_reason: fields.text("rejected_reason"),
            extra: fields.rest(),
        })
    }
}
