//! `card_payment`: server-to-server, from the merchant's own card form. Only for merchants with a PCI certification.
//!
//! Request `{"request": {mode, routing_id, settings, user_id, tracking_id, ip, amount, currency, customer}, "card_details":
//! {holder_name, card_number, cvc, exp_month, exp_year}}`, reply `{"url", "transaction_status", "error"?}`.
//! Must not be sent twice: the first one may have charged the card.

use std::fmt;

use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::Operation;
use super::request::{Wire, check_value, incomplete, inner, request_text};
use crate::card::details::CardDetails;
use crate::operation::name::OperationName;
use crate::operation::reply::{Kind as ReplyKind, Known, Taking, Unexpected, serialize_as_map};
use crate::payment::{CARD_PAYMENT, Payment};
use crate::read::object::Object;
use crate::read::validate::parse_json;
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

const NO_STATUS: &str = "the reply has no `transaction_status`";
pub(super) const FIELDS: [Known; 3] = [
    Known::optional("url", ReplyKind::Words),
    Known::required("transaction_status", ReplyKind::Words, NO_STATUS),
    Known::optional("error", ReplyKind::Any),
];

/// Pays by card. It does not implement `Serialize`, so that a card cannot end up in a log or a store by the way.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CardPayment {
    /// What every payment has.
    pub payment: Payment,
    /// The route, by its number in the merchant portal. Without one the gateway chooses.
    pub routing_id: Option<u64>,
    /// The card.
    pub card_details: CardDetails,
}

impl CardPayment {
    /// A payment by that card, by the gateway's own routing.
    pub fn new(payment: Payment, card_details: CardDetails) -> Self {
        CardPayment {
            payment,
            routing_id: None,
            card_details,
        }
    }

    /// Reads `{"request": {…}, "card_details": {…}}`, in the gateway's own field names.
    ///
    /// # Errors
    /// Every violation at once. None of them repeats a part of the card.
    pub fn from_value(value: &Value) -> Result<Self, ValidationError> {
        <Self as Operation>::read(value)
    }

    /// Reads the request from the text of a JSON document; what was parsed of the card is wiped from memory again.
    ///
    /// # Errors
    /// As [`Self::from_value`], and a text that is not JSON.
    pub fn from_json(text: &str) -> Result<Self, ValidationError> {
        let mut value = parse_json(text)?;
        let result = Self::from_value(&value);
        wipe(&mut value);
        result
    }
}

impl Operation for CardPayment {
    const NAME: OperationName = OperationName::CardPayment;
    type Reply = CardReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        check_value(Self::NAME, value)?;
        let request = inner(value);
        Ok(CardPayment {
            payment: Payment::build(request).ok_or_else(incomplete)?,
            routing_id: request.get("routing_id").and_then(Value::as_u64),
            card_details: value
                .get("card_details")
                .and_then(CardDetails::build)
                .ok_or_else(incomplete)?,
        })
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        let routing = ("routing_id", self.routing_id.map(Value::from));
        let request = request_text(&CARD_PAYMENT, &self.payment.to_value(routing, None))?;
        // The whole room at once: a body that grows would leave copies of the card behind in memory.
        let mut body = Vec::with_capacity(request.len() + self.card_details.written_length() + 64);
        body.extend_from_slice(b"{\"request\":");
        body.extend_from_slice(request.as_bytes());
        body.extend_from_slice(b",\"card_details\":");
        self.card_details.write(&mut body);
        body.push(b'}');
        Ok(Wire::Body(body))
    }

    fn reply(value: Value) -> Result<CardReply, Unexpected> {
        let mut fields = Taking::open(value)?;
        let status = fields.words("transaction_status").ok_or(Unexpected(NO_STATUS))?;
        Ok(CardReply {
            url: fields.words("url"),
            transaction_status: status.into(),
            error: fields.value("error"),
            extra: fields.rest(),
        })
    }
}

/// Overwrites every string of a parsed document.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(map) => map.values_mut().for_each(wipe),
        _ => {}
    }
}

/// What the gateway says to a card payment.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct CardReply {
    /// Where to send the user for 3-D Secure. The gateway's empty string is `None`.
    pub url: Option<String>,
    /// How far the transaction has come.
    pub transaction_status: TransactionStatus,
    /// Why it was rejected, as the gateway wrote it.
    pub error: Option<Value>,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

serialize_as_map!(CardReply);

impl CardReply {
    fn to_map(&self) -> Map<String, Value> {
        let mut object = Object::default();
        object.text("url", self.url.as_deref());
        object.text("transaction_status", Some(self.transaction_status.as_str()));
        object.put("error", self.error.clone());
        object.with(&self.extra)
    }
}

/// Neither the address (it may hold a token) nor anything that the gateway echoes is printed.
impl fmt::Debug for CardReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardReply")
            .field("transaction_status", &self.transaction_status)
            .finish_non_exhaustive()
    }
}
