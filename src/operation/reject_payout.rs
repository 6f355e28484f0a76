//! `reject_payout`: rejects a pending payout.
//!
//! Request `{"transaction_id"}`, the **gateway's** id as a webhook gave it; reply `{}`. Must not be sent twice: what a
//! second one does to a payout that was decided in between is not documented.

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::{Wire, json, merged};
use super::name::OperationName;
use super::{Operation, from_json};
use crate::id::TransactionId;
use crate::read::fields::{Fields, Place};
use crate::read::reply::{Reply, ReplyFields, Unexpected};
use crate::read::report::Report;
use crate::read::violation::ValidationError;

/// Rejects a pending payout.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct RejectPayout {
    /// The gateway's id of the payout, as the webhook gave it.
    pub transaction_id: TransactionId,
    /// Fields that the reference does not know, merged into the body as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

from_json!(RejectPayout);

impl RejectPayout {
    /// Rejects the payout of that id.
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
    pub fn new(transaction_id: TransactionId) -> Self {
        RejectPayout {
            transaction_id,
            extra: Map::new(),
        }
    }
}

impl Operation for RejectPayout {
    const NAME: OperationName = OperationName::RejectPayout;
    const ROUTE: (&'static str, &'static str) = ("POST", "/payouts/reject");
    const MAY_BE_SENT_TWICE: bool = false;
    type Reply = RejectReply;

    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, &Place::TOP, report)?;
        let remedy = "give the gateway's id of the payout, as the webhook had it in `transaction_id`";
        let transaction_id = fields.required("transaction_id", remedy);
        let extra = fields.extra();
        fields.finish();
        Some(RejectPayout {
            transaction_id: transaction_id?,
            extra,
        })
    }

    fn checked(&self) -> Result<Self, ValidationError> {
        Self::from_value(&serde_json::to_value(self).unwrap_or_default())
    }

    fn wire(&self) -> Wire {
        json(&merged(self))
    }
}

/// The gateway rejected the payout. It says nothing more.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct RejectReply {
    /// Fields that this version does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Reply for RejectReply {
    fn read(value: Value) -> Result<Self, Unexpected> {
        Ok(RejectReply {
            extra: ReplyFields::open(value)?.rest(),
        })
    }
}
