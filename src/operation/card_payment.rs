//! `card_payment`: server-to-server, from the merchant's own card form. Only for merchants with a PCI certification.
//!
//! Request `{"request": {mode, routing_id, settings, user_id, tracking_id, ip, amount, currency, customer}, "card_details":
//! {holder_name, card_number, cvc, exp_month, exp_year}}`, reply `{"url", "transaction_status", "error"?}`.
//! Must not be sent twice: the first one may have charged the card.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::{REQUEST, Wire, merged};
use super::name::OperationName;
use super::{Operation, from_json};
use crate::card::details::{CardDetails, OnWire};
use crate::payment::{Mode, Payment};
use crate::person::customer::DepositCustomer;
use crate::read::fields::{Fields, Place, Read};
use crate::read::reply::{Reply, ReplyFields, Unexpected};
use crate::read::report::Report;
use crate::read::violation::ValidationError;
use crate::transaction::TransactionStatus;

/// Pays by card. Your servers see the card, so you must be PCI certified.
// It does not implement `Serialize`, so that a card cannot get into a log or a store by the way.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct CardPayment {
    /// The payment.
    pub request: CardPaymentFields,
    /// The card.
    pub card_details: CardDetails,
}

/// The payment part of a card payment.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct CardPaymentFields {
    /// The environment.
    pub mode: Option<Mode>,
    /// The route, by its number in the merchant portal. Without one the gateway chooses.
    pub routing_id: Option<u64>,
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

from_json!(CardPayment);

impl CardPayment {
    /// A payment by that card, by the gateway's own routing.
    pub fn new(payment: Payment, card_details: CardDetails) -> Self {
        let request = CardPaymentFields {
            mode: None,
            routing_id: None,
            payment,
            customer: None,
            extra: Map::new(),
        };
        CardPayment {
            request,
            card_details,
        }
    }
}

impl Read for CardPaymentFields {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let mode = fields.optional("mode");
        let routing_id = fields.optional("routing_id");
        let payment = Payment::take(&mut fields);
        let mut customer = fields.optional("customer");
        let extra = fields.extra();
        let payment = payment.finish(&mut fields, customer.as_mut());
        fields.finish();
        Some(CardPaymentFields {
            mode,
            routing_id,
            payment: payment?,
            customer,
            extra,
        })
    }
}

/// What somebody puts beside the card who does not know of the request object.
const FIELDS: [&str; 10] = [
    "mode",
    "routing_id",
    "settings",
    "user_id",
    "tracking_id",
    "ip",
    "amount",
    "currency",
    "customer",
    "extra",
];

impl Operation for CardPayment {
    const NAME: OperationName = OperationName::CardPayment;
    const ROUTE: (&'static str, &'static str) = ("POST", "/payments/card");
    const MAY_BE_SENT_TWICE: bool = false;
    type Reply = CardReply;

    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, &Place::TOP, report)?;
        let request = fields.required(REQUEST, "give the request object beside `card_details`");
        let card_details = fields.required("card_details", "give the card beside `request`");
        for name in FIELDS {
            fields.misplaced(name, "belongs to the payment: put it under `request`");
        }
        fields.finish();
        Some(CardPayment {
            request: request?,
            card_details: card_details?,
        })
    }

    /// The card's own types have checked it.
    fn checked(&self) -> Result<Self, ValidationError> {
        let mut report = Report::default();
        let at = Place::field(REQUEST);
        let value = serde_json::to_value(&self.request).unwrap_or_default();
        let request = CardPaymentFields::read(&value, &at, &mut report);
        Ok(CardPayment {
            request: report.finish(request)?,
            card_details: self.card_details.clone(),
        })
    }

    fn wire(&self) -> Wire {
        #[derive(Serialize)]
        struct Body<'c> {
            request: Value,
            card_details: OnWire<'c>,
        }
        let request = merged(&self.request);
        // The whole room at once: a body that grows would leave copies of the card behind in memory.
        let room = request.to_string().len() + self.card_details.written_length();
        let mut body = Vec::with_capacity(room);
        let whole = Body {
            request,
            card_details: OnWire(&self.card_details),
        };
        match serde_json::to_writer(&mut body, &whole) {
            Ok(()) => Wire::Body(body),
            // Nothing that is written here can fail: all keys are strings.
            Err(_) => Wire::Body(Vec::new()),
        }
    }
}

/// What the gateway says to a card payment.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct CardReply {
    /// Where to send the user for 3-D Secure. The gateway's empty string counts as missing.
    pub url: Option<String>,
    /// How far the transaction has come.
    pub transaction_status: TransactionStatus,
    /// Why it was rejected, as the gateway wrote it.
    #[cfg_attr(feature = "js", tsify(type = "JsonValue"))]
    pub error: Option<Value>,
    /// Fields that this version does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Reply for CardReply {
    fn read(value: Value) -> Result<Self, Unexpected> {
        let mut fields = ReplyFields::open(value)?;
        let status = fields.non_empty("transaction_status");
        Ok(CardReply {
            url: fields.non_empty("url"),
            transaction_status: status.ok_or(Unexpected("the reply has no `transaction_status`"))?,
            error: fields.value("error"),
            extra: fields.rest(),
        })
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
