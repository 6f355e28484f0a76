//! `direct_payment`: sends the user straight to one provider, past the cashier.
//!
//! Request `{"request": {mode, provider_id, settings, user_id, tracking_id, ip, amount, currency, customer}}`. The reference
//! shows no reply and speaks of a redirect, so every field of the reply is optional and an HTTP redirect is read as `url`.
//! Must not be sent twice: the provider may have charged already.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::{Wire, payment_body, read_payment};
use super::name::OperationName;
use super::{Operation, from_json};
use crate::payment::{Mode, Payment};
use crate::person::customer::DepositCustomer;
use crate::read::fields::{Fields, Place, Read};
use crate::read::reply::{Reply, ReplyFields, Unexpected};
use crate::read::report::Report;
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

/// Sends the user straight to one provider.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct DirectPayment {
    /// The environment.
    pub mode: Option<Mode>,
    /// The provider, by its number in the merchant portal (Settings > Providers).
    pub provider_id: u64,
    /// What every payment has.
    #[serde(flatten)]
    pub payment: Payment,
    /// The person who pays.
    pub customer: Option<DepositCustomer>,
    /// Fields that the reference does not know, merged into the request as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

from_json!(DirectPayment);

impl DirectPayment {
    /// A payment through the provider of that number.
    pub fn new(payment: Payment, provider_id: u64) -> Self {
        DirectPayment {
            mode: None,
            provider_id,
            payment,
            customer: None,
            extra: Map::new(),
        }
    }
}

impl Read for DirectPayment {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let mode = fields.optional("mode");
        let remedy = "give the provider's number from the merchant portal (Settings > Providers)";
        let provider_id = fields.required("provider_id", remedy);
        let payment = Payment::take(&mut fields);
        let mut customer = fields.optional("customer");
        let extra = fields.extra();
        let payment = payment.finish(&mut fields, customer.as_mut());
        fields.finish();
        Some(DirectPayment {
            mode,
            provider_id: provider_id?,
            payment: payment?,
            customer,
            extra,
        })
    }
}

impl Operation for DirectPayment {
    const NAME: OperationName = OperationName::DirectPayment;
    const ROUTE: (&'static str, &'static str) = ("POST", "/payments/direct");
    const MAY_BE_SENT_TWICE: bool = false;
    type Reply = DirectReply;

    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        read_payment(value, report)
    }

    fn checked(&self) -> Result<Self, ValidationError> {
        Self::from_value(&serde_json::to_value(self).unwrap_or_default())
    }

    fn wire(&self) -> Wire {
        payment_body(self)
    }
}

/// What the gateway says to a direct payment. The reference shows no reply, so every field may be missing.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct DirectReply {
    /// Where to send the user.
    pub url: Option<String>,
    /// A token, should the gateway give one.
    pub token: Option<String>,
    /// How far the transaction has come.
    pub transaction_status: Option<TransactionStatus>,
    /// Why it was rejected, as the gateway wrote it.
    #[cfg_attr(feature = "js", tsify(type = "JsonValue"))]
    pub error: Option<Value>,
    /// Fields that this version does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Reply for DirectReply {
    fn read(value: Value) -> Result<Self, Unexpected> {
        let mut fields = ReplyFields::open(value)?;
        Ok(DirectReply {
            url: fields.non_empty("url"),
            token: fields.non_empty("token"),
            transaction_status: fields.non_empty("transaction_status"),
            error: fields.value("error"),
            extra: fields.rest(),
        })
    }
}

/// Neither the address (it may hold a token) nor anything that the gateway echoes is printed.
impl fmt::Debug for DirectReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectReply")
            .field("transaction_status", &self.transaction_status)
            .finish_non_exhaustive()
    }
}
