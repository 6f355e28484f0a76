//! The control page: a window into the simulator, without a script.

use edge_cashier::TransactionStatus;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::buttons::FAULTS;
use crate::clock;
use crate::settings::Settings;
use crate::store::{ApiRequest, Stage, Store, Transaction, Webhook, WebhookState};

/// The most rows of each table; the API has all of them.
const MOST_ROWS: usize = 50;

/// Returns the page.
pub(super) fn control(store: &Store) -> worker::Result<Markup> {
    let settings = store.settings()?;
    let transactions = newest(store.transactions(None)?);
    let webhooks = newest(store.webhooks(None)?);
    let requests = newest(store.requests(None)?);
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Simulated gateway" }
                link rel="stylesheet" href="/assets/control.css";
            }
            body {
                header {
                    h1 { "Simulated gateway" }
                    p { "What the merchant sent, what was sent to the merchant, and what shall go wrong." }
                    div.buttons {
                        a.button href="/control" { "Refresh" }
                        (button("reset", "", "Forget everything"))
                    }
                }
                main {
                    section aria-labelledby="faults" {
                        h2 id="faults" { "Faults" }
                        (current_faults(&settings))
                        div.buttons {
                            @for (name, label, _) in FAULTS { (button("fault", name, label)) }
                        }
                    }
                    (table("Transactions", &["Tracking id", "Transaction", "Amount", "Status", "Stage", "Then"],
                        &transactions, transaction))
                    (table("Webhooks", &["At", "Tracking id", "Says", "State", "Attempts", "Last answer", "Body and signature"],
                        &webhooks, webhook))
                    (table("Requests of the API", &["At", "Operation", "Tracking id", "Answered", "Fault", "Body"],
                        &requests, request))
                    section aria-labelledby="settings" {
                        h2 id="settings" { "Settings" }
                        p { "Change them with " code { "PUT /control/settings" } "." }
                        pre { (shown(&settings)?) }
                    }
                }
            }
        }
    })
}

fn newest<T>(mut rows: Vec<T>) -> Vec<T> {
    rows.reverse();
    rows.truncate(MOST_ROWS);
    rows
}

fn button(action: &str, of: &str, label: &str) -> Markup {
    html! {
        form method="post" action="/control/act" {
            input type="hidden" name="of" value=(of);
            button type="submit" name="action" value=(action) { (label) }
        }
    }
}

/// Writes the settings without what signs and what opens: a page is shown to more people than an API.
fn shown(settings: &Settings) -> worker::Result<String> {
    let mut settings = settings.clone();
    settings.webhook_password = "[REDACTED]".to_owned();
    settings.api_keys = vec!["[REDACTED]".to_owned(); settings.api_keys.len()];
    Ok(serde_json::to_string_pretty(&settings)?)
}

fn current_faults(settings: &Settings) -> Markup {
    let json =
        |value: Result<Value, serde_json::Error>| value.map(|value| value.to_string()).unwrap_or_default();
    html! {
        @if settings.fault.is_none() && settings.webhook_fault.is_none() { p { "All is well." } }
        @if let Some(fault) = &settings.fault {
            p.warning { "API replies: " code { (json(serde_json::to_value(fault))) } }
        }
        @if let Some(fault) = &settings.webhook_fault {
            p.warning { "Webhooks: " code { (json(serde_json::to_value(fault))) } }
        }
    }
}

fn table<T>(title: &str, columns: &[&str], rows: &[T], row: impl Fn(&T) -> Markup) -> Markup {
    html! {
        section {
            h2 { (title) }
            @if rows.is_empty() { p { "None yet." } } @else {
                div.scroll tabindex="0" role="region" aria-label=(title) {
                    table {
                        thead { tr { @for column in columns { th scope="col" { (column) } } } }
                        tbody { @for one in rows { tr { (row(one)) } } }
                    }
                }
            }
        }
    }
}

fn status(status: &str) -> Markup {
    let kind = match TransactionStatus::from(status) {
        TransactionStatus::Successful => "good",
        TransactionStatus::Rejected => "bad",
        _ => "open",
    };
    html! { span class=(kind) { (status) } }
}

fn transaction(row: &Transaction) -> Markup {
    let stage = match row.stage {
        Stage::Opened => "opened",
        Stage::Submitted => "at the provider",
        Stage::AwaitingMerchant => "waits for the merchant",
        Stage::Settled => "settled",
    };
    html! {
        td { code { (row.tracking_id) } }
        td { (row.transaction_type) " " code { (row.transaction_id) } }
        td.number { (row.amount) " " (row.currency) }
        td { (status(&row.status)) @if let Some(reason) = &row.rejected_reason { br; small { (reason) } } }
        td { (stage) }
        td {
            div.buttons {
                @if row.stage != Stage::Settled {
                    (button("successful", &row.transaction_id, "Settle"))
                    (button("rejected", &row.transaction_id, "Reject"))
                }
                (button("again", &row.transaction_id, "Send webhook again"))
            }
        }
    }
}

fn webhook(row: &Webhook) -> Markup {
    let (kind, state) = match row.state {
        WebhookState::Queued => ("open", "queued"),
        WebhookState::Held => ("open", "held"),
        WebhookState::Delivered => ("good", "delivered"),
        WebhookState::Failed => ("bad", "failed"),
        WebhookState::Dropped => ("bad", "dropped"),
    };
    html! {
        td { (clock::time_of_day(row.created_at)) }
        td { code { (row.tracking_id) } }
        td { (status(&row.status)) }
        td { span class=(kind) { (state) } }
        td.number { (row.attempts) }
        td {
            @if let Some(status) = row.last_status { (status) }
            @if let Some(error) = &row.last_error { small { (error) } }
        }
        td { details { summary { "Show" } pre { (row.body) } pre { "x-signature: " (row.signature) } } }
    }
}

fn request(row: &ApiRequest) -> Markup {
    html! {
        td { (clock::time_of_day(row.at)) }
        td { (row.operation) br; small { (row.method) " " (row.path) } }
        td { @if let Some(id) = &row.tracking_id { code { (id) } } }
        td.number { span class=(if row.status < 300 { "good" } else { "bad" }) { (row.status) } }
        td { @if let Some(fault) = &row.fault { (fault) } }
        td { @if !row.body.is_empty() { details { summary { "Show" } pre { (row.body) } } } }
    }
}
