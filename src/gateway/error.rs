//! What went wrong between us and the gateway, so that a program can decide and a person can act.

mod advice;

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::gateway::reply_headers::{request_id, retry_after};
use crate::operation::name::OperationName;
use crate::redact::redact;

/// As much of a body as an error keeps: a JSON error or the head of a HTML page, and no more in a log line.
const MAX_BODY: usize = 4096;
/// As much of a body as is looked at. Redaction comes before the cut to `MAX_BODY`, or the cut could leave half of a secret.
const MAX_LOOKED_AT: usize = 16 * 1024;

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The gateway refused the request (4xx): something in it, or in the merchant's account, has to change.
    Caller,
    /// The gateway failed (5xx).
    Gateway,
    /// The request or the reply did not get through.
    Transport,
    /// No reply came in time.
    Timeout,
    /// A reply came that the operation cannot mean.
    Unreadable,
    /// The caller's own abort signal ended the call.
    Aborted,
}

impl ErrorClass {
    /// A stable word for programs: `caller`, `gateway`, `transport`, `timeout`, `unreadable` or `aborted`.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorClass::Caller => "caller",
            ErrorClass::Gateway => "gateway",
            ErrorClass::Transport => "transport",
            ErrorClass::Timeout => "timeout",
            ErrorClass::Unreadable => "unreadable",
            ErrorClass::Aborted => "aborted",
        }
    }
}

/// An operation did not succeed. It holds no secret and no card data, so it may be logged and sent to support.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayError(Box<Details>);

#[derive(Clone, PartialEq, Eq)]
struct Details {
    operation: OperationName,
    status: Option<u16>,
    class: ErrorClass,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    body: String,
    message: String,
    /// The call ended before anything was sent.
    nothing_sent: bool,
    /// The same request would fail in the same way.
    permanent: bool,
    /// Further lines of the support report, which only the caller knows.
    known: Vec<(&'static str, String)>,
}

impl GatewayError {
    /// The connection failed. `detail` is the transport's own message.
    pub fn transport(operation: OperationName, detail: impl AsRef<str>) -> Self {
        Self::disconnected(operation, detail.as_ref(), &[])
    }

    pub(crate) fn disconnected(operation: OperationName, detail: &str, secrets: &[&str]) -> Self {
        let message = format!(
            "the connection to the gateway failed: {}",
            excerpt(detail, secrets)
        );
        Self::without_reply(operation, ErrorClass::Transport, message)
    }

    /// The request could not be sent, and cannot be as long as nothing is changed, for example because there is no `fetch`.
    #[cfg(feature = "js")]
    pub(crate) fn unsendable(operation: OperationName, detail: &str, secrets: &[&str]) -> Self {
        let message = format!("the request could not be sent: {}", excerpt(detail, secrets));
        let mut error = Self::without_reply(operation, ErrorClass::Transport, message);
        error.0.nothing_sent = true;
        error.0.permanent = true;
        error
    }

    /// The request was sent, but this client cannot take what answers it: the next answer would be no better.
    #[cfg(feature = "js")]
    pub(crate) fn unusable_answer(operation: OperationName, detail: &str, secrets: &[&str]) -> Self {
        let message = format!("the answer cannot be used: {}", excerpt(detail, secrets));
        let mut error = Self::without_reply(operation, ErrorClass::Transport, message);
        error.0.permanent = true;
        error
    }

    /// The gateway did not answer within `after`.
    pub fn timeout(operation: OperationName, after: Duration) -> Self {
        let message = format!("the gateway did not answer within {} ms", after.as_millis());
        Self::without_reply(operation, ErrorClass::Timeout, message)
    }

    /// The caller ended the call; what had failed before it stays known. `sent` says whether the request had left.
    pub fn aborted(operation: OperationName, before: Option<Self>, sent: bool) -> Self {
        let mut error =
            before.unwrap_or_else(|| Self::without_reply(operation, ErrorClass::Aborted, String::new()));
        error.0.class = ErrorClass::Aborted;
        "aborted by your signal".clone_into(&mut error.0.message);
        error.0.nothing_sent = !sent;
        error.0.permanent = false;
        error
    }

    /// An answer without an HTTP status: a replaced `fetch` may answer with anything.
    pub fn without_status(operation: OperationName) -> Self {
        let message = "the gateway answered, but without an HTTP status".to_owned();
        let mut error = Self::without_reply(operation, ErrorClass::Unreadable, message);
        error.0.permanent = true;
        error
    }

