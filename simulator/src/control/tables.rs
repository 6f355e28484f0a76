//! The tables of the control page. On a narrow screen each row is a card, and each cell has its column's name in front.

use edge_cashier::TransactionStatus;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::buttons::button;
use crate::clock;
use crate::store::{Answer, ApiRequest, Stage, Transaction, Webhook, WebhookState};

/// The most rows of each table; the control API has all of them.
const MOST_ROWS: usize = 50;

/// A row: the name of each column, and what stands there.
type Cells = Vec<(&'static str, Markup)>;

/// Writes a table, the newest row first.
fn table<T>(title: &str, mut rows: Vec<T>, cells: impl Fn(&T) -> Cells) -> Markup {
    let count = rows.len();
    rows.reverse();
    rows.truncate(MOST_ROWS);
    let rows: Vec<Cells> = rows.iter().map(cells).collect();
    let Some(first) = rows.first() else {
        return html! { p { "None yet." } };
    };
    html! {
        @if count > MOST_ROWS { p { "The newest " (MOST_ROWS) " of " (count) "." } }
        table aria-label=(title) {
            thead { tr { @for (column, _) in first { th scope="col" { (column) } } } }
            tbody {
                @for row in &rows {
                    tr { @for (column, cell) in row { td data-label=(column) { div { (cell) } } } }
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

pub(super) fn transactions(rows: Vec<Transaction>) -> Markup {
    table("Transactions", rows, |row| {
        let stage = match row.stage {
            Stage::Opened => "opened",
            Stage::Submitted => "at the provider",
            Stage::AwaitingMerchant => "waits for the merchant",
            Stage::Settled => "settled",
        };
        vec![
            ("At", html! { (clock::time_of_day(row.created_at)) }),
            ("Tracking id", html! { code { (row.tracking_id) } }),
            (
                "Transaction",
                html! { (row.transaction_type) " " code { (row.transaction_id) } },
            ),
            (
                "Amount",
                html! { span.number { (row.amount) " " (row.currency) } },
            ),
            (
                "Status",
                html! { (status(row.status.as_str())) @if let Some(reason) = &row.rejected_reason { br; small { (reason) } } },
            ),
            ("Stage", html! { (stage) }),
            (
                "Then",
                html! {
                    div.buttons {
                        @if row.stage != Stage::Settled {
                            (button("successful", &row.transaction_id, "Settle"))
                            (button("rejected", &row.transaction_id, "Reject"))
                        }
                        (button("again", &row.transaction_id, "Send webhook again"))
                    }
                },
            ),
        ]
    })
}

fn answer(answer: &Answer) -> Markup {
    html! {
        @if let Some(status) = answer.status {
            span class=(if (200..300).contains(&status) { "good" } else { "bad" }) { (status) }
        }
        @if let Some(error) = &answer.error { small { (error) } }
    }
}

pub(super) fn webhooks(rows: Vec<Webhook>) -> Markup {
    let is_any_held = rows.iter().any(|row| row.state == WebhookState::Held);
    let rows = table("Webhooks", rows, |row| {
        let (kind, state) = match row.state {
            WebhookState::Queued => ("open", "queued"),
            WebhookState::Held => ("open", "held"),
            WebhookState::Delivered => ("good", "delivered"),
            WebhookState::Failed => ("bad", "failed"),
            WebhookState::Dropped => ("bad", "dropped"),
        };
        vec![
            ("At", html! { (clock::time_of_day(row.created_at)) }),
            ("Tracking id", html! { code { (row.tracking_id) } }),
            ("Says", status(&row.status)),
            ("State", html! { span class=(kind) { (state) } }),
            ("Attempts", html! { span.number { (row.attempts) } }),
            (
                "Last answer",
                html! {
                    @if let Some(last) = row.answers.last() { (answer(last)) } @else { small { "none" } }
                    @if let Some(next) = row.next_at { br; small { "next at " (clock::time_of_day(next)) } }
                },
            ),
            (
                "What was sent",
                html! {
                    details {
                        summary { "Body, signature and answers" }
                        pre { (row.body) }
                        pre { "x-signature: " (row.signature) }
                        ol { @for one in &row.answers { li { (clock::time_of_day(one.at)) " " (answer(one)) } } }
                    }
                },
            ),
            ("Then", button("resend", &row.id.to_string(), "Send again")),
        ]
    });
    html! {
        @if is_any_held { (button("release", "", "Send what is held")) }
        (rows)
    }
}

pub(super) fn requests(rows: Vec<ApiRequest>) -> Markup {
    table("Requests of the API", rows, |row| {
        vec![
            ("At", html! { (clock::time_of_day(row.at)) }),
            (
                "Operation",
                html! { (row.operation) br; small { (row.method) " " (row.path) } },
            ),
            (
                "Tracking id",
                html! { @if let Some(id) = &row.tracking_id { code { (id) } } @else { small { "none" } } },
            ),
            (
                "Answered",
                html! { span class=(if row.status < 300 { "good" } else { "bad" }) { (row.status) } },
            ),
            (
                "Fault",
                html! { @if let Some(fault) = &row.fault { (fault) } @else { small { "none" } } },
            ),
            (
                "What was asked",
                html! {
                    details {
                        summary { "Headers and body" }
                        pre { (headers(&row.headers)) }
                        @if !row.body.is_empty() { pre { (row.body) } }
                    }
                },
            ),
        ]
    })
}

/// Writes the headers without the key: a page is shown to more people than an API.
fn headers(json: &str) -> String {
    let headers: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    let line = |(name, value): (&String, &Value)| {
        let value = value.as_str().unwrap_or_default();
        let value = if name == "x-api-key" { "[REDACTED]" } else { value };
        format!("{name}: {value}")
    };
    headers.iter().map(line).collect::<Vec<_>>().join("\n")
}
