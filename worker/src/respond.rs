//! Turns what a handler decided into an HTTP response, with the headers that every answer has.

use std::borrow::Cow;

use serde_json::Value;
use web_sys::{Headers, Response, ResponseInit};

use crate::host::Failure;
use crate::json;
use crate::problem::{Code, Problem};

/// What a handler answers with.
#[derive(Debug)]
pub(crate) enum Answer {
    Json {
        status: u16,
        body: Value,
    },
    /// A body that is ready as it is.
    Text {
        content_type: &'static str,
        body: &'static str,
    },
    Empty {
        status: u16,
    },
}

/// A handler's outcome.
pub(crate) type Outcome = Result<Answer, Problem>;

/// Nothing that this Worker answers is a page: no script, no frame, no sniffing, no cache, no referrer.
const SECURITY_HEADERS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
];

/// Writes the response. `extra` are the headers of the route (CORS).
pub(crate) fn respond(
    outcome: &Outcome,
    request_id: &str,
    head_only: bool,
    extra: &[(&'static str, String)],
) -> Result<Response, Failure> {
    let headers = Headers::new()?;
    for (name, value) in SECURITY_HEADERS {
        headers.set(name, value)?;
    }
    headers.set("x-request-id", request_id)?;
    for (name, value) in extra {
        headers.set(name, value)?;
    }
    let (status, content_type, body) = match outcome {
        Ok(Answer::Json { status, body }) => (*status, "application/json", Cow::from(json::text(body))),
        Ok(Answer::Text { content_type, body }) => (200, *content_type, Cow::from(*body)),
        Ok(Answer::Empty { status }) => return response(*status, &headers, None),
        Err(problem) => {
            problem_headers(problem, &headers)?;
            (
                problem.code.status(),
                "application/problem+json",
                Cow::from(json::text(&problem.body(request_id))),
            )
        }
    };
    headers.set("content-type", content_type)?;
    response(status, &headers, (!head_only).then_some(&*body))
}

fn response(status: u16, headers: &Headers, body: Option<&str>) -> Result<Response, Failure> {
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(headers);
    Ok(Response::new_with_opt_str_and_init(body, &init)?)
}

fn problem_headers(problem: &Problem, headers: &Headers) -> Result<(), Failure> {
    if let Some(seconds) = problem.retry_after {
        headers.set("retry-after", &seconds.to_string())?;
    }
    if let Some(allow) = &problem.allow {
        headers.set("allow", allow)?;
    }
    // RFC 6750, 3: which credentials would be accepted, and what was wrong with those that came.
    match problem.code {
        Code::MissingTicket => headers.set("www-authenticate", "Bearer")?,
        Code::InvalidTicket
        | Code::ExpiredTicket
        | Code::TicketNotYetValid
        | Code::TicketLifetime
        | Code::WrongAudience => headers.set("www-authenticate", "Bearer error=\"invalid_token\"")?,
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_lower_case_and_unique() {
        let names: std::collections::BTreeSet<_> = SECURITY_HEADERS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), SECURITY_HEADERS.len());
        assert!(names.iter().all(|name| *name == name.to_ascii_lowercase()));
    }
}
