//! What the requests have in common: how each is checked, and what of it is sent.

use serde_json::Value;
use zeroize::Zeroizing;

use crate::card::details::CARD;
use crate::id::{TrackingId, TransactionId};
use crate::operation::name::OperationName;
use crate::payment::{CARD_PAYMENT, DIRECT_PAYMENT, HOSTED_DEPOSIT, HOSTED_WITHDRAWAL};
use crate::read::json_read::Node;
use crate::read::json_text::{push, to_text};
use crate::read::shape::{EXTRA_FIELDS, Field, Rule, Shape};
use crate::read::validate::Report;
use crate::read::violation::{ValidationError, Violation};

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

/// Checks a request. A payment is the gateway's whole body (`{"request": {…}}`) or the object in it alone; a status query is `{"id"}` or the id
/// alone, and a list `{"from"?, "to"?}` or nothing. Gives the table that it was held to.
fn check(name: OperationName, request: &Node<'_>) -> Result<&'static Shape, ValidationError> {
    let (whole, inner) = match name {
        OperationName::HostedDeposit => (&DEPOSIT_BODY, Some(&HOSTED_DEPOSIT)),
        OperationName::HostedWithdrawal => (&WITHDRAWAL_BODY, Some(&HOSTED_WITHDRAWAL)),
        OperationName::DirectPayment => (&DIRECT_BODY, Some(&DIRECT_PAYMENT)),
        OperationName::CardPayment => (&CARD_BODY, None),
        OperationName::RejectPayout => (&REJECT_BODY, None),
        OperationName::ApprovePayout => (&APPROVE_BODY, None),
        OperationName::TransactionStatus => (&STATUS, None),
        OperationName::ListTransactions => (&DAYS, None),
    };
    let mut report = Report::default();
    let (shape, path) = match inner {
        Some(inner) if request.get(REQUEST).is_none() => (inner, REQUEST),
        _ => (whole, ""),
    };
    match (name, request) {
        (OperationName::TransactionStatus, Node::Text(id)) => {
            report.keep(|| "id".to_owned(), TrackingId::check(id));
        }
        (OperationName::ListTransactions, Node::Null) => {}
        _ => shape.check(request, path, &mut report),
    }
    report.finish(shape)
}

/// Checks a request and gives what is sent of it.
fn wire(name: OperationName, request: &Node<'_>) -> Result<Wire, ValidationError> {
    let shape = check(name, request)?;
    Ok(match name {
        OperationName::TransactionStatus => {
            let id = request.as_text().or_else(|| request.text("id"));
            Wire::Id(id.unwrap_or_default().to_owned())
        }
        OperationName::ListTransactions => Wire::Query(
            ["from", "to"]
                .into_iter()
                .filter_map(|name| Some((name, request.text(name)?.to_owned())))
                .collect(),
        ),
        _ => {
            // The whole room at once: a text that grows would leave copies of a card behind in memory.
            let length = match request {
                Node::Object(written, _) => written.len(),
                _ => 0,
            };
            let mut out = String::with_capacity(length + ROOM);
            let is_inner = request.get(REQUEST).is_none() && wraps(name);
            if is_inner {
                out.push_str("{\"request\":");
            }
            shape.write(request, &mut out);
            if is_inner {
                out.push('}');
            }
            Wire::Body(out.into_bytes())
        }
    })
}

/// As much longer than the request as its body can be: the object around it, and empty settings.
const ROOM: usize = 64;

/// Whether the gateway wants the request in an object of its own.
fn wraps(name: OperationName) -> bool {
    matches!(
        name,
        OperationName::HostedDeposit | OperationName::HostedWithdrawal | OperationName::DirectPayment
    )
}

/// [`wire`] for a value.
pub(crate) fn wire_of(name: OperationName, request: &Value) -> Result<Wire, ValidationError> {
    with_node(request, |node| wire(name, node))
}

/// [`check`] for a value.
pub(super) fn check_value(name: OperationName, request: &Value) -> Result<(), ValidationError> {
    with_node(request, |node| check(name, node).map(drop))
}

/// Runs something on a value's text, and wipes that: it may hold a card.
fn with_node<T>(
    request: &Value,
    run: impl FnOnce(&Node<'_>) -> Result<T, ValidationError>,
) -> Result<T, ValidationError> {
    let mut text = Zeroizing::new(String::with_capacity(most(request)));
    push(&mut text, request);
    let node = Node::parse(&text).ok_or_else(|| Violation::new("json", "nests too deep; give plain data"))?;
    run(&node)
}

/// At least as many bytes as a value's text has, so that it does not grow: a text that grows leaves its old self behind.
fn most(value: &Value) -> usize {
    // A character is six as `\u0000`; quotes, a colon and a comma stand beside a name.
    let text = |text: &str| text.len() * 6 + 4;
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(number) => number.as_str().len(),
        Value::String(string) => text(string),
        Value::Array(items) => 2 + items.iter().map(|item| most(item) + 1).sum::<usize>(),
        Value::Object(map) => {
            2 + map
                .iter()
                .map(|(name, item)| text(name) + most(item))
                .sum::<usize>()
        }
    }
}

/// The object of a payment that has been checked.
pub(super) fn inner(value: &Value) -> &Value {
    value.get(REQUEST).unwrap_or(value)
}

/// For a builder that found less than the check promised: an error, not a panic.
pub(super) fn incomplete() -> ValidationError {
    Violation::new("required", "the request is not complete").into()
}

/// A payment's request object, checked and written.
pub(super) fn request_text(shape: &'static Shape, request: &Value) -> Result<String, ValidationError> {
    with_node(request, |node| {
        let mut report = Report::default();
        shape.check(node, REQUEST, &mut report);
        report.finish(())?;
        let mut out = String::new();
        shape.write(node, &mut out);
        Ok(out)
    })
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
    crate::read::json_read::parse(&out).unwrap_or_default()
}

/// The public ways to read a request.
macro_rules! reads_json {
    ($name:ident) => {
        impl $name {
            /// Reads the request from JSON, in the gateway's own field names.
            ///
            /// # Errors
            /// Every violation at once: missing and unknown fields, wrong types, values that the gateway cannot mean.
            pub fn from_value(
                value: &serde_json::Value,
            ) -> Result<Self, crate::read::violation::ValidationError> {
                <Self as crate::operation::Operation>::read(value)
            }

            /// Reads the request from the text of a JSON document; see [`Self::from_value`].
            ///
            /// # Errors
            /// As [`Self::from_value`], and a text that is not JSON.
            pub fn from_json(text: &str) -> Result<Self, crate::read::violation::ValidationError> {
                Self::from_value(&crate::read::validate::parse_json(text)?)
            }
        }
    };
}

pub(super) use reads_json;
