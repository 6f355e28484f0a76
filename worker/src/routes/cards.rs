//! `POST /v1/card-payments`: a card from the merchant's own form, off unless `CARD_PAYMENTS` says `enabled`.
//!
//! The card passes through this Worker and the payment's object to the gateway. It is checked by the core and written down nowhere; still, who switches this on puts the
//! Worker, the page with the form and the merchant into the scope of PCI DSS (worker/README.md).

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::App;
use super::extract::{RequestId, WholeBody};
use super::opening::{client_address, open_at_object, ticket};
use crate::card::CardDetails;
use crate::clock;
use crate::problem::{Code, Problem};
use crate::ticket::launch::Launch;

const TAKES: &str = "Send application/json: {\"card_details\": {\"holder_name\", \"card_number\", \"cvc\", \"exp_month\", \"exp_year\"}}; everything else stands in the ticket.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    card_details: CardDetails,
}

/// Pays by card.
///
/// 1. Say so where it is switched off.
/// 2. Slow down whoever asks too often, and verify the ticket.
/// 3. Take the card, and nothing else, from the body.
/// 4. Validate the card and what the ticket asks for; every violation is named, no value is shown.
/// 5. Let the payment's object send it, once. After a declined card the same ticket may pay by another one.
#[worker::send]
pub(super) async fn pay(
    State(app): State<App>,
    RequestId(request_id): RequestId,
    headers: HeaderMap,
    body: WholeBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    // (1)
    if !app.config.card_payments {
        let detail = "Set CARD_PAYMENTS to \"enabled\" to switch them on: cards then pass through this Worker, which puts it within the scope of PCI DSS.";
        return Err(Problem::new(Code::CardPaymentsDisabled, detail));
    }
    // (2)
    let claims = ticket(&app, &headers, &request_id).await?;
    // (3)
    let card_details = card(&headers, &body)?;
    // (4)
    let launch = Launch::card(&claims, &card_details, &app.config.gateway, clock::today())?;
    // (5)
    open_at_object(
        &app,
        launch,
        Some(card_details),
        client_address(&headers),
        request_id,
    )
    .await
}

fn card(headers: &HeaderMap, body: &WholeBody) -> Result<CardDetails, Problem> {
    let body = serde_json::from_slice::<Body>(body.json(headers)?);
    // The parser's own words could quote what was sent.
    let body = body.map_err(|_| Problem::new(Code::InvalidBody, TAKES))?;
    Ok(body.card_details)
}
