//! `POST /v1/deliveries/{id}/replay`: messages to the merchant that are to be sent again.

use axum::extract::State;
use http::StatusCode;

use super::App;
use super::extract::{Path, RequestId};
use super::merchant::Merchant;
use crate::payment::message::{Command, Replay};
use crate::payment::{self, Told, notice};
use crate::problem::{Code, Problem};

/// Puts a message back into its payment's outbox, under the same id, whatever became of it before.
#[worker::send]
pub(super) async fn replay(
    _: Merchant,
    State(app): State<App>,
    RequestId(request_id): RequestId,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let tracking_id = notice::tracking_id(&id)
        .ok_or_else(|| Problem::new(Code::DeliveryNotFound, "The id is the webhook-id of a message."))?;
    let command = Command::Replay(Replay { id });
    let replayed: Told<()> = payment::tell(&app.env, &tracking_id, &command, &request_id).await;
    replayed.map_err(|_| Problem::internal())??;
    Ok(StatusCode::ACCEPTED)
}
