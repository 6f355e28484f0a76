//! What the buttons of the control page do.

use axum::extract::{Form, State};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::refused;
use super::scenarios::apply;
use crate::clock;
use crate::reply::ErrorReply;
use crate::webhook::{Event, Outbox};

/// The buttons that set a fault: its name here, what it is called, and the settings that it sets. One button, one line.
#[rustfmt::skip]
pub(super) const FAULTS: [(&str, &str, &str); 11] = [
    ("none", "All is well", r#"{"fault":null,"webhook_fault":null}"#),
    ("500", "API: 500 once", r#"{"fault":{"kind":"status","status":500,"times":1}}"#),
    ("429", "API: 429 once, Retry-After 1", r#"{"fault":{"kind":"status","status":429,"retry_after":1,"times":1}}"#),
    ("html", "API: HTML", r#"{"fault":{"kind":"html"}}"#),
    ("hang", "API: never ends", r#"{"fault":{"kind":"hang"}}"#),
    ("cut", "API: cut off", r#"{"fault":{"kind":"cut"}}"#),
    ("duplicate", "Webhooks: three of each", r#"{"webhook_fault":{"duplicate":2}}"#),
    ("reorder", "Webhooks: out of order", r#"{"webhook_fault":{"reorder":2}}"#),
    ("late", "Webhooks: 5 s late", r#"{"webhook_fault":{"delay_ms":5000}}"#),
    ("password", "Webhooks: wrong password", r#"{"webhook_fault":{"wrong_password":true}}"#),
    ("float", "Webhooks: amount as 200.00", r#"{"webhook_fault":{"wire":"float"}}"#),
];

/// What a button is about: a fault, a scenario, a transaction or a webhook.
#[derive(Deserialize)]
pub(crate) struct Button {
    action: String,
    #[serde(default)]
    of: String,
}

/// Writes a button.
pub(super) fn button(action: &str, of: &str, label: &str) -> Markup {
    html! {
        form method="post" action="/control/act" {
            input type="hidden" name="of" value=(of);
            button type="submit" name="action" value=(action) { (label) }
        }
    }
}

/// Answers `POST /control/act`: does what a button says, and sends the browser back to the page.
#[worker::send]
pub(crate) async fn act(
    State(outbox): State<Outbox>,
    Form(Button { action, of }): Form<Button>,
) -> Result<Redirect, ErrorReply> {
    let store = &outbox.store;
    let back = match action.as_str() {
        "reset" => {
            outbox.reset().await?;
            "/control?done=reset"
        }
        "fault" => {
            let fault = FAULTS.into_iter().find(|(name, ..)| *name == of);
            let (.., patch) = fault.ok_or_else(|| ErrorReply::not_found("no button sets this fault"))?;
            let patch = serde_json::from_str(patch).map_err(worker::Error::from)?;
            let settings = store.settings()?.patched(&patch, store.config());
            store.set_settings(&settings.map_err(refused)?)?;
            "/control?done=fault"
        }
        "scenario" => {
            apply(store, &of)?;
            return Ok(Redirect::to(&format!("/control?applied={of}#scenarios")));
        }
        "successful" | "rejected" | "again" => {
            let found = store.transaction_by_gateway_id(&of)?;
            let mut transaction = found.ok_or_else(|| ErrorReply::not_found("no transaction has this id"))?;
            if action != "again" && !transaction.status.is_final() {
                transaction.report(action.into());
                store.update_transaction(&transaction, clock::now())?;
            }
            outbox.queue(&[Event::of(&transaction)]).await?;
            "/control?done=sent#webhooks"
        }
        "release" => {
            outbox.send_held().await?;
            "/control?done=released#webhooks"
        }
        "resend" => {
            let id: Option<i64> = of.parse().ok();
            let found = id.map(|id| store.webhook(id)).transpose()?.flatten();
            let webhook = found.ok_or_else(|| ErrorReply::not_found("no webhook has this id"))?;
            outbox.queue(&[Event::read(&webhook.body)?]).await?;
            "/control?done=sent#webhooks"
        }
        _ => return Err(ErrorReply::unprocessable("action: no button has this name")),
    };
    Ok(Redirect::to(back))
}
