//! What the requests have in common: how each is checked, and what of it is sent.

use serde_json::Value;
use zeroize::Zeroizing;

use crate::card::CARD;
use crate::error::{ValidationError, Violation};
use crate::identifier::{TrackingId, TransactionId};
use crate::json_read::Node;
use crate::json_text::to_text;
use crate::operation_name::OperationName;
use crate::payment::{CARD_PAYMENT, DIRECT_PAYMENT, HOSTED_DEPOSIT, HOSTED_WITHDRAWAL};
use crate::shape::{EXTRA_FIELDS, Field, Rule, Shape};
use crate::validate::Report;

use super::list_transactions::DAYS;

/// What is sent of a request, apart from where to.
#[derive(Clone, PartialEq, Eq)]
pub enum Wire {
    /// A JSON body.
    Body(Vec<u8>),
    /// An id that the route has a place for.
    Id(String),
    /// Parameters after the `?`.
    Query(Vec<(&'static str, String)>),
}

const REQUEST: &str = "request";

/// A payment given as the gateway's whole body.
static DEPOSIT_BODY: Shape = body(&[whole(&HOSTED_DEPOSIT)]);
static WITHDRAWAL_BODY: Shape = body(&[whole(&HOSTED_WITHDRAWAL)]);
static DIRECT_BODY: Shape = body(&[whole(&DIRECT_PAYMENT)]);
static CARD_BODY: Shape = body(&[
    Field::needed(
        REQUEST,
        Rule::Object(&CARD_PAYMENT),
        "give the request object beside `card_details`",
    ),
    Field::needed(
        "card_details",
        Rule::Object(&CARD),
        "give the card beside `request`",
    ),
]);

const OWN_ID: &str = "give your own id of the payment, the one that was sent as `tracking_id`";

static REJECT_BODY: Shape = body(&[
    Field::needed(
        "transaction_id",
        Rule::Text(TransactionId::check),
        "give the gateway's id of the payout, as the webhook had it in `transaction_id`",
    ),
    EXTRA_FIELDS,
]);
static APPROVE_BODY: Shape = body(&[
    Field::needed(
        "transaction_id",
        Rule::Text(TrackingId::check),
        "give your own id of the payout, the one that was sent as `tracking_id`",
    ),
    EXTRA_FIELDS,
]);
static STATUS: Shape = body(&[Field::needed("id", Rule::Text(TrackingId::check), OWN_ID)]);

const fn body(fields: &'static [Field]) -> Shape {
    Shape::of(fields)
}

const fn whole(shape: &'static Shape) -> Field {
    Field::needed(REQUEST, Rule::Object(shape), "give the request object")
}

/// Checks a request and gives what is sent of it. A payment is the gateway's whole body (`{"request": {…}}`) or the object in it alone; a
/// status query is `{"id"}` or the id alone, and a list `{"from"?, "to"?}` or nothing.
#[inline(never)]
pub(crate) fn wire(name: OperationName, request: &Node<'_>) -> Result<Wire, ValidationError> {
    let (shape, inner) = match name {
        OperationName::HostedDeposit => (&DEPOSIT_BODY, &HOSTED_DEPOSIT),
        OperationName::HostedWithdrawal => (&WITHDRAWAL_BODY, &HOSTED_WITHDRAWAL),
        OperationName::DirectPayment => (&DIRECT_BODY, &DIRECT_PAYMENT),
        OperationName::CardPayment => (&CARD_BODY, &CARD_BODY),
        OperationName::RejectPayout => (&REJECT_BODY, &REJECT_BODY),
        OperationName::ApprovePayout => (&APPROVE_BODY, &APPROVE_BODY),
        OperationName::TransactionStatus => (&STATUS, &STATUS),
        OperationName::ListTransactions => (&DAYS, &DAYS),
    };
    let mut report = Report::default();
    let mut out = String::new();
    let is_payment = !std::ptr::eq(shape, inner);
    if is_payment && request.get(REQUEST).is_none() {
        inner.check(request, REQUEST, &mut report);
        report.finish(())?;
        out.push_str("{\"request\":");
        inner.write(request, &mut out);
        out.push('}');
        return Ok(Wire::Body(out.into_bytes()));
    }
    match (name, request) {
        (OperationName::TransactionStatus, Node::Text(id)) => {
            report.keep(|| "id".to_owned(), TrackingId::check(id));
            report.finish(())?;
            return Ok(Wire::Id(id.clone().into_owned()));
        }
        (OperationName::ListTransactions, Node::Null) => return Ok(Wire::Query(Vec::new())),
        _ => shape.check(request, "", &mut report),
    }
    report.finish(())?;
    Ok(match name {
        OperationName::TransactionStatus => Wire::Id(request.text("id").unwrap_or_default().to_owned()),
        OperationName::ListTransactions => Wire::Query(
            ["from", "to"]
                .into_iter()
                .filter_map(|name| Some((name, request.text(name)?.to_owned())))
                .collect(),
        ),
        _ => {
            shape.write(request, &mut out);
            Wire::Body(out.into_bytes())
        }
    })
}

/// The same for a value. Its text is wiped: it may hold a card.
pub(crate) fn wire_of(name: OperationName, request: &Value) -> Result<Wire, ValidationError> {
    let text = Zeroizing::new(to_text(request));
    let node = Node::parse(&text).ok_or_else(|| Violation::new("json", "nests too deep; give plain data"))?;
    wire(name, &node)
}

/// The object of a payment that has been checked.
pub(super) fn inner(value: &Value) -> &Value {
    value.get(REQUEST).unwrap_or(value)
}

/// For a builder that found less than the check promised: an error, not a panic.
pub(super) fn incomplete() -> ValidationError {
    Violation::new("required", "the request is not complete").into()
}

/// A payment as the gateway's tables see it, without the object around it.
pub(super) fn request_text(shape: &'static Shape, request: &Value) -> Result<String, ValidationError> {
    let text = to_text(request);
    let node = Node::parse(&text).ok_or_else(|| Violation::new("json", "nests too deep; give plain data"))?;
    let mut report = Report::default();
    shape.check(&node, REQUEST, &mut report);
    let mut out = String::new();
    shape.write(&node, &mut out);
    report.finish(out)
}

/// Serializes a payment as the gateway's request object: as it would be sent, less the checks.
macro_rules! serialize_as_request {
    ($name:ident, $shape:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::operation::request::unchecked(&$shape, &self.to_value()).serialize(serializer)
            }
        }
    };
}

pub(super) use serialize_as_request;

/// The object as it would be sent, as far as it can be.
pub(super) fn unchecked(shape: &Shape, request: &Value) -> Value {
    let text = to_text(request);
    let mut out = String::new();
    if let Some(node) = Node::parse(&text) {
        shape.write(&node, &mut out);
    }
    crate::json_read::parse(&out).unwrap_or_default()
}

/// The public ways to read a request.
macro_rules! reads_json {
    ($name:ident) => {
        impl $name {
            /// Reads the request from JSON, in the gateway's own field names.
            ///
            /// # Errors
            /// Every violation at once: missing and unknown fields, wrong types, values that the gateway cannot mean.
            pub fn from_value(value: &serde_json::Value) -> Result<Self, crate::error::ValidationError> {
                <Self as crate::operation::Operation>::read(value)
            }

            /// Reads the request from the text of a JSON document; see [`Self::from_value`].
            ///
            /// # Errors
            /// As [`Self::from_value`], and a text that is not JSON.
            pub fn from_json(text: &str) -> Result<Self, crate::error::ValidationError> {
                Self::from_value(&crate::validate::parse_json(text)?)
            }
        }
    };
}

pub(super) use reads_json;
