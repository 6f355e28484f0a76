//! The faults of replies that were asked for.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use edge_cashier::OperationName;

use crate::fault::{Fault, FaultKind, may_have_body};
use crate::reply::ErrorReply;
use crate::store::Store;
use crate::transport;

const JSON: &str = "application/json";
const BAD_GATEWAY: &str = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>";

/// Carries the operation out, unless the fault prevents it, and returns the faulty reply. The kind of the fault is in the
/// response's extensions, for the record.
pub(super) async fn inject_fault(
    State((store, operation)): State<(Store, OperationName)>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorReply> {
    let Some(fault) = store.take_fault(operation)? else {
        return Ok(next.run(request).await);
    };
    let reply = if fault.is_executed() {
        next.run(request).await
    } else {
        ErrorReply::new(StatusCode::INTERNAL_SERVER_ERROR, "simulated fault").into_response()
    };
    Ok(with_fault(reply, &fault))
}

fn with_fault(reply: Response, fault: &Fault) -> Response {
    let text = |status: StatusCode, kind: &'static str, usual: &str| {
        let body = fault.body.clone().unwrap_or_else(|| usual.to_owned());
        (status, [(header::CONTENT_TYPE, kind)], body).into_response()
    };
    let mut reply = match fault.kind {
        FaultKind::Status => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            JSON,
            r#"{"error":"simulated fault"}"#,
        ),
        FaultKind::Html => text(StatusCode::BAD_GATEWAY, "text/html; charset=utf-8", BAD_GATEWAY),
        FaultKind::Empty => [(header::CONTENT_TYPE, JSON)].into_response(),
        FaultKind::Slow | FaultKind::Hang | FaultKind::Cut => reply,
    };
    if let Some(status) = fault.status() {
        *reply.status_mut() = status;
    }
    if !may_have_body(reply.status()) {
        *reply.body_mut() = Body::empty();
    }
    if let Some(value) = fault.retry_after_header() {
        reply.headers_mut().insert(header::RETRY_AFTER, value);
    }
    transport::leave_with(&mut reply, fault.kind, fault.delay_ms);
    reply.extensions_mut().insert(fault.kind);
    reply
}
