//! What to do after a failure: whether to send again, what a person does next, and what the gateway's support needs.

use super::{ErrorClass, GatewayError};

impl GatewayError {
    /// Whether the same request may be sent again as it is: doing so can harm nobody and may help.
    ///
    /// Never for an operation that acts at once ([`OperationName::may_be_sent_twice`](crate::OperationName::may_be_sent_twice)), not for a request that the gateway
    /// refused, which has to be corrected first (it did nothing, so sending the corrected one is safe), and not where it would only fail again.
    pub fn safe_to_retry(&self) -> bool {
        if self.0.permanent {
            return false;
        }
        if self.0.nothing_sent {
            return true;
        }
        self.0.operation.may_be_sent_twice()
            && match self.0.class {
                ErrorClass::Caller => self.is_busy(),
                ErrorClass::Gateway | ErrorClass::Transport | ErrorClass::Timeout | ErrorClass::Aborted => {
                    true
                }
                // A reply that was cut on the way may come whole the next time; a redirect will not.
                ErrorClass::Unreadable => self.0.status.is_none_or(|status| status < 300),
            }
    }

    /// Whether the gateway may have done what was asked all the same, so that only the transaction's state can tell.
    ///
    /// A refusal says that nothing was done, less the two that may come from a gateway, or from something in front of it, that has the
    /// request all the same: its time-out, and the clash with a request that is under way or was served before.
    pub fn may_have_acted(&self) -> bool {
        !self.0.nothing_sent
            && (self.0.class != ErrorClass::Caller || matches!(self.0.status, Some(408 | 409)))
    }

    /// "Not now": request timeout, too early, too many requests.
    fn is_busy(&self) -> bool {
        matches!(self.0.status, Some(408 | 425 | 429))
    }

    /// What a person should do next.
    pub fn what_to_do(&self) -> &'static str {
        let twice = self.0.operation.may_be_sent_twice();
        match (self.0.class, self.0.status) {
            _ if self.0.nothing_sent && self.0.permanent => {
                "Nothing was sent: correct what this says, then call again."
            }
            (ErrorClass::Aborted, _) if self.0.nothing_sent => "Nothing was sent.",
            _ if self.0.permanent && twice => {
                "The same request would fail again: correct what this says first."
            }
            (ErrorClass::Aborted, _) if twice => "It may be called again.",
            (ErrorClass::Aborted, _) => {
                "Whether the gateway acted is not known: read the transaction's state first."
            }
            (_, Some(401 | 403)) => {
                "Check the API key (merchant portal, Settings > Credentials) and that it belongs to this environment; then send the request again."
            }
            (_, Some(404 | 405)) => {
                "Check the base URL and the routes against the merchant portal, and that the id exists; then send the request again."
            }
            (ErrorClass::Caller, _) if self.is_busy() && twice => {
                "The gateway asks for patience: wait, then send the same request again."
            }
            (ErrorClass::Caller, _) if self.is_busy() => {
                "The gateway asks for patience: wait, read the transaction's state, and send the request again only if it did nothing."
            }
            (ErrorClass::Caller, Some(409)) if !twice => {
                "This contradicts what the gateway has, for example a payout that was decided before: do not send it again, read the transaction's state."
            }
            (ErrorClass::Caller, _) => {
                "Correct the request (the body says what the gateway did not accept), then send it again."
            }
            (ErrorClass::Gateway, _) if twice => {
                "The fault is the gateway's: send the same request again later; if it stays, contact its support with the support report."
            }
            (ErrorClass::Transport | ErrorClass::Timeout, _) if twice => {
                "Check the network and the base URL; the same request may be sent again."
            }
            (ErrorClass::Unreadable, Some(300..=399)) => {
                "The gateway answers from another address: correct the base URL or the route."
            }
            (ErrorClass::Unreadable, _) if twice => {
                "Check that the base URL is the gateway's; the same request may be sent again; if it stays, contact support with the support report."
            }
            _ => {
                "It is not known whether the gateway acted: do not send it again. Read the transaction's state first, and contact support with the support report."
            }
        }
    }

    /// What [`Display`](fmt::Display) shows.
    pub(crate) fn message(&self) -> String {
        format!("{}: {}. {}", self.operation(), self.0.message, self.what_to_do())
    }

    /// All that the gateway's support needs, as text of a few lines; no secret is in it. The payment, the request, the attempts and the
    /// time are those given to [`GatewayError::about`] and [`GatewayError::after_attempts`].
    pub fn support_report(&self) -> String {
        let details = &*self.0;
        let mut report = String::new();
        let mut line = |name: &str, value: &str| {
            for part in [name, ": ", value, "\n"] {
                report.push_str(part);
            }
        };
        line("client", concat!("edge-cashier ", env!("CARGO_PKG_VERSION")));
        line("operation", details.operation.as_str());
        for (name, value) in &details.known {
            line(name, value);
        }
        line("class", details.class.as_str());
        line(
            "status",
            &details
                .status
                .map_or("none".to_owned(), |status| status.to_string()),
        );
        line("request id", details.request_id.as_deref().unwrap_or("none"));
        line("problem", &details.message);
        line(
            "may be sent again as it is",
            if self.safe_to_retry() { "yes" } else { "no" },
        );
        line("what to do", self.what_to_do());
        line(
            "body",
            if details.body.is_empty() {
                "none"
            } else {
                &details.body
            },
        );
        report
    }
}
