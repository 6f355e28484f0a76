//! Which URLs may carry a secret, and how an id or a token is put into one. URLs are read by the crate `http`.

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::read::violation::Violation;

/// Where the token goes in the cashier's address.
const TOKEN: &str = "{token}";

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

/// The cashier's address for a token.
pub(crate) fn fill(template: &str, token: &str) -> String {
    template.replace(TOKEN, &encode(token))
}

/// The gateway's address, to which routes are appended: checked, without a slash at its end.
#[derive(Clone)]
pub(crate) struct Base {
    text: String,
    uri: Uri,
    allow_insecure: bool,
}

impl Base {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// Reads a URL that may carry a secret: https, or http where that is allowed.
fn secure(url: &str, allow_insecure: bool) -> Result<Uri, Violation> {
    let uri = url.parse::<Uri>().ok().filter(|uri| {
        // RFC 3986 has ASCII alone.
        let whole = uri.scheme().is_some() && uri.host().is_some_and(|host| !host.is_empty());
        whole && url.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let Some(uri) = uri else {
        return Err(Violation::new(
            "format",
            "not a whole URL; give one such as https://gateway.example/api, with https:// and a host",
        ));
    };
    if uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
    {
        return Err(Violation::new(
            "credentials",
            "has a user name or password; leave it out, the API key is a setting of its own",
        ));
    }
    let local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if local || allow_insecure => Ok(uri),
        _ => Err(Violation::new(
            "insecure",
            "must be https: the API key and payments go over it (http is accepted for localhost; for another host in development set the option allowInsecure, in Rust allow_insecure, in a Worker ALLOW_INSECURE)",
        )),
    }
}

/// Checks a URL that payments are reported to: https, or http for this machine and where `allow_insecure` allows it; without credentials.
///
/// # Errors
///
/// The violation, with the remedy.
pub fn check_url(url: &str, allow_insecure: bool) -> Result<(), Violation> {
    secure(url, allow_insecure).map(drop)
}

/// What is said where [`leads_away`].
pub(crate) const LEADS_AWAY: &str =
    "has a `.` or `..` between slashes, by which it would lead elsewhere; give the plain path";

/// Whether a part of a path is `.` or `..`, percent-encoded too: whoever parses the URL takes it for a step to another folder.
pub(crate) fn leads_away(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/')
        .map(|part| part.replace("%2e", ".").replace("%2E", "."))
        .any(|part| part == "." || part == "..")
}

/// Reads the gateway's address.
pub(crate) fn check_base_url(url: &str, allow_insecure: bool) -> Result<Base, Violation> {
    let uri = secure(url, allow_insecure)?;
    if url.contains(['?', '#']) {
        return Err(Violation::new(
            "format",
            "has a query or a fragment; give the address that the routes are appended to",
        ));
    }
    if leads_away(uri.path()) {
        return Err(Violation::new("format", LEADS_AWAY));
    }
    if url.contains(['{', '}']) {
        return Err(Violation::new("format", "has braces; give the plain address"));
    }
    Ok(Base {
        text: url.trim_end_matches('/').to_owned(),
        uri,
        allow_insecure,
    })
}

/// Checks the template of the cashier's address.
pub(crate) fn check_cashier_url(template: &str, allow_insecure: bool) -> Result<(), Violation> {
    let wrong = |message| Err(Violation::new("format", message));
    // In the host, where no token belongs, a second name shows itself.
    let [one, other] = ["a", "b"].map(|token| secure(&template.replace(TOKEN, token), allow_insecure));
    let (one, other) = (one?, other?);
    if one.authority() != other.authority() {
        return wrong("the token must not be part of the host");
    }
    if template.matches(TOKEN).count() != 1 {
        return wrong("needs `{token}` once, where the cashier's token goes");
    }
    if template.contains("${token}") {
        return wrong(
            "has `${token}`, which is not filled in there; write `{token}` without the dollar sign",
        );
    }
    if template.replace(TOKEN, "").contains(['{', '}']) {
        return wrong("has other braces than those of `{token}`; no other name is filled in");
    }
    Ok(())
}

/// Reads the address of a page that a user is sent to.
fn page(url: &str, base: &Base) -> Option<Uri> {
    // RFC 3986 has ASCII alone, a browser takes more.
    secure(
        &utf8_percent_encode(url, CONTROLS).to_string(),
        base.allow_insecure,
    )
    .ok()
}

/// Whether a user may be sent to the `url` of a reply: https, or http where that is allowed, and no script.
pub(crate) fn is_page(url: &str, base: &Base) -> bool {
    page(url, base).is_some()
}

/// Why a user cannot be sent to where a redirect leads, if that is no provider's page: those have [an address of a page](is_page), and not on the gateway's own origin.
pub(crate) fn no_page(url: &str, base: &Base) -> Option<&'static str> {
    let Some(page) = page(url, base) else {
        return Some("the redirect names no https address of a provider's page");
    };
    (origin(&page) == origin(&base.uri)).then_some(
        "the redirect stays on the gateway's own address, so it is no provider's page: check the base URL and the route",
    )
}

/// Scheme, host and port, each in one form.
fn origin(uri: &Uri) -> (bool, String, u16) {
    let https = uri.scheme_str() == Some("https");
    let host = uri
        .host()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_ascii_lowercase();
    (
        https,
        host,
        uri.port_u16().unwrap_or(if https { 443 } else { 80 }),
    )
}
