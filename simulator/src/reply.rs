//! Replies in JSON, and those that say what is wrong: `{"error": …}`.

use axum::Json;
use axum::body::to_bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The content type of what axum itself refuses.
const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What a handler answers: a value in JSON, or what is wrong.
pub(crate) type Reply<T = Value> = Result<Json<T>, ErrorReply>;

/// The error of a handler, which is a reply.
#[derive(Debug)]
pub(crate) struct ErrorReply {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl ErrorReply {
    /// Makes the reply with nothing but its sentence.
    pub(crate) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        let body = json!({ "error": error.into() });
        Self { status, body }
    }

    /// Makes a 404.
    pub(crate) fn not_found(error: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// Makes a 422.
    pub(crate) fn unprocessable(error: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error)
    }
}

impl From<worker::Error> for ErrorReply {
    fn from(error: worker::Error) -> Self {
        // The message of an error of SQLite or of the platform: it holds no personal data.
        worker::console_error!("the simulator failed: {error}");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "the simulator failed; its log says why")
    }
}

impl IntoResponse for ErrorReply {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// Writes in JSON what axum refuses by a sentence alone, such as a body that is not UTF-8 or a query with one name twice.
pub(crate) async fn rejections_in_json(reply: Response) -> Response {
    let is_sentence = reply.headers().get(header::CONTENT_TYPE) == Some(&PLAIN_TEXT);
    if !reply.status().is_client_error() || !is_sentence {
        return reply;
    }
    let (parts, body) = reply.into_parts();
    let sentence = to_bytes(body, usize::MAX).await.unwrap_or_default();
    ErrorReply::new(parts.status, String::from_utf8_lossy(&sentence)).into_response()
}

/// Answers where nothing is.
pub(crate) async fn not_found() -> ErrorReply {
    ErrorReply::not_found("nothing is here")
}

/// Answers a method that an address does not have; axum adds `Allow`.
pub(crate) async fn wrong_method() -> ErrorReply {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    ErrorReply::new(status, "this address takes another method")
}
