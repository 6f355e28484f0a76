//! The shop's endpoint for the Worker's deliveries, and what has arrived there.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};

use super::session::SignedIn;
use crate::clock;
use crate::config::ShopConfig;
use crate::query::OfPayment;
use crate::reply::{ErrorReply, Reply};
use crate::store::{Delivery, Store};

/// A message, as the Worker writes it; what this shop does not use is left out.
#[derive(Deserialize)]
struct Message {
    r#type: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    tracking_id: String,
    transaction_id: String,
    status: String,
    state: String,
    amount: String,
    currency: String,
}

/// Answers `POST /shop/webhooks`, as every merchant's endpoint should: 1. verifies the signature; 2. reads the message; 3. fails,
/// if it was asked to; 4. takes the message unless it has been taken before; 5. answers 2xx once it is kept.
pub(crate) async fn receive(
    State(store): State<Store>,
    State(shop): State<ShopConfig>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ErrorReply> {
    // (1)
    let secret = shop.delivery_secret.as_deref().ok_or_else(|| {
        let error =
            "SHOP_DELIVERY_SECRET is missing: set it to the Worker's DELIVERY_SECRET to take its deliveries";
        ErrorReply::new(StatusCode::SERVICE_UNAVAILABLE, error)
    })?;
    let refused = |error: &str| ErrorReply::new(StatusCode::UNAUTHORIZED, error);
    let webhook = Webhook::new(secret).map_err(|error| refused(&error.to_string()))?;
    webhook
        .verify(&body, &headers)
        .map_err(|error| refused(&error.to_string()))?;
    // (2)
    let id = headers.get(HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok());
    let Message { r#type, data } =
        serde_json::from_slice(&body).map_err(|error| ErrorReply::unprocessable(error.to_string()))?;
    let now = clock::now();
    let id = id.unwrap_or_default();
    let mut delivery = store.delivery(id)?.unwrap_or_else(|| Delivery {
        id: id.to_owned(),
        r#type,
        tracking_id: data.tracking_id,
        transaction_id: data.transaction_id,
        status: data.status,
        state: data.state,
        amount: data.amount,
        currency: data.currency,
        first_at: now,
        accepted_at: None,
        tries: 0,
        refused: 0,
    });
    // (3)
    let fails = store.endpoint_fails()? && delivery.tries % 2 == 0;
    delivery.tries += 1;
    if fails {
        delivery.refused += 1;
        store.keep_delivery(&delivery)?;
        let error = "this endpoint fails at every second try, as it was asked to";
        return Err(ErrorReply::new(StatusCode::SERVICE_UNAVAILABLE, error));
    }
    // (4)
    delivery.accepted_at.get_or_insert(now);
    store.keep_delivery(&delivery)?;
    // (5)
    Ok(StatusCode::NO_CONTENT)
}

/// Answers `GET /shop/deliveries`.
pub(crate) async fn list(
    _: SignedIn,
    State(store): State<Store>,
    Query(of): Query<OfPayment>,
) -> Reply<Vec<Delivery>> {
    Ok(Json(store.deliveries(of.tracking_id.as_deref())?))
}
