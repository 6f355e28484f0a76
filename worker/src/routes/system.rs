//! `GET /healthz` and `GET /openapi.yaml`.

use axum::Json;
use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
}

/// Answers that the Worker runs and its configuration is whole; one that is not answers 503 here as everywhere.
pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Gives the description of every route.
pub(super) async fn openapi() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "application/yaml; charset=utf-8")],
        include_str!("../../openapi.yaml"),
    )
}
