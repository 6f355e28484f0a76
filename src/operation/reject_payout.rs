//! `reject_payout`: rejects a pending payout.
//!
//! Request `{"transaction_id"}`, the **gateway's** id as a webhook gave it; reply `{}`. Must not be sent twice: what a
//! second one does to a payout that was decided in between is not documented.

use serde_json::{Map, Value};

use super::Operation;
use super::request::{Wire, check_value, incomplete, reads_json, wire_of};
use crate::id::TransactionId;
use crate::operation::name::OperationName;
use crate::operation::reply::{Taking, Unexpected, serialize_as_map};
use crate::read::object::{Object, map, text};
use crate::read::validate::EXTRA;
use crate::read::violation::ValidationError;

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
        check_value(Self::NAME, value)?;
        let id = text(value, "transaction_id").ok_or_else(incomplete)?;
        Ok(RejectPayout {
            transaction_id: TransactionId::new(id)?,
            extra: map(value, EXTRA),
        })
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        let mut object = Object::default();
        object.text("transaction_id", Some(self.transaction_id.as_str()));
        object.extra(&self.extra);
        wire_of(Self::NAME, &Value::Object(object.done()))
    }

    fn reply(value: Value) -> Result<RejectReply, Unexpected> {
        Ok(RejectReply {
            extra: Taking::open(value)?.rest(),
        })
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
