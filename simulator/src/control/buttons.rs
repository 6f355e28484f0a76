//! What the buttons of the control page do.

use axum::extract::{Form, State};
use axum::response::Redirect;
use edge_cashier::TransactionStatus;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::resend::set_status;
use crate::reply::ErrorReply;
use crate::webhook::{Event, Outbox};

/// The buttons that set a fault: its name here, what it is called, and the settings that it sets.
pub(super) const FAULTS: [(&str, &str, &str); 11] = [
    ("none", "All is well", r#"{"fault":null,"webhook_fault":null}"#),
    (
        "500",
        "API: 500 once",
        r#"{"fault":{"kind":"status","status":500,"times":1}}"#,
    ),
    (
        "429",
        "API: 429 once, Retry-After 1",
        r#"{"fault":{"kind":"status","status":429,"retry_after":1,"times":1}}"#,
    ),
    ("html", "API: HTML", r#"{"fault":{"kind":"html"}}"#),
    ("hang", "API: never ends", r#"{"fault":{"kind":"hang"}}"#),
    ("cut", "API: cut off", r#"{"fault":{"kind":"cut"}}"#),
    (
        "duplicate",
        "Webhooks: three of each",
        r#"{"webhook_fault":{"duplicate":2}}"#,
    ),
    (
        "reorder",
        "Webhooks: out of order",
        r#"{"webhook_fault":{"reorder":2}}"#,
    ),
    (
        "late",
        "Webhooks: 5 s late",
        r#"{"webhook_fault":{"delay_ms":5000}}"#,
    ),
    (
        "password",
        "Webhooks: wrong password",
        r#"{"webhook_fault":{"wrong_password":true}}"#,
    ),
    (
        "float",
        "Webhooks: amount as 200.00",
        r#"{"webhook_fault":{"wire":"float"}}"#,
    ),
];

/// The button, and what it is about: a fault or a transaction.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Button {
    action: String,
    of: String,
}

/// Answers `POST /control/act`: does what a button says, and nothing if it says nothing that can be done.
#[worker::send]
pub(crate) async fn act(
    State(outbox): State<Outbox>,
    Form(Button { action, of }): Form<Button>,
) -> Result<Redirect, ErrorReply> {
    let store = &outbox.store;
    match action.as_str() {
        "reset" => outbox.reset().await?,
        "fault" => {
            let fault = FAULTS.into_iter().find(|(name, ..)| *name == of);
            let patch: Map<String, Value> = fault
                .and_then(|(.., patch)| serde_json::from_str(patch).ok())
                .unwrap_or_default();
            if let Ok(settings) = store.settings()?.patched(&patch, store.config()) {
                store.set_settings(&settings)?;
            }
        }
        "successful" | "rejected" | "again" => {
            if let Some(mut transaction) = store.transaction_by_gateway_id(&of)? {
                let is_final = TransactionStatus::from(transaction.status.as_str()).is_final();
                if action != "again" && !is_final {
                    set_status(store, &mut transaction, &action)?;
                }
                outbox.queue(&Event::of(&transaction), &store.settings()?).await?;
            }
        }
        _ => {}
    }
    Ok(Redirect::to("/control"))
}
