//! Keeps other sites' pages from changing anything here. A program sends none of these headers and is let through.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::reply::ErrorReply;

/// Refuses what a page of another origin submits: another port of this machine is another origin, too.
pub(crate) async fn same_site(request: Request, next: Next) -> Result<Response, ErrorReply> {
    if request.method() != Method::GET && is_foreign(request.headers()) {
        let error = "the control API takes no request from another site's page";
        return Err(ErrorReply::new(StatusCode::FORBIDDEN, error));
    }
    Ok(next.run(request).await)
}

/// Tells whether another origin's page sends this. A browser without `Sec-Fetch-Site` (also every browser, at an address that
/// is neither this machine's nor https) has `Origin` alone.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    authority.map(|(_, authority)| authority) != text("host")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_foreign;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_the_own_page_and_programs_may_change_anything() {
        let host = ("host", "192.168.1.2:8788");
        for allowed in [
            headers(&[host]),
            headers(&[host, ("sec-fetch-site", "same-origin")]),
            headers(&[host, ("sec-fetch-site", "none")]),
            headers(&[host, ("origin", "http://192.168.1.2:8788")]),
        ] {
            assert!(!is_foreign(&allowed), "{allowed:?}");
        }
        for foreign in [
            headers(&[host, ("sec-fetch-site", "same-site")]),
            headers(&[
                host,
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://192.168.1.2:8788"),
            ]),
            headers(&[host, ("origin", "http://192.168.1.2:8787")]),
            headers(&[host, ("origin", "null")]),
            headers(&[("origin", "http://192.168.1.2:8788")]),
        ] {
            assert!(is_foreign(&foreign), "{foreign:?}");
        }
    }
}
