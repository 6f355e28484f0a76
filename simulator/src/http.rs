//! What every page and every JSON reply of the simulator's own has in common.

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::json;
use worker::{Headers, Response, ResponseBody, Url};

/// A path segment as text.
pub(crate) fn percent_decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// A JSON reply.
pub(crate) fn json(status: u16, body: &impl Serialize) -> worker::Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("cache-control", "no-store")?;
    let body = ResponseBody::Body(serde_json::to_vec(body)?);
    Ok(Response::from_body(body)?
        .with_status(status)
        .with_headers(headers))
}

/// A JSON reply that says what is wrong.
pub(crate) fn error(status: u16, error: &str) -> worker::Result<Response> {
    json(status, &json!({ "error": error }))
}

/// A reply without a body.
pub(crate) fn empty(status: u16) -> worker::Result<Response> {
    Ok(Response::empty()?.with_status(status))
}

/// Sends the browser on with GET.
pub(crate) fn see_other(url: &str) -> worker::Result<Response> {
    let headers = Headers::new();
    headers.set("location", url)?;
    headers.set("cache-control", "no-store")?;
    headers.set("referrer-policy", "no-referrer")?;
    Ok(Response::empty()?.with_status(303).with_headers(headers))
}

/// Who may show a page in a frame, and where its form may lead.
pub(crate) struct PagePolicy<'a> {
    /// As in `Content-Security-Policy`: `*`, `'none'`, or origins separated by spaces.
    pub(crate) frame_ancestors: &'a str,
    /// Where a form's redirect ends. Browsers hold `form-action` against the redirect too.
    pub(crate) form_target: Option<&'a str>,
}

/// A page. It has no script, no foreign resource, and is kept by no cache.
pub(crate) fn page(status: u16, html: String, policy: &PagePolicy<'_>) -> worker::Result<Response> {
    let target = policy
        .form_target
        .and_then(|url| Url::parse(url).ok())
        .map(|url| format!(" {}", url.origin().ascii_serialization()))
        .unwrap_or_default();
    let csp = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{target}; base-uri 'none'; \
         frame-ancestors {}",
        policy.frame_ancestors
    );
    let headers = Headers::new();
    headers.set("content-type", "text/html; charset=utf-8")?;
    headers.set("content-security-policy", &csp)?;
    headers.set("cache-control", "no-store")?;
    // The address holds the token.
    headers.set("referrer-policy", "no-referrer")?;
    headers.set("x-content-type-options", "nosniff")?;
    Ok(Response::from_body(ResponseBody::Body(html.into_bytes()))?
        .with_status(status)
        .with_headers(headers))
}

/// A style sheet that comes with the simulator.
pub(crate) fn style_sheet(css: &str) -> worker::Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", "text/css; charset=utf-8")?;
    headers.set("cache-control", "no-cache")?;
    headers.set("x-content-type-options", "nosniff")?;
    Ok(Response::from_body(ResponseBody::Body(css.as_bytes().to_vec()))?.with_headers(headers))
}
