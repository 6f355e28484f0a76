//! `transaction_status`: the latest state of one transaction.
//!
//! The id, in the **merchant's** system, goes into the path; reply `{"transaction_status", "rejected_reason"?}`.
//! May be sent as often as one likes.

use serde_json::{Map, Value};

use super::Operation;
use super::request::{Wire, check_value, incomplete, reads_json};
use crate::id::TrackingId;
use crate::operation::name::OperationName;
use crate::operation::reply::{Kind as ReplyKind, Known, Taking, Unexpected, serialize_as_map};
use crate::read::object::{Object, text};
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

const NO_STATUS: &str = "the reply has no `transaction_status`";
pub(super) const FIELDS: [Known; 2] = [
    Known::required("transaction_status", ReplyKind::Words, NO_STATUS),
    Known::optional("rejected_reason", ReplyKind::Text),
];

/// Asks for the state of one transaction, by the merchant's id. The gateway's own id does not compile:
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TransactionStatusQuery {
    /// The merchant's id of the payment.
    pub tracking_id: TrackingId,
}

reads_json!(TransactionStatusQuery);

impl TransactionStatusQuery {
    /// Asks for the payment of that id.
    pub fn new(tracking_id: TrackingId) -> Self {
        TransactionStatusQuery { tracking_id }
    }
}

impl Operation for TransactionStatusQuery {
    const NAME: OperationName = OperationName::TransactionStatus;
    type Reply = StatusReply;

    /// `{"id": "…"}`, or the id alone.
    fn read(value: &Value) -> Result<Self, ValidationError> {
        check_value(Self::NAME, value)?;
        let id = value.as_str().or_else(|| text(value, "id"));
        Ok(Self::new(TrackingId::new(id.ok_or_else(incomplete)?)?))
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        Ok(Wire::Id(self.tracking_id.as_str().to_owned()))
    }

    fn reply(value: Value) -> Result<StatusReply, Unexpected> {
        let mut fields = Taking::open(value)?;
        let status = fields.words("transaction_status").ok_or(Unexpected(NO_STATUS))?;
        Ok(StatusReply {
            transaction_status: status.into(),
            rejected_reason: fields.text("rejected_reason"),
            extra: fields.rest(),
        })
    }
}

/// The latest state of a transaction.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatusReply {
    /// How far it has come.
    pub transaction_status: TransactionStatus,
    /// Why it was rejected, in the gateway's words.
    pub rejected_reason: Option<String>,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

serialize_as_map!(StatusReply);

impl StatusReply {
    fn to_map(&self) -> Map<String, Value> {
        let mut object = Object::default();
        object.text("transaction_status", Some(self.transaction_status.as_str()));
        object.text("rejected_reason", self.rejected_reason.as_deref());
        object.with(&self.extra)
    }
}
