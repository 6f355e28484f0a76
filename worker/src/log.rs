//! One line a request, as JSON, for whoever runs the Worker; and one for each inner failure.
//!
//! A line holds the request's id, the route's pattern, the method, the status, the problem's code and the time. It holds no path, query string,
//! header, body, secret or personal data: those who need more find the payment by the request id, which is stored with every record.

use edge_cashier::GatewayError;
use serde::Serialize;
use worker::{console_error, console_log};

/// A line of the log; its fields are all that is ever written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    /// A request was answered.
    Request {
        request_id: &'a str,
        method: &'a str,
        /// The pattern of the route, which holds nobody's id.
        route: &'a str,
        status: u16,
        /// The problem's code, for an answer that is one.
        code: Option<String>,
        ms: i64,
    },
    /// Something inside failed: what and where. `cause` is a runtime error, never anything that came with the request.
    Failure {
        request_id: &'a str,
        step: &'a str,
        cause: &'a str,
    },
    /// A gateway call came to nothing, with what the gateway's support needs: its own request id, and the tracking id, which is in no record when
    /// nothing was opened. The gateway's body is not in it: it may repeat what was sent.
    GatewayFailure {
        request_id: &'a str,
        tracking_id: &'a str,
        operation: &'a str,
        class: &'a str,
        status: Option<u16>,
        gateway_request_id: Option<&'a str>,
        what_to_do: &'a str,
    },
    /// A message was not delivered this time, by the merchant's endpoint or since the gateway has not confirmed it; it is tried again, or parked after three days.
    /// The id names the payment.
    Undelivered { delivery_id: &'a str, answer: &'a str },
    /// A signed webhook reports a success that the gateway denies when asked: nothing is delivered, and a person has to look.
    Withheld { delivery_id: &'a str, answer: &'a str },
    /// The gateway's list was compared with what its webhooks reported: how many rows came to what.
    Reconciliation { summary: &'a serde_json::Value },
}

impl Line<'_> {
    /// Writes the line.
    pub(crate) fn write(&self) {
        // A line is texts and numbers: it can be written.
        let line = serde_json::to_string(self).unwrap_or_default();
        match self {
            Line::Request { .. } | Line::Reconciliation { .. } => console_log!("{line}"),
            _ => console_error!("{line}"),
        }
    }
}

/// Writes the line for an inner failure.
pub(crate) fn failure(request_id: &str, step: &str, cause: &worker::Error) {
    Line::Failure {
        request_id,
        step,
        cause: &cause.to_string(),
    }
    .write();
}

/// Writes the line for a gateway call that came to nothing.
pub(crate) fn gateway_failure(request_id: &str, tracking_id: &str, error: &GatewayError) {
    Line::GatewayFailure {
        request_id,
        tracking_id,
        operation: error.operation(),
        class: error.class().as_str(),
        status: error.status(),
        gateway_request_id: error.request_id(),
        what_to_do: error.what_to_do(),
    }
    .write();
}
