//! What went wrong, in the form of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457): `application/problem+json` with a stable `code`.
//!
//! A problem is plain data: the Durable Object sends one to the Worker as it is, and only [`Problem::body`] turns it into what a client sees.
//! Nothing in here may hold a secret, a stack, the gateway's reply or personal data; `detail` is written for the developer who integrates.

use edge_cashier::ValidationError;
use serde_json::Value;

use crate::json::{self, Members};

/// The address below which every problem type is named. It identifies; it need not resolve.
const TYPE_BASE: &str = "https://edge-cashier.dev/problems/";

/// The codes, and the list of them.
macro_rules! codes {
    ($(#[$doc:meta])* enum $name:ident { $($code:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name {
            $($code,)*
        }

        impl $name {
            const ALL: &[(Self, &str)] = &[$(($name::$code, stringify!($code)),)*];
        }
    };
}

codes! {
/// Every kind of problem that the Worker answers with. The snake_case name is the stable `code`.
enum Code {
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
    Internal,
}
}

impl Code {
    /// The HTTP status that goes with the code: one code, one status.
    pub(crate) fn status(self) -> u16 {
        match self {
            Code::UnexpectedBody | Code::InvalidQuery | Code::NotJson | Code::NotAWebhook => 400,
            Code::MissingTicket
            | Code::InvalidTicket
            | Code::ExpiredTicket
            | Code::TicketNotYetValid
            | Code::TicketLifetime
            | Code::WrongAudience
            | Code::NoSignature
            | Code::SignatureNotHex
            | Code::SignatureMismatch
            | Code::PasswordExpired => 401,
            Code::TicketMismatch => 403,
            Code::NotFound | Code::SessionNotFound => 404,
            Code::MethodNotAllowed => 405,
            Code::TicketReused | Code::OutcomeUnknown => 409,
            Code::PayloadTooLarge => 413,
            Code::InvalidRequest => 422,
            Code::RateLimited => 429,
            Code::Internal => 500,
            Code::GatewayRefused | Code::GatewayError => 502,
            Code::Configuration | Code::NotRecorded => 503,
            Code::GatewayTimeout => 504,
        }
    }

    /// The short summary that is the same for every problem of this code.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Code::Configuration => "The Worker's configuration is incomplete or malformed",
            Code::NotFound => "There is nothing at this address",
            Code::MethodNotAllowed => "The address does not answer to this method",
            Code::MissingTicket => "A launch ticket is required",
            Code::InvalidTicket => "The launch ticket is not valid",
            Code::ExpiredTicket => "The launch ticket has expired",
            Code::TicketNotYetValid => "The launch ticket is not valid yet",
            Code::TicketLifetime => "The launch ticket would live too long",
            Code::WrongAudience => "The launch ticket is for another audience",
            Code::TicketMismatch => "The launch ticket is for another payment",
            Code::TicketReused => "The tracking id was already used for another payment",
            Code::InvalidRequest => "The launch ticket's contents are not valid",
            Code::UnexpectedBody => "The request takes no contents from the browser",
            Code::InvalidQuery => "The query is not valid",
            Code::SessionNotFound => "No session was opened for this tracking id",
            Code::OutcomeUnknown => "It is not known whether the gateway opened the payment",
            Code::RateLimited => "Too many sessions were asked for",
            Code::GatewayRefused => "The payment gateway refused the request",
            Code::GatewayError => "The payment gateway failed",
            Code::GatewayTimeout => "The payment gateway did not answer in time",
            Code::PayloadTooLarge => "The body is too large",
            Code::NotJson => "The body is not JSON",
            Code::NotAWebhook => "The body is not a webhook of the gateway",
            Code::NoSignature => "The webhook has no signature",
            Code::SignatureNotHex => "The webhook's signature is not hexadecimal",
            Code::SignatureMismatch => "The webhook's signature does not match",
            Code::PasswordExpired => "The webhook was signed with a password that is no longer accepted",
            Code::NotRecorded => "The webhook could not be recorded",
            Code::Internal => "The Worker failed",
        }
    }

    /// The stable name, as clients see it.
    #[inline(never)]
    pub(crate) fn as_string(self) -> String {
        let mut name = String::new();
        let own = Self::ALL.iter().find(|(code, _)| *code == self);
        for letter in own.map_or("", |(_, name)| *name).chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// The code of that name.
    fn parse(name: &str) -> Option<Self> {
        let all = Self::ALL.iter().map(|(code, _)| *code);
        all.into_iter().find(|code| code.as_string() == name)
    }
}

