//! `approve_payout`: approves a pending payout.
//!
//! Request `{"transaction_id"}`, which here is the id in the **merchant's** system; reply `{"message", "transaction_status"}`.
//! Must not be sent twice: money leaves.

use serde_json::{Map, Value};

use super::Operation;
use super::request::{Wire, check_value, incomplete, reads_json, wire_of};
use crate::id::TrackingId;
use crate::operation::name::OperationName;
use crate::operation::reply::{Kind as ReplyKind, Known, Taking, Unexpected, serialize_as_map};
use crate::read::object::{Object, map, text};
use crate::read::validate::EXTRA;
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

pub(super) const NOTHING_KNOWN: &str = "the reply has neither `message` nor `transaction_status`";
pub(super) const FIELDS: [Known; 2] = [
    Known::optional("message", ReplyKind::Text),
    Known::optional("transaction_status", ReplyKind::Words),
];

/// Approves a pending payout.
///
/// The gateway wants the merchant's id here, under the name `transaction_id`; the gateway's own id does not compile:
///
/// ```compile_fail,E0308
/// use edge_cashier::{ApprovePayout, TransactionId};
/// # fn f() -> Result<(), edge_cashier::Violation> {
/// ApprovePayout::new(TransactionId::new("r21nmrtpcmrcava")?);
/// # Ok(()) }
/// ```
///
/// ```
/// use edge_cashier::{ApprovePayout, TrackingId};
/// # fn f() -> Result<(), edge_cashier::Violation> {
/// ApprovePayout::new(TrackingId::new("order-1")?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ApprovePayout {
    /// The merchant's id of the payout.
    pub tracking_id: TrackingId,
    /// Fields that the reference does not know, merged into the body as they are.
    pub extra: Map<String, Value>,
}

reads_json!(ApprovePayout);

impl ApprovePayout {
    /// Approves the payout of that id.
    pub fn new(tracking_id: TrackingId) -> Self {
        ApprovePayout {
            tracking_id,
            extra: Map::new(),
        }
    }
}

impl Operation for ApprovePayout {
    const NAME: OperationName = OperationName::ApprovePayout;
    type Reply = ApproveReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        check_value(Self::NAME, value)?;
        let id = text(value, "transaction_id").ok_or_else(incomplete)?;
        Ok(ApprovePayout {
            tracking_id: TrackingId::new(id)?,
            extra: map(value, EXTRA),
        })
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        let mut object = Object::default();
        object.text("transaction_id", Some(self.tracking_id.as_str()));
        object.extra(&self.extra);
        wire_of(Self::NAME, &Value::Object(object.done()))
    }

    fn reply(value: Value) -> Result<ApproveReply, Unexpected> {
        let mut fields = Taking::open(value)?;
        let message = fields.text("message");
        let transaction_status = fields.words("transaction_status").map(TransactionStatus::from);
        if message.is_none() && transaction_status.is_none() {
            return Err(Unexpected(NOTHING_KNOWN));
        }
        Ok(ApproveReply {
            message,
            transaction_status,
            extra: fields.rest(),
        })
    }
}

/// The gateway took the approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ApproveReply {
    /// A sentence for people.
    pub message: Option<String>,
    /// How far the payout has come; `pending` until the provider has paid.
    pub transaction_status: Option<TransactionStatus>,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

serialize_as_map!(ApproveReply);

impl ApproveReply {
    fn to_map(&self) -> Map<String, Value> {
        let mut object = Object::default();
        object.text("message", self.message.as_deref());
        object.text(
            "transaction_status",
            self.transaction_status.as_ref().map(TransactionStatus::as_str),
        );
        object.with(&self.extra)
    }
}
