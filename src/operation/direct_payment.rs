//! `direct_payment`: sends the user straight to one provider, past the cashier.
//!
//! Request `{"request": {mode, provider_id, settings, user_id, tracking_id, ip, amount, currency, customer}}`. The reference
//! shows no reply and speaks of a redirect, so every field of the reply is optional and an HTTP redirect is read as `url`.
//! Must not be sent twice: the provider may have been told to charge.

use std::fmt;

use serde_json::{Map, Value};

use super::Operation;
use super::request::{Wire, check_value, incomplete, inner, reads_json, serialize_as_request, wire_of};
use crate::operation::name::OperationName;
use crate::operation::reply::{Kind as ReplyKind, Known, Taking, Unexpected, serialize_as_map};
use crate::payment::{DIRECT_PAYMENT, Payment};
use crate::read::object::Object;
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

pub(super) const FIELDS: [Known; 4] = [
    Known::optional("url", ReplyKind::Words),
    Known::optional("token", ReplyKind::Words),
    Known::optional("transaction_status", ReplyKind::Words),
    Known::optional("error", ReplyKind::Any),
];

/// Sends the user straight to one provider.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DirectPayment {
    /// What every payment has.
    pub payment: Payment,
    /// The provider, by its number in the merchant portal (Settings > Providers).
    pub provider_id: u64,
}

reads_json!(DirectPayment);
serialize_as_request!(DirectPayment, DIRECT_PAYMENT);

impl DirectPayment {
    /// A payment through the provider of that number.
    pub fn new(payment: Payment, provider_id: u64) -> Self {
        DirectPayment { payment, provider_id }
    }

    fn to_value(&self) -> Value {
        self.payment
            .to_value(("provider_id", Some(self.provider_id.into())), None)
    }
}

impl Operation for DirectPayment {
    const NAME: OperationName = OperationName::DirectPayment;
    type Reply = DirectReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        check_value(Self::NAME, value)?;
        let request = inner(value);
        let payment = Payment::build(request).ok_or_else(incomplete)?;
        Ok(DirectPayment {
            payment,
            provider_id: request
                .get("provider_id")
                .and_then(Value::as_u64)
                .ok_or_else(incomplete)?,
        })
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        wire_of(Self::NAME, &self.to_value())
    }

    fn reply(value: Value) -> Result<DirectReply, Unexpected> {
        let mut fields = Taking::open(value)?;
        Ok(DirectReply {
            url: fields.words("url"),
            token: fields.words("token"),
            transaction_status: fields.words("transaction_status").map(TransactionStatus::from),
            error: fields.value("error"),
            extra: fields.rest(),
        })
    }
}

/// What the gateway says to a direct payment.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct DirectReply {
    /// Where to send the user.
    pub url: Option<String>,
    /// A token, should the gateway give one.
    pub token: Option<String>,
    /// How far the transaction has come.
    pub transaction_status: Option<TransactionStatus>,
    /// Why it was rejected, as the gateway wrote it.
    pub error: Option<Value>,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

serialize_as_map!(DirectReply);

impl DirectReply {
    fn to_map(&self) -> Map<String, Value> {
        let mut object = Object::default();
        object.text("url", self.url.as_deref());
        object.text("token", self.token.as_deref());
        object.text(
            "transaction_status",
            self.transaction_status.as_ref().map(TransactionStatus::as_str),
        );
        object.put("error", self.error.clone());
        object.with(&self.extra)
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
