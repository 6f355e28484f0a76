//! What goes out and what comes back, in plain strings.
//!
//! The public face of the crate speaks the crate `http`; its tables, maps and parsers are some 15 KB of wasm, which the Worker, whose host has
//! its own `fetch`, need not load. So the gateway works on these, and the `http` types are made of them at the edge.

use std::borrow::Cow;

use http::header::HeaderName;
use http::{HeaderValue, Method, Request, Response};

use crate::read::violation::{ValidationError, Violation};

/// As long as an address may be for the crate `http`, and longer than any server takes.
const MAX_URL: usize = 65_534;

/// A request that can be sent.
pub struct Outgoing {
    /// In capitals.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Empty for none.
    pub body: Vec<u8>,
}

impl Outgoing {
    /// Refuses what could not be sent as it is.
    pub(crate) fn check(self) -> Result<Self, ValidationError> {
        if self.url.len() > MAX_URL {
            return Err(no_url().into());
        }
        Ok(self)
    }

    /// The same as the crate `http` has it. The values of `secret` headers are marked as such.
    pub(crate) fn into_http(self, secret: &str) -> Result<Request<Vec<u8>>, ValidationError> {
        let mut request = Request::new(self.body);
        *request.method_mut() = Method::from_bytes(self.method.as_bytes()).map_err(|_| no_url())?;
        *request.uri_mut() = self.url.parse().map_err(|_| no_url())?;
        for (name, value) in self.headers {
            let mut value = HeaderValue::from_str(&value).map_err(|_| no_url())?;
            value.set_sensitive(name == secret);
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        Ok(request)
    }
}

fn no_url() -> Violation {
    Violation::new("format", "the base URL, the route and the id do not make a URL")
}

/// Refuses what cannot be sent as a header.
pub(crate) fn check_header(text: &str) -> Result<(), Violation> {
    if fits_header(text) {
        return Ok(());
    }
    Err(Violation::new(
        "format",
        "cannot be sent as a header; use printable ASCII",
    ))
}

/// What an HTTP header can carry: printable ASCII and tabs.
pub(crate) fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

/// A reply as it came. `headers` gives the first value of a name in lower case.
pub struct Incoming<'a> {
    /// Of HTTP.
    pub status: u16,
    /// Looks a header up.
    pub headers: &'a dyn Fn(&str) -> Option<&'a str>,
    /// All of it, as far as it is UTF-8.
    pub body: &'a str,
    /// Whether all of it is.
    pub is_utf8: bool,
}

impl<'a> Incoming<'a> {
    /// A header's value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        (self.headers)(name).filter(|value| fits_header(value))
    }
}

/// Runs something on a reply of the crate `http`.
pub(crate) fn with_http<T>(response: &Response<Vec<u8>>, run: impl FnOnce(&Incoming<'_>) -> T) -> T {
    let body = String::from_utf8_lossy(response.body());
    run(&Incoming {
        status: response.status().as_u16(),
        headers: &|name| response.headers().get(name)?.to_str().ok(),
        body: &body,
        is_utf8: matches!(body, Cow::Borrowed(_)),
    })
}
