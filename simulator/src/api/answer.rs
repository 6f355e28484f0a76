//! A reply of the API before it is a response.

use serde::Serialize;
use serde_json::json;
use worker::{Headers, Response, ResponseBody};

/// Status, headers and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// One field of a request that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// Its path, `request.customer.email`.
    pub(crate) field: String,
    /// What is wrong with it, without its value.
    pub(crate) problem: String,
}

impl Answer {
    /// A body of any type.
    pub(crate) fn text(status: u16, content_type: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body,
        }
    }

    /// A JSON body.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> worker::Result<Self> {
        Ok(Self::text(
            status,
            "application/json",
            serde_json::to_string(body)?,
        ))
    }

    /// The gateway's form of an error.
    pub(crate) fn error(status: u16, error: &str) -> Self {
        Self::text(status, "application/json", json!({ "error": error }).to_string())
    }

    /// A request whose fields are missing or wrong: all of them are named.
    pub(crate) fn refused(problems: &[Problem]) -> Self {
        let names: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        let error = format!("missing or invalid: {}", names.join(", "));
        Self::text(
            422,
            "application/json",
            json!({ "error": error, "fields": problems }).to_string(),
        )
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// As a response.
    pub(crate) fn into_response(self) -> worker::Result<Response> {
        let headers = Headers::new();
        for (name, value) in self.headers {
            headers.set(name, &value)?;
        }
        let body = match self.status {
            // A body would be refused with these.
            204 | 205 | 304 => ResponseBody::Empty,
            _ => ResponseBody::Body(self.body.into_bytes()),
        };
        Ok(Response::from_body(body)?
            .with_status(self.status)
            .with_headers(headers))
    }
}
