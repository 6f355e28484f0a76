//! The Worker's addresses and the methods that each answers to. What is not in this table does not exist.

/// One address. Later rooms (payouts, deliveries) add theirs here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Opens a cashier.
    Sessions,
    /// The state of one payment; the id is decoded.
    Session {
        tracking_id: String,
    },
    Webhooks,
    Health,
    OpenApi,
}

/// An address that the table does not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoSuchRoute;

impl Route {
    /// Finds the address of a URL's path. A slash at the end is another address, which does not exist.
    pub(crate) fn find(path: &str) -> Result<Self, NoSuchRoute> {
        match path {
            SESSIONS => Ok(Route::Sessions),
            WEBHOOKS => Ok(Route::Webhooks),
            HEALTH => Ok(Route::Health),
            OPENAPI => Ok(Route::OpenApi),
            _ => {
                let encoded = path.strip_prefix(SESSION).ok_or(NoSuchRoute)?;
                if encoded.is_empty() || encoded.contains('/') {
                    return Err(NoSuchRoute);
                }
                let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8();
                Ok(Route::Session {
                    tracking_id: decoded.map_err(|_| NoSuchRoute)?.into_owned(),
                })
            }
        }
    }

    /// The methods that the address answers to, as in `Allow`.
    pub(crate) fn methods(&self) -> &'static str {
        match self {
            Route::Sessions => "POST, OPTIONS",
            Route::Session { .. } => "GET, HEAD, OPTIONS",
            Route::Webhooks => "POST",
            Route::Health | Route::OpenApi => "GET, HEAD",
        }
    }

    /// Whether pages of the allowed origins may call the address.
    pub(crate) fn is_for_browsers(&self) -> bool {
        matches!(self, Route::Sessions | Route::Session { .. })
    }

    /// The pattern, for logs: it holds nobody's id.
    pub(crate) fn pattern(&self) -> &'static str {
        match self {
            Route::Sessions => SESSIONS,
            Route::Session { .. } => "/v1/sessions/{tracking_id}",
            Route::Webhooks => WEBHOOKS,
            Route::Health => HEALTH,
            Route::OpenApi => OPENAPI,
        }
    }
}

const SESSIONS: &str = "/v1/sessions";
/// One path segment follows: the tracking id, percent-encoded.
const SESSION: &str = "/v1/sessions/";
const WEBHOOKS: &str = "/v1/webhooks";
const HEALTH: &str = "/healthz";
const OPENAPI: &str = "/openapi.yaml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_found_and_nothing_else_is() {
        assert_eq!(Route::find("/v1/sessions"), Ok(Route::Sessions));
        assert_eq!(Route::find("/v1/webhooks"), Ok(Route::Webhooks));
        assert_eq!(Route::find("/healthz"), Ok(Route::Health));
        assert_eq!(Route::find("/openapi.yaml"), Ok(Route::OpenApi));
        for other in [
            "/",
            "/v1",
            "/v1/sessions/",
            "/v1/sessions/a/b",
            "/v1/webhooks/",
            "/V1/sessions",
            "/healthz/x",
            "",
        ] {
            assert_eq!(Route::find(other), Err(NoSuchRoute), "{other}");
        }
    }

    #[test]
    fn a_tracking_id_is_decoded_once() {
        let id = |path| match Route::find(path) {
            Ok(Route::Session { tracking_id }) => Some(tracking_id),
            _ => None,
        };
        assert_eq!(id("/v1/sessions/fb83-1").as_deref(), Some("fb83-1"));
        assert_eq!(id("/v1/sessions/a%2Fb%2520c").as_deref(), Some("a/b%20c"));
        assert_eq!(id("/v1/sessions/%ff"), None);
    }
}
