//! `GET /v1/deliveries`, `GET /v1/deliveries/{id}` and `POST /v1/deliveries/{id}/replay`: messages to the merchant that were not delivered, the record of one, and
//! sending one again.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;
use super::extract::{Path, Query, RequestId};
use super::merchant::Merchant;
use super::page::{Page, page};
use crate::index::{Kind, Row};
use crate::payment::message::{Command, DeliveryRecord, FindDelivery, Replay};
use crate::payment::{self, notice};
use crate::problem::{Code, Problem};

/// Which messages, and which part of the list.
#[derive(Deserialize)]
pub(super) struct Asked {
    state: Option<DeliveryState>,
    cursor: Option<i64>,
    limit: Option<NonZeroU32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DeliveryState {
    Retrying,
    Parked,
    Withheld,
}

impl From<DeliveryState> for Kind {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Retrying => Kind::Retrying,
            DeliveryState::Parked => Kind::Parked,
            DeliveryState::Withheld => Kind::Withheld,
        }
    }
}

/// A message that was not delivered.
#[derive(Serialize)]
pub(super) struct Undelivered {
    id: String,
    state: Kind,
    tracking_id: Option<String>,
    transaction_id: Option<String>,
    at: String,
    last_answer: Value,
}

impl From<Row> for Undelivered {
    fn from(row: Row) -> Self {
        let mut detail = row.detail();
        Self {
            id: row.id,
            state: row.kind,
            tracking_id: row.tracking_id,
            transaction_id: row.transaction_id,
            at: row.at,
            last_answer: detail.get_mut("last_answer").map(Value::take).unwrap_or_default(),
        }
    }
}

/// Lists the messages that were not delivered, the oldest first.
#[worker::send]
pub(super) async fn list(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<Undelivered>>, Problem> {
    const ALL: [Kind; 3] = [Kind::Retrying, Kind::Parked, Kind::Withheld];
    let state = asked.state.map(Kind::from);
    let kinds = state.as_ref().map_or(&ALL[..], std::slice::from_ref);
    page(&app.env, &request_id, kinds, asked.cursor, asked.limit).await
}

/// The record of one message, from its payment.
#[worker::send]
pub(super) async fn read(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
) -> Result<Json<DeliveryRecord>, Problem> {
    let tracking_id = tracking_id(&id)?;
    let command = Command::Delivery(FindDelivery { id });
    let found = payment::call(&app.env, &tracking_id, &command, &request_id).await?;
    Ok(Json(found))
}

/// Puts a message back into its payment's outbox, under the same id, whatever became of it before.
#[worker::send]
pub(super) async fn replay(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let tracking_id = tracking_id(&id)?;
    let command = Command::Replay(Replay { id });
    payment::call::<()>(&app.env, &tracking_id, &command, &request_id).await?;
    Ok(StatusCode::ACCEPTED)
}

fn tracking_id(id: &str) -> Result<String, Problem> {
    notice::tracking_id(id)
        .ok_or_else(|| Problem::new(Code::DeliveryNotFound, "The id is the webhook-id of a message."))
}
