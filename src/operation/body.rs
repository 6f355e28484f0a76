//! What is sent of a request, and the two shapes of a JSON body: the request itself, or an object around it.

use serde::Serialize;
use serde_json::Value;

use crate::read::fields::{Fields, Place, Read};
use crate::read::reply::merge_extra;
use crate::read::report::Report;

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

/// The field of a body that holds a payment's request object.
pub(crate) const REQUEST: &str = "request";

/// Whether the value is the gateway's whole body (`{"request": {…}}`), and not the request object alone.
pub(crate) fn is_body(value: &Value) -> bool {
    value.get(REQUEST).is_some()
}

/// Reads a payment's request object, given alone or as the gateway's whole body.
pub(super) fn read_payment<T: Read>(value: &Value, report: &mut Report) -> Option<T> {
    if !is_body(value) {
        let at = Place::field(REQUEST);
        return T::read(value, &at, report);
    }
    let mut fields = Fields::of(value, &Place::TOP, report)?;
    let request = fields.required(REQUEST, "give the request object");
    fields.finish();
    request
}

/// The request object of a payment as it is sent: fields under `extra`, the customer's too, are merged into their objects.
pub(super) fn merged(request: &impl Serialize) -> Value {
    // Nothing that is written here can fail: all keys are strings.
    let mut value = serde_json::to_value(request).unwrap_or_default();
    if let Some(customer) = value.get_mut("customer") {
        merge_extra(customer);
    }
    merge_extra(&mut value);
    value
}

/// `{"request": {…}}`
pub(super) fn payment_body(request: &impl Serialize) -> Wire {
    #[derive(Serialize)]
    struct Body {
        request: Value,
    }
    json(&Body {
        request: merged(request),
    })
}

/// A body as JSON text.
pub(super) fn json(body: &impl Serialize) -> Wire {
    Wire::Body(serde_json::to_vec(body).unwrap_or_default())
}
