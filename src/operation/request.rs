//! What the requests have in common: how each is read and what of it is sent.

use serde_json::{Map, Value};

use crate::error::{ValidationError, Violation};
use crate::json_text::to_text;
use crate::validate::{EXTRA, Fields, Report, check_extra};

/// The two requests about a payout have this one field, though it means another id in each.
const PAYOUT_FIELDS: [&str; 2] = ["transaction_id", EXTRA];

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

impl Wire {
    /// `{"request": …}`
    pub(super) fn payment(request: Map<String, Value>) -> Wire {
        let mut body = Map::new();
        body.insert("request".to_owned(), Value::Object(request));
        Wire::json(body)
    }

    pub(super) fn json(body: Map<String, Value>) -> Wire {
        Wire::Body(to_text(&Value::Object(body)).into_bytes())
    }
}

/// The request object of a payment, given as the gateway's whole body (`{"request": {…}}`) or as that object alone.
pub(super) fn payment_object<'v>(value: &'v Value, report: &mut Report) -> Option<&'v Value> {
    match value {
        Value::Object(map) if map.contains_key("request") => {
            Fields::open(value, "", &["request"], report)?.need("request", "give the request object", report)
        }
        _ => Some(value),
    }
}

/// Reads `{"transaction_id": …}`.
pub(super) fn payout_id<T>(
    value: &Value,
    remedy: &str,
    id: fn(&str) -> Result<T, Violation>,
) -> Result<(T, Map<String, Value>), ValidationError> {
    let mut report = Report::default();
    let read = Fields::open(value, "", &PAYOUT_FIELDS, &mut report).and_then(|fields| {
        fields.need("transaction_id", remedy, &mut report);
        let text = fields.text("transaction_id", &mut report);
        let extra = fields.object(EXTRA, &mut report);
        check_extra(&extra, "", &PAYOUT_FIELDS, &mut report);
        Some((report.keep("transaction_id".to_owned(), id(text?))?, extra))
    });
    report.finish(read)
}

/// Writes `{"transaction_id": …}`.
pub(super) fn payout_wire(id: &str, extra: &Map<String, Value>) -> Result<Wire, ValidationError> {
    let mut report = Report::default();
    check_extra(extra, "", &PAYOUT_FIELDS, &mut report);
    let mut body = Map::new();
    body.insert("transaction_id".to_owned(), id.into());
    body.extend(extra.clone());
    report.finish(Some(Wire::json(body)))
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
