//! `GET /v1/exceptions` and `POST /v1/exceptions/{id}/resolve`: what a person has to look at besides deliveries, and saying that it was dealt with.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;
use super::extract::{Path, Query, RequestId};
use super::merchant::Merchant;
use super::page::{Page, failed, index, page};
use crate::index::{Kind, Row};
use crate::problem::{Code, Problem};

/// Which exceptions, and which part of the list.
#[derive(Deserialize)]
pub(super) struct Asked {
    kind: Option<Asking>,
    cursor: Option<i64>,
    limit: Option<NonZeroU32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asking {
    Conflict,
    Missed,
    Mismatch,
}

impl From<Asking> for Kind {
    fn from(kind: Asking) -> Self {
        match kind {
            Asking::Conflict => Kind::Conflict,
            Asking::Missed => Kind::Missed,
            Asking::Mismatch => Kind::Mismatch,
        }
    }
}

/// An exception as the merchant's backend sees it.
#[derive(Serialize)]
pub(super) struct Entry {
    id: String,
    kind: Kind,
    tracking_id: Option<String>,
    transaction_id: Option<String>,
    at: String,
    detail: Value,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            detail: row.detail(),
            id: row.id,
            kind: row.kind,
            tracking_id: row.tracking_id,
            transaction_id: row.transaction_id,
            at: row.at,
        }
    }
}

/// Lists the open exceptions, the oldest first.
#[worker::send]
pub(super) async fn list(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<Entry>>, Problem> {
    const ALL: [Kind; 3] = [Kind::Conflict, Kind::Missed, Kind::Mismatch];
    let kind = asked.kind.map(Kind::from);
    let kinds = kind.as_ref().map_or(&ALL[..], std::slice::from_ref);
    page(&app.env, &request_id, kinds, asked.cursor, asked.limit).await
}

/// Takes an entry off the lists, also one of deliveries. It comes back if its cause says something else.
#[worker::send]
pub(super) async fn resolve(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let index = index(&app.env, &request_id).await?;
    let found = index
        .dismiss(&id)
        .await
        .map_err(|error| failed(&request_id, &error))?;
    if !found {
        let detail = "No exception has this id: take it from GET /v1/exceptions or GET /v1/deliveries.";
        return Err(Problem::new(Code::ExceptionNotFound, detail));
    }
    Ok(StatusCode::NO_CONTENT)
}
