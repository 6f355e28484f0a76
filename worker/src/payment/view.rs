//! The state of a payment: computed from its rows every time, by the core's ledger. There is no stored state that could be wrong.

use edge_cashier::{Expected, Ledger, OperationName, Outcome, PaymentState, WebhookEvent};
use serde::Serialize;
use serde_json::Value;
use worker::Result;

use super::payout::row::PayoutRow;
use super::store::{SessionRow, SessionStatus, Store, WebhookRow};
use crate::clock;

/// All that the gateway has reported, in the light of the session.
pub(super) fn ledger(store: &Store) -> Result<Ledger> {
    let expected = store.session()?.map(|session| session.expected()).transpose()?;
    let mut ledger = Ledger::new(expected);
    for row in store.webhooks()? {
        ledger.apply(&row.event()?);
    }
    Ok(ledger)
}

/// How many attempts webhooks have reported.
pub(super) fn count_attempts(ledger: &Ledger) -> i64 {
    i64::try_from(ledger.attempts().len()).unwrap_or(i64::MAX)
}

/// Whether the last card was declined: the gateway's reply says so, or webhooks have rejected every attempt and one of them must be the last card's. Neither the
/// reply nor a webhook says which card an attempt is of, and the webhook of an earlier card may come late; so each card is due one attempt, and one more than
/// had been reported before it was sent.
pub(super) fn is_declined(session: &SessionRow, ledger: &Ledger) -> Result<bool> {
    let reply: Value = serde_json::from_str(session.reply.as_deref().unwrap_or("null"))?;
    // While the next card is under way, or after that, the reply is the one to the card before.
    let by_reply = session.status == SessionStatus::Opened
        && reply.get("transaction_status").and_then(Value::as_str) == Some("rejected");
    Ok(match ledger.state() {
        PaymentState::Opened => by_reply,
        PaymentState::Rejected => by_reply || count_attempts(ledger) >= session.attempts_due,
        _ => false,
    })
}

/// A payment with an open session, and everything that the gateway reported about it.
#[derive(Debug)]
pub(super) struct View {
    version: i64,
    session: SessionRow,
    expected: Expected,
    events: Vec<Evaluated>,
    ledger: Ledger,
    payout: Option<PayoutRow>,
    /// Whether the cards before were declined, and the last one was sent or is being sent.
    awaits_card: bool,
}

/// A webhook and what the ledger makes of it, in the light of the session. A webhook that came before the session was known is evaluated anew here.
#[derive(Debug)]
struct Evaluated {
    row: WebhookRow,
    event: WebhookEvent,
    outcome: Outcome,
}

