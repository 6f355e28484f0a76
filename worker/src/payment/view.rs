//! How a payment stands: computed from its rows every time, by the core's ledger. There is no stored state that could be wrong.

use edge_cashier::{Expected, Ledger, Outcome, WebhookEvent};
use serde_json::{Map, Value, json};
use worker::Result;

use super::store::{SessionRow, SessionStatus, Store, WebhookRow};
use crate::clock;

/// A payment with an open session, and everything that the gateway told about it.
#[derive(Debug)]
pub(super) struct View {
    version: i64,
    session: SessionRow,
    expected: Expected,
    events: Vec<Judged>,
    ledger: Ledger,
}

/// A webhook and what the ledger makes of it, in the light of the session. A webhook that came before the session was known is judged anew here.
#[derive(Debug)]
struct Judged {
    row: WebhookRow,
    event: WebhookEvent,
    outcome: Outcome,
}

impl View {
    /// Reads the rows; `None` when no session was opened.
    pub(super) fn load(store: &Store) -> Result<Option<Self>> {
        let Some(session) = store.session()? else {
            return Ok(None);
        };
        if session.status == SessionStatus::Opening {
            return Ok(None);
        }
        let expected: Expected = serde_json::from_str(&session.expected)?;
        let mut ledger = Ledger::new(Some(expected.clone()));
        let mut events = Vec::new();
        for row in store.webhooks()? {
            let event: WebhookEvent = serde_json::from_str(&row.event)?;
            let outcome = ledger.apply(&event);
            events.push(Judged { row, event, outcome });
        }
        Ok(Some(Self {
            version: store.version()?,
            session,
            expected,
            events,
            ledger,
        }))
    }

    pub(super) fn version(&self) -> i64 {
        self.version
    }

    pub(super) fn belongs_to(&self, user_id: &str) -> bool {
        self.session.user_id == user_id
    }

    /// Nothing more is to come that a buyer would wait for: paid, rejected, or contradicting itself so that a person has to look.
    pub(super) fn is_settled(&self) -> bool {
        self.ledger.state().is_settled()
    }

    /// The public view. The gateway's words (status) are shown as they are, the rest of a webhook is not.
    pub(super) fn to_json(&self) -> Value {
        let state = self.ledger.state();
        let state = match self.session.status {
            SessionStatus::Unknown if self.events.is_empty() => "unknown",
            _ => state.as_str(),
        };
        // The event that the state rests on: the last one that counted.
        let deciding = self
            .events
            .iter()
            .rev()
            .find(|judged| judged.outcome == Outcome::First);
        let mut view = json!({
            "tracking_id": self.session.tracking_id,
            "operation": self.session.operation,
            "state": state,
            "settled": self.is_settled(),
            "amount": deciding.map_or_else(|| self.session.amount.clone(), |judged| judged.event.amount.to_string()),
            "currency": self.expected.currency.code(),
            "version": self.version,
            "has_conflict": self.events.iter().any(|judged| judged.outcome == Outcome::Conflict),
            "timeline": self.timeline(),
        });
        if let (Some(view), Some(judged)) = (view.as_object_mut(), deciding) {
            view.insert(
                String::from("transaction_id"),
                Value::String(judged.event.transaction_id.to_string()),
            );
        }
        view
    }

    fn timeline(&self) -> Vec<Value> {
        let mut entries = vec![(self.session.ticket_at, entry("ticket", Map::new()))];
        match (self.session.status, self.session.opened_at) {
            (SessionStatus::Opened, Some(at)) => entries.push((at, entry("session", Map::new()))),
            _ => {
                let detail = json!("the gateway did not answer, so it is not known whether it acted");
                entries.push((
                    self.session.ticket_at,
                    entry("session", Map::from_iter([(String::from("detail"), detail)])),
                ));
            }
        }
        for Judged { row, event, outcome } in &self.events {
            let mut members = Map::new();
            members.insert(String::from("status"), json!(event.status.as_str()));
            members.insert(String::from("outcome"), json!(outcome.as_str()));
            if row.copies > 1 {
                members.insert(
                    String::from("detail"),
                    json!(format!("received {} times", row.copies)),
                );
            }
            entries.push((row.received_at, entry("webhook", members)));
        }
        // A stable sort: what happened in the same millisecond stays in the order above.
        entries.sort_by_key(|(at, _)| *at);
        entries
            .into_iter()
            .map(|(at, mut entry)| {
                entry.insert(String::from("at"), Value::String(clock::rfc3339(at)));
                Value::Object(entry)
            })
            .collect()
    }
}

fn entry(event: &str, mut members: Map<String, Value>) -> Map<String, Value> {
    members.insert(String::from("event"), Value::String(event.to_owned()));
    members
}
