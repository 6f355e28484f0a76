//! What went wrong, in the form of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457): `application/problem+json` with a stable `code`.
//!
//! A problem is plain data: the Durable Object sends one to the Worker as it is, and only [`Problem::body`] turns it into what a client sees.
//! Nothing in here may hold a secret, a stack, the gateway's reply or personal data; `detail` is written for the developer who integrates.

use axum::response::{IntoResponse, Response};
use edge_cashier::{ValidationError, Violation};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The address below which every problem type is named. It identifies; it need not resolve.
const TYPE_BASE: &str = "https://edge-cashier.dev/problems/";

/// Every kind of problem that the Worker answers with. The snake_case name is the stable `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    Configuration,
    NotFound,
    MethodNotAllowed,
    MissingTicket,
    InvalidTicket,
    ExpiredTicket,
    TicketNotYetValid,
    TicketLifetime,
    WrongAudience,
    TicketMismatch,
    TicketReused,
    InvalidRequest,
    UnexpectedBody,
    InvalidQuery,
    TooManyTransactions,
    TransactionNotFound,
    SessionNotFound,
    OutcomeUnknown,
    RateLimited,
    GatewayRefused,
    GatewayError,
    GatewayTimeout,
    PayloadTooLarge,
    NotJson,
    NotAWebhook,
    NoSignature,
    SignatureNotHex,
    SignatureMismatch,
    PasswordExpired,
    NotRecorded,
    MissingAdminToken,
    InvalidAdminToken,
    DeliveryNotFound,
    ExceptionNotFound,
    CardPaymentsDisabled,
    TooManyCards,
    InvalidBody,
    TurnstileFailed,
    TurnstileUnavailable,
    PayoutNotFound,
    PayoutNotPending,
    PayoutDecided,
    PayoutUnknown,
    PayoutUnconfirmed,
    AmountMismatch,
    Internal,
}

impl Code {
    /// The HTTP status, and the short summary that is the same for every problem of this code.
    #[rustfmt::skip]
    fn meaning(self) -> (StatusCode, &'static str) {
        match self {
            Code::Configuration => (StatusCode::SERVICE_UNAVAILABLE, "The Worker's configuration is incomplete or malformed"),
            Code::NotFound => (StatusCode::NOT_FOUND, "There is nothing at this address"),
            Code::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "The address does not answer to this method"),
            Code::MissingTicket => (StatusCode::UNAUTHORIZED, "A launch ticket is required"),
            Code::InvalidTicket => (StatusCode::UNAUTHORIZED, "The launch ticket is not valid"),
            Code::ExpiredTicket => (StatusCode::UNAUTHORIZED, "The launch ticket has expired"),
            Code::TicketNotYetValid => (StatusCode::UNAUTHORIZED, "The launch ticket is not valid yet"),
            Code::TicketLifetime => (StatusCode::UNAUTHORIZED, "The launch ticket would live too long"),
            Code::WrongAudience => (StatusCode::UNAUTHORIZED, "The launch ticket is for another audience"),
            Code::TicketMismatch => (StatusCode::FORBIDDEN, "The launch ticket is for another payment"),
            Code::TicketReused => (StatusCode::CONFLICT, "The tracking id was already used for another payment"),
            Code::InvalidRequest => (StatusCode::UNPROCESSABLE_ENTITY, "The contents of the launch ticket or of the request are not valid"),
            Code::UnexpectedBody => (StatusCode::BAD_REQUEST, "The request takes no contents from the browser"),
            Code::InvalidQuery => (StatusCode::BAD_REQUEST, "The query is not valid"),
            Code::TooManyTransactions => (StatusCode::UNPROCESSABLE_ENTITY, "There are more transactions than one answer holds"),
            Code::TransactionNotFound => (StatusCode::NOT_FOUND, "The gateway knows no payment of this id"),
            Code::SessionNotFound => (StatusCode::NOT_FOUND, "No session was opened for this tracking id"),
            Code::OutcomeUnknown => (StatusCode::CONFLICT, "It is not known whether the gateway opened the payment"),
            Code::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Code::GatewayRefused => (StatusCode::BAD_GATEWAY, "The payment gateway refused the request"),
            Code::GatewayError => (StatusCode::BAD_GATEWAY, "The payment gateway failed"),
            Code::GatewayTimeout => (StatusCode::GATEWAY_TIMEOUT, "The payment gateway did not answer in time"),
            Code::PayloadTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Code::NotJson => (StatusCode::BAD_REQUEST, "The body is not JSON"),
            Code::NotAWebhook => (StatusCode::BAD_REQUEST, "The body is not a webhook of the gateway"),
            Code::NoSignature => (StatusCode::UNAUTHORIZED, "The webhook has no signature"),
            Code::SignatureNotHex => (StatusCode::UNAUTHORIZED, "The webhook's signature is not hexadecimal"),
            Code::SignatureMismatch => (StatusCode::UNAUTHORIZED, "The webhook's signature does not match"),
            Code::PasswordExpired => (StatusCode::UNAUTHORIZED, "The webhook was signed with a password that is no longer accepted"),
            Code::NotRecorded => (StatusCode::SERVICE_UNAVAILABLE, "The webhook could not be recorded"),
            Code::MissingAdminToken => (StatusCode::UNAUTHORIZED, "The token of the merchant's backend is required"),
            Code::InvalidAdminToken => (StatusCode::UNAUTHORIZED, "The token of the merchant's backend is not valid"),
            Code::ExceptionNotFound => (StatusCode::NOT_FOUND, "There is no exception of this id"),
            Code::DeliveryNotFound => (StatusCode::NOT_FOUND, "There is no delivery of this id"),
            Code::CardPaymentsDisabled => (StatusCode::FORBIDDEN, "Card payments are switched off"),
            Code::TooManyCards => (StatusCode::CONFLICT, "The launch ticket has paid by as many cards as it may"),
            Code::InvalidBody => (StatusCode::BAD_REQUEST, "The body is not what this address takes"),
            Code::TurnstileFailed => (StatusCode::FORBIDDEN, "The check that a person asks has failed"),
            Code::TurnstileUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "The check that a person asks could not be made"),
            Code::PayoutNotFound => (StatusCode::NOT_FOUND, "There is no payout of this tracking id"),
            Code::PayoutNotPending => (StatusCode::CONFLICT, "There is no payout that waits for a decision"),
            Code::PayoutDecided => (StatusCode::CONFLICT, "The payout was decided the other way"),
            Code::PayoutUnknown => (StatusCode::GATEWAY_TIMEOUT, "It is not known whether the gateway carried out the decision"),
            Code::PayoutUnconfirmed => (StatusCode::CONFLICT, "The payout is pending, and was perhaps approved"),
            Code::AmountMismatch => (StatusCode::CONFLICT, "The payout is of another amount than expected"),
            Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "The Worker failed"),
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        self.meaning().0
    }

    /// The stable name, as clients see it.
    pub(crate) fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

