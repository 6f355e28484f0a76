//! Which URLs may carry a secret, and how an id or a token is put into one.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Violation;

/// Where the token goes in the cashier's address.
pub(crate) const TOKEN: &str = "{token}";
/// RFC 3986 "unreserved": what means the same in every part of a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes whatever could mean something in a URL.
#[inline(never)]
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Whether a URL may carry a secret: https, or http on this machine. Gives the URL's parts.
#[inline(never)]
fn check_url(url: &str) -> Result<Uri, Violation> {
    let wrong = |code, message: &str| Err(Violation::new(code, message));
    let Ok(uri) = url.parse::<Uri>() else {
        return wrong(
            "format",
            "not a URL; give one such as https://gateway.example/api",
        );
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return wrong("format", "not a whole URL; it begins with https:// and a host");
    };
    if authority.as_str().contains('@') {
        return wrong(
            "credentials",
            "has a user name or password; leave it out, the API key is a setting of its own",
        );
    }
    let local = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    if scheme != "https" && !(scheme == "http" && local) {
        return wrong(
            "insecure",
            "must be https: the API key and payments go over it (http is accepted for localhost alone)",
        );
    }
    if authority.host().is_empty() {
        return wrong("format", "has no host");
    }
    Ok(uri)
}

pub(crate) fn check_base_url(url: &str) -> Result<(), Violation> {
    let uri = check_url(url)?;
    // `Uri` drops a fragment silently, so the text is asked.
    if url.contains('#') || uri.query().is_some() {
        return Err(Violation::new(
            "format",
            "has a query or a fragment; give the address that the routes are appended to",
        ));
    }
    if url.contains(['{', '}', '\\']) || uri.path().split('/').any(|part| part == "." || part == "..") {
        return Err(Violation::new(
            "format",
            "has braces, a backslash or a `..`; give the plain address",
        ));
    }
    Ok(())
}

pub(crate) fn check_cashier_url(template: &str) -> Result<(), Violation> {
    let uri = check_url(&template.replace(TOKEN, "token"))?;
    let host = template
        .find("://")
        .and_then(|at| template.get(at + 3..))
        .map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    if uri.host().is_none() || host.is_none_or(|host| host.contains(TOKEN)) {
        return Err(Violation::new("format", "the token must not be part of the host"));
    }
    if template.matches(TOKEN).count() != 1 {
        return Err(Violation::new(
            "format",
            "needs `{token}` once, where the cashier's token goes",
        ));
    }
    Ok(())
}
