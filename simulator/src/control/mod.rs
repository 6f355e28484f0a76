//! The control API and its page: what was received and sent, and what shall go wrong. For tests and the demo only.

mod page;
mod resend;

use serde_json::{Map, Value, json};
use worker::{Method, Request, Response, State};

use crate::http::{self, PagePolicy};
use crate::store::Store;
use crate::webhook::Outbox;

/// The page's style sheet.
pub(crate) const STYLE: &str = include_str!("control.css");

/// Answers a request below `/control`.
pub(crate) async fn serve(
    state: &State,
    store: &Store,
    rest: &[&str],
    mut request: Request,
) -> worker::Result<Response> {
    let method = request.method();
    // Pages of other sites may not press the buttons of this one.
    let from_elsewhere = request
        .headers()
        .get("sec-fetch-site")?
        .is_some_and(|site| site == "cross-site");
    if from_elsewhere && method != Method::Get {
        return http::error(403, "the control API takes no request from another site's page");
    }
    let url = request.url()?;
    let tracking_id = url
        .query_pairs()
        .find(|(name, _)| name == "tracking_id")
        .map(|(_, id)| id.into_owned());
    let tracking_id = tracking_id.as_deref();
    let outbox = Outbox::new(state, store);
    match (&method, rest) {
        (Method::Get | Method::Head, [] | [""]) => {
            let policy = PagePolicy {
                frame_ancestors: "'none'",
                form_target: None,
            };
            http::page(200, page::control(store)?, &policy)
        }
        (Method::Get, ["requests"]) => http::json(200, &store.requests(tracking_id)?),
        (Method::Get, ["transactions"]) => http::json(200, &store.transactions(tracking_id)?),
        (Method::Get, ["webhooks"]) => http::json(200, &store.webhooks(tracking_id)?),
        (Method::Post, ["webhooks"]) => {
            let body = request.text().await?;
            match resend::read(&body) {
                Ok(resend) => resend::send(&outbox, store, &resend).await,
                Err(error) => http::error(422, &error),
            }
        }
        (Method::Get, ["settings"]) => http::json(200, &store.settings()?),
        (Method::Put, ["settings"]) => put_settings(store, &request.text().await?),
        (Method::Delete, ["state"]) => {
            store.reset()?;
            state.storage().delete_alarm().await?;
            http::empty(204)
        }
        (Method::Post, ["act"]) => {
            let body = request.text().await?;
            page::act(state, store, &outbox, &body).await?;
            http::see_other("/control")
        }
        (_, [] | ["requests" | "transactions" | "webhooks" | "settings" | "state" | "act"]) => {
            http::error(405, "this address takes another method")
        }
        _ => http::json(
            404,
            &json!({
                "error": "nothing is here",
                "addresses": [
                    "GET /control", "GET /control/requests", "GET /control/transactions", "GET /control/webhooks",
                    "POST /control/webhooks", "GET /control/settings", "PUT /control/settings",
                    "DELETE /control/state"
                ],
            }),
        ),
    }
}

fn put_settings(store: &Store, body: &str) -> worker::Result<Response> {
    let Ok(patch) = serde_json::from_str::<Map<String, Value>>(body) else {
        return http::error(422, "the body must be a JSON object of settings");
    };
    match store.settings()?.patched(&patch, store.config()) {
        Ok(settings) => {
            store.set_settings(&settings)?;
            http::json(200, &settings)
        }
        Err(error) => http::error(422, &error),
    }
}
