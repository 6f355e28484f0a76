//! `approve_payout`: approves a pending payout.
//!
//! Request `{"transaction_id"}`, which here is the id in the **merchant's** system; reply `{"message", "transaction_status"}`.
//! Must not be sent twice: money leaves.

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::{Wire, json, merged};
use super::name::OperationName;
use super::{Operation, from_json};
use crate::id::TrackingId;
use crate::read::fields::{Fields, Place};
use crate::read::reply::{Reply, ReplyFields, Unexpected};
use crate::read::report::Report;
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

/// Approves a pending payout.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct ApprovePayout {
    /// Your id of the payout: the tracking id.
    #[serde(rename = "transaction_id")]
    pub tracking_id: TrackingId,
    /// Fields that the reference does not know, merged into the body as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

from_json!(ApprovePayout);

impl ApprovePayout {
    /// Approves the payout of that id.
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
    pub fn new(tracking_id: TrackingId) -> Self {
        ApprovePayout {
            tracking_id,
            extra: Map::new(),
        }
    }
}

impl Operation for ApprovePayout {
    const NAME: OperationName = OperationName::ApprovePayout;
    const ROUTE: (&'static str, &'static str) = ("POST", "/payouts/approve");
    const MAY_BE_SENT_TWICE: bool = false;
    type Reply = ApproveReply;

    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, &Place::TOP, report)?;
        let remedy = "give your own id of the payout, the one that was sent as `tracking_id`";
        let tracking_id = fields.required("transaction_id", remedy);
        let extra = fields.extra();
        fields.finish();
        Some(ApprovePayout {
            tracking_id: tracking_id?,
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

/// The gateway took the approval. At least one of `message` and `transaction_status` is there.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct ApproveReply {
    /// A sentence for people.
    pub message: Option<String>,
    /// How far the payout has come; `pending` until the provider has paid.
    pub transaction_status: Option<TransactionStatus>,
    /// Fields that this version does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Reply for ApproveReply {
    fn read(value: Value) -> Result<Self, Unexpected> {
        let mut fields = ReplyFields::open(value)?;
        let reply = ApproveReply {
            message: fields.text("message"),
            transaction_status: fields.non_empty("transaction_status"),
            extra: fields.rest(),
        };
        if reply.message.is_none() && reply.transaction_status.is_none() {
            return Err(Unexpected(
                "the reply has neither `message` nor `transaction_status`",
            ));
        }
        Ok(reply)
    }
}
