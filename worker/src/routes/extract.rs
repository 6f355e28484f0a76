//! What handlers take out of a request, with a problem where it cannot be had.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use edge_cashier::TrackingId;
use futures_util::future::{Either, select};
use http::header::{AUTHORIZATION, AsHeaderName, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use tower_http::request_id;
use worker::Delay;
use worker::send::SendFuture;

use crate::platform::BODY_TIME_LIMIT;
use crate::problem::{Code, Problem};

/// The variables in the route's pattern, decoded.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(super) struct Path<T>(pub(super) T);

impl From<PathRejection> for Problem {
    /// What cannot be decoded is nobody's address.
    fn from(_: PathRejection) -> Self {
        Problem::new(Code::NotFound, "The address is not text in UTF-8.")
    }
}

/// Reads the merchant's id of a payment out of the address.
pub(super) fn tracking_id(text: &str) -> Result<TrackingId, Problem> {
    TrackingId::new(text).map_err(|violation| Problem::invalid_fields(&violation.at("tracking_id").into()))
}

/// The parameters behind the `?`. Others than the known ones are passed over: analytics and proxies add parameters of their own.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(super) struct Query<T>(pub(super) T);

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::new(Code::InvalidQuery, rejection.body_text())
    }
}

/// The id under which a request is found again: in the answer's `x-request-id`, in problems, in the log and beside every record.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    pub(super) fn of(extensions: &http::Extensions) -> Self {
        let id = extensions.get::<request_id::RequestId>();
        let id = id.and_then(|id| id.header_value().to_str().ok());
        Self(id.unwrap_or("none").to_owned())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// A header as text.
pub(super) fn header(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The token of `Authorization: Bearer <token>`; the scheme is case-insensitive (RFC 9110, 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, AUTHORIZATION)?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Tells whether the body says of itself that it is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let media_type = header(headers, CONTENT_TYPE).and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

/// The whole body. One beyond the limit of the route is refused before the handler is called.
#[derive(Debug)]
pub(super) enum WholeBody {
    Read(Bytes),
    /// The connection failed while it was read, or was too slow.
    Broken,
}

impl WholeBody {
    /// The text of a body that says of itself that it is JSON. A body that is empty need not say so.
    pub(super) fn json(&self, headers: &HeaderMap) -> Result<&[u8], Problem> {
        let refused = |detail| Err(Problem::new(Code::InvalidBody, detail));
        match self {
            Self::Broken => refused("The body broke off, or took too long."),
            Self::Read(body) if body.is_empty() || is_json(headers) => Ok(body),
            Self::Read(_) => refused("Send the body with Content-Type: application/json."),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for WholeBody {
    /// The layer that set the limit says which one it is.
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let read = Box::pin(Bytes::from_request(request, state));
        let in_time = SendFuture::new(select(read, Delay::from(BODY_TIME_LIMIT)));
        match in_time.await {
            Either::Left((Ok(body), _)) => Ok(Self::Read(body)),
            Either::Left((Err(error), _))
                if BytesRejection::status(&error) == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Err(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Either::Left((Err(_), _)) | Either::Right(_) => Ok(Self::Broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_token_is_looked_for_in_the_bearer_scheme_only() {
        let bearer = |value: Option<&'static str>| {
            let value = value.map(|value| (AUTHORIZATION, HeaderValue::from_static(value)));
            bearer(&HeaderMap::from_iter(value)).map(str::to_owned)
        };
        for none in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic abc")] {
            assert_eq!(bearer(none), None, "{none:?}");
        }
        for some in ["Bearer a.b", "bearer a.b", " BEARER   a.b "] {
            assert_eq!(bearer(Some(some)).as_deref(), Some("a.b"), "{some}");
        }
    }
}