    fn without_reply(operation: OperationName, class: ErrorClass, message: String) -> Self {
        GatewayError(Box::new(Details {
            operation,
            status: None,
            class,
            request_id: None,
            retry_after: None,
            body: String::new(),
            message,
            nothing_sent: false,
            permanent: false,
            known: Vec::new(),
        }))
    }

    /// A reply of another status than 2xx, or one that the operation cannot mean (then `problem` says why).
    pub(crate) fn from_reply(
        operation: OperationName,
        reply: &Response<Vec<u8>>,
        problem: Option<&str>,
        secrets: &[&str],
    ) -> Self {
        let status = reply.status().as_u16();
        let class = match status {
            400..=499 => ErrorClass::Caller,
            500..=599 => ErrorClass::Gateway,
            _ => ErrorClass::Unreadable,
        };
        let message = match (class, problem) {
            (ErrorClass::Unreadable, Some(problem)) => {
                format!("the gateway answered {status}, but {problem}")
            }
            _ => format!("the gateway answered {status}"),
        };
        GatewayError(Box::new(Details {
            operation,
            status: Some(status),
            class,
            request_id: request_id(reply.headers(), secrets),
            retry_after: retry_after(reply.headers()),
            body: excerpt(&String::from_utf8_lossy(reply.body()), secrets),
            message,
            nothing_sent: false,
            permanent: false,
            known: Vec::new(),
        }))
    }

    /// Adds to the support report which payment the request was about and what it was: the tracking id (or the gateway's transaction id),
    /// the HTTP method and the path. Of a whole URL the path is kept; a query is not, since it may hold anything.
    #[must_use]
    pub fn about(self, id: &str, method: &str, path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        // Behind the scheme and the host.
        let path = match path.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => path.strip_prefix('/').unwrap_or(path),
        };
        self.with("payment", id)
            .with("request", &format!("{method} /{path}"))
    }

    /// Adds to the support report how often the request was sent and when it failed for the last time, as RFC 3339 text: there is no clock here.
    #[must_use]
    pub fn after_attempts(self, attempts: u32, time: &str) -> Self {
        self.with("attempts", &attempts.to_string()).with("time", time)
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        let known = &mut self.0.known;
        known.retain(|(other, _)| *other != name);
        if !value.is_empty() {
            known.push((name, redact(value, &[])));
        }
        self
    }

    /// The operation's name, for example `hosted_deposit`.
    pub fn operation(&self) -> &'static str {
        self.0.operation.as_str()
    }

    /// The operation itself.
    pub fn operation_name(&self) -> OperationName {
        self.0.operation
    }

    /// The HTTP status, if a reply came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Who has to act.
    pub fn class(&self) -> ErrorClass {
        self.0.class
    }

    /// The gateway's own id of the request, if a reply named one (`x-request-id` and its usual relatives).
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// What the gateway sent: the first 4 KiB, without secrets, card data and e-mail addresses. Empty when nothing came.
    pub fn body(&self) -> &str {
        &self.0.body
    }

    /// How long the gateway asks to wait (`Retry-After`). A date is measured from the reply's own `Date`, since there is no clock here.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

/// The part of a foreign text that an error keeps.
fn excerpt(body: &str, secrets: &[&str]) -> String {
    let looked_at = up_to(body, MAX_LOOKED_AT);
    // What was cut off may have been the rest of a secret: the torn last word goes with it.
    let whole = if looked_at.len() < body.len() {
        let end = looked_at
            .bytes()
            .rposition(|byte| matches!(byte, b',' | b'\n' | b'<' | b'{' | b'}'));
        end.and_then(|end| looked_at.get(..=end)).unwrap_or_default()
    } else {
        looked_at
    };
    let text = redact(whole, secrets);
    let kept = up_to(&text, MAX_BODY);
    if kept.len() < text.len() {
        return format!("{kept}…");
    }
    text
}

impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        f.debug_struct("GatewayError")
            .field("operation", &details.operation.as_str())
            .field("class", &details.class)
            .field("status", &details.status)
            .field("request_id", &details.request_id)
            .field(
                "retry_after_ms",
                &details.retry_after.map(|wait| wait.as_millis()),
            )
            .field("message", &details.message)
            .field("body", &details.body)
            .finish()
    }
}

impl std::error::Error for GatewayError {}

/// At most so many bytes of a text, in whole characters.
fn up_to(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}
