//! What the headers of a reply say: the request's id, and how long to wait.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};

use crate::redact::redact;

/// What is longer is no id, and looking through it for secrets takes long.
const LONGEST_ID: usize = 1024;

/// The names under which gateways and proxies give a request's id.
const REQUEST_IDS: [HeaderName; 5] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-amzn-requestid"),
    HeaderName::from_static("cf-ray"),
];

/// Every header of a reply that is looked at, for a transport that has to ask for each by its name.
#[cfg(feature = "js")]
pub(crate) fn reply_headers() -> impl Iterator<Item = HeaderName> {
    REQUEST_IDS
        .into_iter()
        .chain([RETRY_AFTER, DATE, http::header::LOCATION])
}

/// The id that the gateway, or what is in front of it, gave the request.
pub(super) fn request_id(headers: &HeaderMap, secrets: &[&str]) -> Option<String> {
    let id = REQUEST_IDS
        .iter()
        .find_map(|name| text(headers, name))
        .filter(|id| id.len() <= LONGEST_ID)?;
    // Redaction comes before the cut, or the cut could leave half of a secret.
    let id: String = redact(id, secrets).chars().take(128).collect();
    (!id.is_empty()).then_some(id)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After` of RFC 9110: seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, &RETRY_AFTER)?.trim();
    // Digits alone: the standard library takes a `+` before them too.
    let is_number = asked.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(seconds) = asked.parse().ok().filter(|_| is_number) {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    let sent: SystemTime = httpdate::parse_http_date(text(headers, &DATE)?).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}
