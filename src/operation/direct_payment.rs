//! `direct_payment`: sends the user straight to one provider, past the cashier.
//!
//! Request `{"request": {mode, provider_id, settings, user_id, tracking_id, ip, amount, currency, customer}}`. The reference
//! shows no reply and speaks of a redirect, so every field of the reply is optional and an HTTP redirect is read as `url`.
//! Must not be sent twice: the provider may have been told to charge.

use std::fmt;

use serde_json::{Map, Value};

use super::Operation;
use super::request::{Wire, payment_object, reads_json};
use crate::error::ValidationError;
use crate::object::Object;
use crate::operation_name::OperationName;
use crate::payment::{Kind, Payment};
use crate::reply::{Kind as ReplyKind, Known, Taking, Unexpected, arranged, serialize_as_map};
use crate::transaction::TransactionStatus;
use crate::validate::{EXTRA, Fields, Report};

const FIELDS: [Known; 4] = [
    Known::optional("url", ReplyKind::Words),
    Known::optional("token", ReplyKind::Words),
    Known::optional("transaction_status", ReplyKind::Words),
    Known::optional("error", ReplyKind::Any),
];

const KIND: Kind = Kind {
    path: "request",
    fields: &[
        "mode",
        "provider_id",
        "settings",
        "user_id",
        "tracking_id",
        "ip",
        "amount",
        "currency",
        "customer",
        EXTRA,
    ],
    deposit: true,
};

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
serialize_as_map!(DirectPayment);

impl DirectPayment {
    /// A payment through the provider of that number.
    pub fn new(payment: Payment, provider_id: u64) -> Self {
        DirectPayment { payment, provider_id }
    }

    fn to_map(&self) -> Map<String, Value> {
        self.payment
            .to_map(("provider_id", Some(self.provider_id.into())), None)
    }
}

impl Operation for DirectPayment {
    const NAME: OperationName = OperationName::DirectPayment;
    type Reply = DirectReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        let mut report = Report::default();
        let request = payment_object(value, &mut report)
            .and_then(|value| Fields::open(value, KIND.path, KIND.fields, &mut report))
            .and_then(|fields| {
                fields.need(
                    "provider_id",
                    "give the provider's number from the merchant portal (Settings > Providers)",
                    &mut report,
                );
                let provider_id = fields.count("provider_id", MAX_NUMBER, &mut report);
                let payment = Payment::read(&fields, &KIND, &mut report)?;
                Some(DirectPayment {
                    payment,
                    provider_id: provider_id?,
                })
            });
        report.finish(request)
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        let mut report = Report::default();
        self.payment.check(&KIND, &mut report);
        report.finish(Some(Wire::payment(self.to_map())))
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

    fn arrange(value: Value) -> Result<Value, Unexpected> {
        arranged(value, &FIELDS).map(Value::Object)
    }
}

/// The largest number that every JSON reader holds exactly: 2^53 - 1.
pub(super) const MAX_NUMBER: u64 = 9_007_199_254_740_991;

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
