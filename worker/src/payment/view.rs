//! How a payment stands: computed from its rows every time, by the core's ledger. There is no stored state that could be wrong.

use edge_cashier::{Expected, Ledger, Outcome, WebhookEvent};
use serde_json::Value;

use super::record::{read_event, read_expected};
use super::store::{SessionRow, SessionStatus, Store, WebhookRow};
use crate::clock;
use crate::host::Failure;
use crate::json;

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
    pub(super) fn load(store: &Store) -> Result<Option<Self>, Failure> {
        let Some(session) = store.session()? else {
            return Ok(None);
        };
        if session.status == SessionStatus::Opening {
            return Ok(None);
        }
        let expected = read_expected(&session.expected)?;
        let mut ledger = Ledger::new(Some(expected.clone()));
        let mut events = Vec::new();
        for row in store.webhooks()? {
            let event = read_event(&row.event)?;
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

    /// No webhook is awaited: paid, rejected, or contradicting itself so that a person has to look. A rejected payment may be tried again.
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
        let deciding = self.deciding();
        let amount = deciding.map_or_else(|| self.session.amount.clone(), |event| event.amount.to_string());
        let mut view = vec![
            ("tracking_id", Value::from(self.session.tracking_id.as_str())),
            ("operation", Value::from(self.session.operation.as_str())),
            ("state", Value::from(state)),
            ("settled", Value::from(self.is_settled())),
            ("amount", Value::from(amount)),
            ("currency", Value::from(self.expected.currency.code())),
            ("version", Value::from(self.version)),
            ("has_conflict", Value::from(!self.ledger.conflicts().is_empty())),
            ("timeline", Value::Array(self.timeline())),
        ];
        if let Some(event) = deciding {
            view.push(("transaction_id", Value::from(event.transaction_id.as_str())));
        }
        let attempts = self.attempts();
        if attempts.len() > 1 {
            view.push(("attempts", Value::Array(attempts)));
        }
        json::object(view)
    }

    /// The event that the state rests on: the success, or the last one that counted of an attempt in the payment's state.
    fn deciding(&self) -> Option<&WebhookEvent> {
        let state = self.ledger.state();
        let attempts = self.ledger.attempts();
        let decides = |judged: &&Judged| {
            judged.outcome == Outcome::First
                && attempts.iter().any(|attempt| {
                    attempt.state == state && *attempt.transaction_id == judged.event.transaction_id
                })
        };
        self.ledger
            .success()
            .or_else(|| self.events.iter().rev().find(decides).map(|judged| &judged.event))
    }

    /// Every attempt at the payment with its own state: a declined card, then another one.
    fn attempts(&self) -> Vec<Value> {
        let attempts = self.ledger.attempts();
        let attempts = attempts.iter().map(|attempt| {
            json::object(vec![
                ("transaction_id", Value::from(attempt.transaction_id.as_str())),
                ("state", Value::from(attempt.state.as_str())),
            ])
        });
        attempts.collect()
    }

    fn timeline(&self) -> Vec<Value> {
        let at = self.session.ticket_at;
        let mut entries = vec![(at, entry("ticket", at, Vec::new()))];
        entries.push(match (self.session.status, self.session.opened_at) {
            (SessionStatus::Opened, Some(at)) => (at, entry("session", at, Vec::new())),
            _ => {
                let detail = "the gateway did not answer, so it is not known whether it acted";
                (at, entry("session", at, vec![("detail", Value::from(detail))]))
            }
        });
        for Judged { row, event, outcome } in &self.events {
            let mut members = vec![
                ("status", Value::from(event.status.as_str())),
                ("outcome", Value::from(outcome.as_str())),
            ];
            if row.copies > 1 {
                let detail = ["received ", &row.copies.to_string(), " times"].concat();
                members.push(("detail", Value::from(detail)));
            }
            // What happened in the same millisecond stays in the order above. Webhooks come in the order of their arrival, so the search is short.
            let after = entries.iter().rposition(|(at, _)| *at <= row.received_at);
            let place = after.map_or(0, |after| after + 1);
            entries.insert(
                place,
                (row.received_at, entry("webhook", row.received_at, members)),
            );
        }
        entries.into_iter().map(|(_, entry)| entry).collect()
    }
}

#[inline(never)]
fn entry(event: &str, at: i64, mut members: Vec<(&'static str, Value)>) -> Value {
    members.push(("event", Value::from(event)));
    members.push(("at", Value::from(clock::rfc3339(at))));
    json::object(members)
}