/// One wrong field. The path is that of the ticket's claims, since that is what the merchant's developer wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimViolation {
    pub(crate) path: String,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A problem on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    /// What happened this time and what to do about it.
    pub(crate) detail: String,
    pub(crate) violations: Vec<ClaimViolation>,
    /// Seconds after which it makes sense to try again: becomes `Retry-After`.
    pub(crate) retry_after: Option<u32>,
    /// The methods that the address does answer to: becomes `Allow`.
    pub(crate) allow: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            violations: Vec::new(),
            retry_after: None,
            allow: None,
        }
    }

    pub(crate) fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The core found the ticket's contents wrong: every violation, under the names of the claims.
    pub(crate) fn invalid_request(violations: Vec<ClaimViolation>) -> Self {
        let named: Vec<&str> = violations.iter().map(|v| v.path.as_str()).collect();
        let detail = format!("Correct these claims of the launch ticket: {}.", named.join(", "));
        Self {
            violations,
            ..Self::new(Code::InvalidRequest, detail)
        }
    }

    /// An inner failure. What failed goes to the log (see [`crate::log`]), never to the client.
    pub(crate) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "Try again; if it goes on, give the request id to whoever runs this Worker.",
        )
    }

    /// The members of the response body, with the request's id.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let code = self.code.as_string();
        let mut members = vec![
            ("type", Value::from([TYPE_BASE, &code].concat())),
            ("title", Value::from(self.code.title())),
            ("status", Value::from(self.code.status())),
            ("detail", Value::from(self.detail.as_str())),
            ("code", Value::from(code)),
            ("request_id", Value::from(request_id)),
        ];
        if !self.violations.is_empty() {
            members.push(("violations", self.violations_as_json()));
        }
        json::object(members)
    }

    /// The problem on its way from the Durable Object to the Worker.
    pub(crate) fn to_json(&self) -> Value {
        json::object(vec![
            ("code", Value::from(self.code.as_string())),
            ("detail", Value::from(self.detail.as_str())),
            ("violations", self.violations_as_json()),
            ("retry_after", self.retry_after.map_or(Value::Null, Value::from)),
            ("allow", json::optional(self.allow.clone())),
        ])
    }

    /// What [`Problem::to_json`] wrote.
    pub(crate) fn from_json(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        let violations = match members.value("violations")? {
            Value::Array(list) => list
                .into_iter()
                .map(ClaimViolation::from_json)
                .collect::<Option<_>>()?,
            _ => return None,
        };
        Some(Self {
            code: Code::parse(&members.text("code")?)?,
            detail: members.text("detail")?,
            violations,
            retry_after: members
                .integer("retry_after")
                .and_then(|seconds| seconds.try_into().ok()),
            allow: members.text("allow"),
        })
    }

    fn violations_as_json(&self) -> Value {
        self.violations.iter().map(ClaimViolation::to_json).collect()
    }
}

impl ClaimViolation {
    fn to_json(&self) -> Value {
        json::object(vec![
            ("path", Value::from(self.path.as_str())),
            ("code", Value::from(self.code.as_str())),
            ("message", Value::from(self.message.as_str())),
        ])
    }

    fn from_json(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            path: members.text("path")?,
            code: members.text("code")?,
            message: members.text("message")?,
        })
    }
}

/// Gives the core's violations the names of the ticket's claims: the gateway's `request.user_id` is the ticket's `sub`.
pub(crate) fn claim_violations(error: &ValidationError) -> Vec<ClaimViolation> {
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
            ClaimViolation {
                path: path.to_owned(),
                code: violation.code.to_owned(),
                message: violation.message.clone().into_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_has_the_members_of_the_rfc_and_the_stable_code() {
        let problem = Problem::new(Code::TicketReused, "Mint a fresh jti.");
        assert_eq!(
            problem.body("r-1"),
            json!({
                "type": "https://edge-cashier.dev/problems/ticket_reused",
                "title": "The tracking id was already used for another payment",
                "status": 409,
                "detail": "Mint a fresh jti.",
                "code": "ticket_reused",
                "request_id": "r-1",
            })
        );
    }

    #[test]
    fn a_problem_survives_the_way_from_the_durable_object() {
        let problem = Problem {
            allow: Some(String::from("GET")),
            ..Problem::invalid_request(vec![ClaimViolation {
                path: String::from("amount"),
                code: String::from("decimals"),
                message: String::from("EUR has 2 decimals"),
            }])
            .with_retry_after(3)
        };
        assert_eq!(Problem::from_json(problem.to_json()), Some(problem));
        for (code, _) in Code::ALL {
            let problem = Problem::new(*code, "What to do.");
            assert_eq!(Problem::from_json(problem.to_json()), Some(problem), "{code:?}");
        }
    }
}
