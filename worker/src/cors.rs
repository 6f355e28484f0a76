//! Which browser pages may read the Worker's answers: the exact origins of `ALLOWED_ORIGINS`, and no others.
//!
//! There are no cookies and therefore no credentials; the ticket in `Authorization` is what counts. An answer depends on `Origin`, so every answer of
//! a public route says `Vary: Origin`, or a cache could give one shop's answer to another. Webhooks come from a server and have no CORS at all.

/// What a page may send besides the simple headers.
const ALLOWED_HEADERS: &str = "authorization, content-type";

/// What a page may read besides the simple headers.
const EXPOSED_HEADERS: &str = "x-request-id, retry-after";

/// How long a browser may remember the answer to a preflight: ten minutes, so that a change of the list is soon seen.
const PREFLIGHT_MAX_AGE_S: &str = "600";

/// The headers that go with every answer of a public route.
pub(crate) fn headers(origin: Option<&str>, allowed: &[String]) -> Vec<(&'static str, String)> {
    let mut headers = vec![("vary", String::from("Origin"))];
    if let Some(origin) = allowed_origin(origin, allowed) {
        headers.push(("access-control-allow-origin", origin.to_owned()));
        headers.push(("access-control-expose-headers", EXPOSED_HEADERS.to_owned()));
    }
    headers
}

/// The headers that answer a preflight. For a page that is not on the list there is nothing that would let it go on.
pub(crate) fn preflight_headers(
    origin: Option<&str>,
    allowed: &[String],
    methods: &str,
) -> Vec<(&'static str, String)> {
    let mut headers = headers(origin, allowed);
    if allowed_origin(origin, allowed).is_some() {
        headers.push(("access-control-allow-methods", methods.to_owned()));
        headers.push(("access-control-allow-headers", ALLOWED_HEADERS.to_owned()));
        headers.push(("access-control-max-age", PREFLIGHT_MAX_AGE_S.to_owned()));
    }
    headers
}

fn allowed_origin<'a>(origin: Option<&'a str>, allowed: &[String]) -> Option<&'a str> {
    origin.filter(|origin| allowed.iter().any(|entry| entry == origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_as_a_whole() {
        let allowed = [String::from("https://shop.example.com")];
        let named = |origin| {
            headers(Some(origin), &allowed)
                .iter()
                .any(|(name, _)| *name == "access-control-allow-origin")
        };
        assert!(named("https://shop.example.com"));
        for other in [
            "null",
            "https://shop.example.com.evil.example",
            "https://shop.example.co",
            "http://shop.example.com",
            "https://shop.example.com:8443",
            "https://SHOP.example.com",
        ] {
            assert!(!named(other), "{other}");
        }
        assert_eq!(headers(None, &allowed), [("vary", String::from("Origin"))]);
    }
}