impl View {
    /// Reads the rows; `None` when no session was opened.
    pub(super) fn load(store: &Store) -> Result<Option<Self>> {
        // An older database has not every table yet.
        store.migrate()?;
        let Some(session) = store.session()? else {
            return Ok(None);
        };
        if session.status == SessionStatus::Opening && session.opened_at.is_none() {
            return Ok(None);
        }
        let expected = session.expected()?;
        let mut ledger = Ledger::new(Some(expected.clone()));
        let mut events = Vec::new();
        for row in store.webhooks()? {
            let event = row.event()?;
            let outcome = ledger.apply(&event);
            events.push(Evaluated { row, event, outcome });
        }
        let awaits_card = session.operation == OperationName::CardPayment
            && ledger.state() == PaymentState::Rejected
            && !is_declined(&session, &ledger)?;
        Ok(Some(Self {
            awaits_card,
            version: store.version()?,
            session,
            expected,
            events,
            ledger,
            payout: store.payout()?,
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
        self.ledger.state().is_settled() && !self.awaits_card
    }

    /// Whether a further webhook is to be waited for: always, but for a success and a conflict. After a declined card another one may follow.
    pub(super) fn may_change(&self) -> bool {
        !self.is_settled() || self.ledger.state() == PaymentState::Rejected
    }

    /// The public view. The gateway's words (status) are shown as they are, the rest of a webhook is not.
    pub(super) fn public(&self) -> PublicView {
        let state = self.ledger.state();
        let state = match self.session.status {
            SessionStatus::Unknown if self.events.is_empty() || self.awaits_card => "unknown",
            _ if self.awaits_card => PaymentState::Pending.as_str(),
            _ => state.as_str(),
        };
        let deciding = self.deciding();
        let attempts = self.attempts();
        PublicView {
            tracking_id: self.session.tracking_id.clone(),
            operation: self.session.operation,
            state: state.to_owned(),
            settled: self.is_settled(),
            amount: deciding.map_or_else(|| self.session.amount.clone(), |event| event.amount.to_string()),
            currency: self.expected.currency.code().to_owned(),
            version: self.version,
            has_conflict: !self.ledger.conflicts().is_empty(),
            timeline: self.timeline(),
            transaction_id: deciding.map(|event| event.transaction_id.as_str().to_owned()),
            attempts: (attempts.len() > 1).then_some(attempts),
            payout: self.payout.as_ref().and_then(PayoutRow::visible),
        }
    }

    /// The event that the state rests on: the success, or the last one that counted of an attempt in the payment's state. None has reported a card that is awaited.
    fn deciding(&self) -> Option<&WebhookEvent> {
        if self.awaits_card {
            return None;
        }
        let state = self.ledger.state();
        let attempts = self.ledger.attempts();
        let decides = |evaluated: &&Evaluated| {
            evaluated.outcome == Outcome::First
                && attempts.iter().any(|attempt| {
                    attempt.state == state && *attempt.transaction_id == evaluated.event.transaction_id
                })
        };
        self.ledger.success().or_else(|| {
            self.events
                .iter()
                .rev()
                .find(decides)
                .map(|evaluated| &evaluated.event)
        })
    }

    /// Every attempt at the payment with its own state: a declined card, then another one.
    fn attempts(&self) -> Vec<Attempt> {
        let attempts = self.ledger.attempts();
        let attempts = attempts.iter().map(|attempt| Attempt {
            transaction_id: attempt.transaction_id.as_str().to_owned(),
            state: attempt.state.as_str().to_owned(),
        });
        attempts.collect()
    }

    fn timeline(&self) -> Vec<Entry> {
        let ticket_at = self.session.ticket_at;
        let session = match (self.session.status, self.session.opened_at) {
            (SessionStatus::Opened | SessionStatus::Opening, Some(at)) => (at, Entry::new("session", at)),
            _ => {
                let detail = "the gateway did not say what it did, so it is not known whether it acted";
                (
                    ticket_at,
                    Entry {
                        detail: Some(detail.to_owned()),
                        ..Entry::new("session", ticket_at)
                    },
                )
            }
        };
        let webhooks = self.events.iter().map(|Evaluated { row, event, outcome }| {
            let entry = Entry {
                transaction_id: Some(event.transaction_id.as_str().to_owned()),
                status: Some(event.status.as_str().to_owned()),
                outcome: Some(*outcome),
                detail: (row.copies > 1).then(|| format!("received {} times", row.copies)),
                ..Entry::new("webhook", row.received_at)
            };
            (row.received_at, entry)
        });
        let mut entries = vec![(ticket_at, Entry::new("ticket", ticket_at)), session];
        entries.extend(webhooks);
        // It is stable: what happened in the same millisecond stays in the order above.
        entries.sort_by_key(|(at, _)| *at);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// A payment as its holder may see it: the body of `GET /v1/sessions/{tracking_id}`.
#[derive(Debug, Serialize)]
pub(super) struct PublicView {
    tracking_id: String,
    operation: OperationName,
    state: String,
    settled: bool,
    amount: String,
    currency: String,
    version: i64,
    has_conflict: bool,
    timeline: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    /// Only when there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<Vec<Attempt>>,
    /// The merchant's decision on a payout, or that its outcome is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    payout: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Attempt {
    transaction_id: String,
    state: String,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
struct Entry {
    /// The gateway's id of the attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    event: &'static str,
    /// RFC 3339, UTC.
    at: String,
}

impl Entry {
    fn new(event: &'static str, at: i64) -> Self {
        Self {
            transaction_id: None,
            status: None,
            outcome: None,
            detail: None,
            event,
            at: clock::rfc3339(at),
        }
    }
}
