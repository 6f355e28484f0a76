//! What every page has in common: no inline script, no foreign resource, and only the frames and form targets that it names.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use worker::Url;

/// Returns a page. `frame_ancestors` may show it in a frame (`*`, `'none'`, or origins separated by spaces); `form_target`
/// is where its form's redirect ends, since browsers hold `form-action` against the redirect too.
pub(crate) fn page(
    status: StatusCode,
    html: Markup,
    frame_ancestors: &str,
    form_target: Option<&str>,
) -> Response {
    let target = form_target
        .and_then(origin)
        .map(|origin| format!(" {origin}"))
        .unwrap_or_default();
    let csp = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'{target}; base-uri 'none'; \
         frame-ancestors {frame_ancestors}"
    );
    (status, [(header::CONTENT_SECURITY_POLICY, csp)], html).into_response()
}

/// Returns the origin of an address.
pub(crate) fn origin(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.origin().ascii_serialization())
}

/// Returns a style sheet that comes with the simulator.
pub(crate) fn style_sheet(css: &'static str) -> impl IntoResponse {
    asset("text/css; charset=utf-8", css)
}

/// Returns a script that comes with the simulator.
pub(crate) fn script(javascript: &'static str) -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", javascript)
}

fn asset(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text)
}
