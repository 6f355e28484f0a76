//! `reject_payout`: rejects a pending payout.
//!
//! Request `{"transaction_id"}`, the **gateway's** id as a webhook gave it; reply `{}`. Must not be sent twice: what a
//! second one does to a payout that was decided in between is not documented.

use serde_json::{Map, Value};

use super::Operation;
use super::request::{Wire, payout_id, payout_wire, reads_json};
use crate::error::ValidationError;
use crate::identifier::TransactionId;
use crate::operation_name::OperationName;
use crate::reply::{Taking, Unexpected, arranged, serialize_as_map};

/// Rejects a pending payout.
///
/// The gateway wants its own id here; the merchant's does not compile:
///
/// ```compile_fail,E0308
/// use edge_cashier::{RejectPayout, TrackingId};
/// # fn f() -> Result<(), edge_cashier::Violation> {
/// RejectPayout::new(TrackingId::new("order-1")?);
/// # Ok(()) }
/// ```
///
/// ```
/// use edge_cashier::{RejectPayout, TransactionId};
/// # fn f() -> Result<(), edge_cashier::Violation> {
/// RejectPayout::new(TransactionId::new("r21nmrtpcmrcava")?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RejectPayout {
    /// The gateway's id of the payout.
    pub transaction_id: TransactionId,
    /// Fields that the reference does not know, merged into the body as they are.
    pub extra: Map<String, Value>,
}

reads_json!(RejectPayout);

impl RejectPayout {
    /// Rejects the payout of that id.
    pub fn new(transaction_id: TransactionId) -> Self {
        RejectPayout {
            transaction_id,
            extra: Map::new(),
        }
    }
}

impl Operation for RejectPayout {
    const NAME: OperationName = OperationName::RejectPayout;
    type Reply = RejectReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        let remedy = "give the gateway's id of the payout, as the webhook had it in `transaction_id`";
        let (transaction_id, extra) = payout_id(value, remedy, |id| TransactionId::new(id))?;
        Ok(RejectPayout {
            transaction_id,
            extra,
        })
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        payout_wire(self.transaction_id.as_str(), &self.extra)
    }

    fn reply(value: Value) -> Result<RejectReply, Unexpected> {
        Ok(RejectReply {
            extra: Taking::open(value)?.rest(),
        })
    }

    fn arrange(value: Value) -> Result<Value, Unexpected> {
        arranged(value, &[]).map(Value::Object)
    }
}

/// The gateway rejected the payout. It says nothing more.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RejectReply {
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

serialize_as_map!(RejectReply);

impl RejectReply {
    fn to_map(&self) -> Map<String, Value> {
        self.extra.clone()
    }
}
