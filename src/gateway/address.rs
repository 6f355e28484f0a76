//! Which URLs may carry a secret, and how an id or a token is put into one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::read::violation::Violation;

/// Where the token goes in the cashier's address.
pub(crate) const TOKEN: &str = "{token}";

/// All but RFC 3986's "unreserved", which means the same in every part of a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes whatever could mean something in a URL.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// What stands before the first of some characters; the whole text if there is none.
fn before<'t>(text: &'t str, stops: &[char]) -> &'t str {
    text.split(stops).next().unwrap_or(text)
}

/// The parts of a URL that matter here. Stricter than the crate `http`, whose parser would be 6 KB of wasm: what is taken here, it takes too.
struct Parts<'u> {
    scheme: &'u str,
    host: &'u str,
    port: Option<u16>,
    credentials: bool,
    path: &'u str,
    has_query: bool,
}

impl Parts<'_> {
    /// Scheme, host and port, each in one form.
    fn origin(&self) -> (bool, String, u16) {
        let https = self.scheme.eq_ignore_ascii_case("https");
        let host = self.host.trim_end_matches('.').to_ascii_lowercase();
        (https, host, self.port.unwrap_or(if https { 443 } else { 80 }))
    }
}

/// `None` for what no URL can be.
fn split(url: &str) -> Option<Parts<'_>> {
    // As RFC 3986 has it, and the characters beside it that the crate `http` lets pass in a path.
    let legal = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '^' | '`' | '\\');
    if !url.chars().all(legal) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let alphanumeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if scheme.is_empty() || !alphanumeric(scheme) {
        return None;
    }
    let authority = before(rest, &['/', '?', '#']);
    let path = rest.get(authority.len()..)?;
    let (user, server) = match authority.bytes().rposition(|byte| byte == b'@') {
        Some(at) => (Some(authority.get(..at)?), authority.get(at + 1..)?),
        None => (None, authority),
    };
    if user.is_some_and(|user| !alphanumeric(&user.replace(':', ""))) {
        return None;
    }
    let end = if server.starts_with('[') {
        server.find(']')? + 1
    } else {
        before(server, &[':']).len()
    };
    let (host, port) = server.split_at_checked(end)?;
    let name = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let known = match name {
        Some(address) => address
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')),
        None => host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')),
    };
    // Digits alone: the standard library takes a `+` before them too.
    let number = port
        .strip_prefix(':')
        .filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|port| port.parse().ok());
    if !known || host.is_empty() || port.is_empty() != number.is_none() {
        return None;
    }
    let before_fragment = before(path, &['#']);
    let path = before(before_fragment, &['?']);
    Some(Parts {
        scheme,
        host,
        port: number,
        credentials: user.is_some(),
        path,
        has_query: path.len() < before_fragment.len(),
    })
}

/// Whether a URL may carry a secret: https, or http on this machine. Gives the URL's parts.
fn check_url(url: &str) -> Result<Parts<'_>, Violation> {
    let wrong = |code, message: &'static str| Err(Violation::new(code, message));
    let Some(parts) = split(url) else {
        return wrong(
            "format",
            "not a whole URL; give one such as https://gateway.example/api, with https:// and a host",
        );
    };
    if parts.credentials {
        return wrong(
            "credentials",
            "has a user name or password; leave it out, the API key is a setting of its own",
        );
    }
    let local = matches!(parts.host, "localhost" | "127.0.0.1" | "[::1]");
    let is = |scheme: &str| parts.scheme.eq_ignore_ascii_case(scheme);
    let secure = is("https") || (local && is("http"));
    if !secure {
        return wrong(
            "insecure",
            "must be https: the API key and payments go over it (http is accepted for localhost alone)",
        );
    }
    Ok(parts)
}

/// Why a user cannot be sent to `url` to pay, if it is none that a provider's page has: https, and not on the gateway's own origin.
pub(crate) fn no_page(url: &str, base_url: &str) -> Option<&'static str> {
    let (Ok(page), Ok(base)) = (check_url(url), check_url(base_url)) else {
        return Some("the redirect names no https address of a provider's page");
    };
    (page.origin() == base.origin()).then_some(
        "the redirect stays on the gateway's own address, so it is no provider's page: check the base URL and the route",
    )
}

pub(crate) fn check_base_url(url: &str) -> Result<(), Violation> {
    let parts = check_url(url)?;
    if url.contains('#') || parts.has_query {
        return Err(Violation::new(
            "format",
            "has a query or a fragment; give the address that the routes are appended to",
        ));
    }
    let leads_on = |part: &str| part != "." && part != "..";
    if parts.path.contains(['{', '}']) || !parts.path.split('/').all(leads_on) {
        return Err(Violation::new(
            "format",
            "has braces or a `..`; give the plain address",
        ));
    }
    Ok(())
}

pub(crate) fn check_cashier_url(template: &str) -> Result<(), Violation> {
    check_url(&template.replace(TOKEN, "token"))?;
    let host = template
        .split_once("://")
        .map(|(_, rest)| before(rest, &['/', '?', '#']));
    if host.is_none_or(|host| host.contains(TOKEN)) {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The crate `http` is the judge: it takes whatever is taken here, and finds the same parts.
        #[test]
        fn what_is_taken_is_a_url(url in "(https?|HTTP|ftp)?(://)?(u:p@|@)?(localhost|\\[::1\\]|[a-z0-9.:_%\\-]{0,9}|é)(:[0-9]{0,6})?[/?#]?[ -~]{0,12}é?") {
            if let Some(parts) = split(&url) {
                let uri: http::Uri = url.parse().map_err(|_| TestCaseError::fail(format!("{url} is taken")))?;
                prop_assert!(uri.scheme_str().unwrap().eq_ignore_ascii_case(parts.scheme));
                prop_assert_eq!(uri.host().unwrap(), parts.host);
                prop_assert_eq!(uri.query().is_some(), parts.has_query);
                prop_assert_eq!(uri.path().trim_start_matches('/'), parts.path.trim_start_matches('/'));
                prop_assert_eq!(uri.authority().unwrap().as_str().contains('@'), parts.credentials);
            }
        }
    }
}