/// One wrong field. The path is that of the ticket's claims or of the body's fields, since that is what the merchant's developer wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldViolation {
    pub(crate) path: String,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl FieldViolation {
    /// What the core found, under the name that the field has for whoever wrote it.
    fn of(violation: &Violation, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            code: violation.code.to_owned(),
            message: violation.message.clone().into_owned(),
        }
    }
}

/// A problem on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    /// What happened this time and what to do about it.
    pub(crate) detail: String,
    pub(crate) violations: Vec<FieldViolation>,
    /// Seconds after which it makes sense to try again: becomes `Retry-After`.
    pub(crate) retry_after: Option<u64>,
}

/// The members of the body, in this order.
#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: Code,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    violations: &'a [FieldViolation],
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            violations: Vec::new(),
            retry_after: None,
        }
    }

    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The core found the ticket's contents wrong: every violation, under the names of the claims.
    pub(crate) fn invalid_request(violations: Vec<FieldViolation>) -> Self {
        let named: Vec<&str> = violations.iter().map(|v| v.path.as_str()).collect();
        let detail = format!(
            "Correct these claims of the launch ticket or fields of the body: {}.",
            named.join(", ")
        );
        Self {
            violations,
            ..Self::new(Code::InvalidRequest, detail)
        }
    }

    /// The core found fields of the request itself wrong, each under its own name.
    pub(crate) fn invalid_fields(error: &ValidationError) -> Self {
        let violations = error.violations().iter();
        let violations = violations.map(|violation| FieldViolation::of(violation, &violation.path));
        Self {
            violations: violations.collect(),
            ..Self::new(Code::InvalidRequest, error.to_string())
        }
    }

    /// An inner failure. What failed goes to the log (see [`crate::log`]), never to the client.
    pub(crate) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "Try again; if it goes on, give the request id to whoever runs this Worker.",
        )
    }

    /// The JSON of the response, with the request's id.
    pub(crate) fn body(&self, request_id: &str) -> String {
        let (status, title) = self.code.meaning();
        let body = Body {
            r#type: format!("{TYPE_BASE}{}", self.code.name()),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
            violations: &self.violations,
        };
        // It is texts and a number: it can be written.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

/// The status alone, with the problem beside it: the outermost layer ([`crate::routes::layers`]) knows the request's id and writes the body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives the core's violations the names of the ticket's claims: the gateway's `request.user_id` is the ticket's `sub`.
pub(crate) fn claim_violations(error: &ValidationError) -> Vec<FieldViolation> {
    error
        .violations()
        .iter()
        .map(|violation| {
            let path = violation.path.strip_prefix("request.").unwrap_or(&violation.path);
            let path = match path {
                "user_id" => "sub",
                "tracking_id" => "jti",
                other => other,
            };
            FieldViolation::of(violation, path)
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_members_of_the_rfc_and_the_stable_code() {
        let problem = Problem::new(Code::TicketReused, "Mint a fresh jti.");
        assert_eq!(
            problem.body("r-1"),
            concat!(
                r#"{"type":"https://edge-cashier.dev/problems/ticket_reused","title":"The tracking id was already used for another payment","#,
                r#""status":409,"detail":"Mint a fresh jti.","code":"ticket_reused","request_id":"r-1"}"#
            )
        );
    }

    #[test]
    fn a_problem_survives_the_way_from_the_durable_object() {
        let problem = Problem::invalid_request(vec![FieldViolation {
            path: String::from("amount"),
            code: String::from("decimals"),
            message: String::from("EUR has 2 decimals"),
        }])
        .with_retry_after(3);
        let sent = serde_json::to_string(&problem).unwrap();
        assert_eq!(serde_json::from_str::<Problem>(&sent).unwrap(), problem);
    }
}
