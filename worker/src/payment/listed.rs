//! What the gateway's list says about an attempt, against what its webhooks reported.

use edge_cashier::{Amount, Currency, TransactionStatus, WebhookEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use worker::Result;

use super::Inner;
use super::message::{Compare, Listing};
use super::store::Store;
use crate::clock;
use crate::config::environment;
use crate::index::{Exception, Kind, listed_id};

/// What a comparison finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compared {
    /// Nothing is known of the payment.
    NoPayment,
    /// A webhook reported the same.
    Matched,
    /// No webhook reported a final state of this attempt.
    Missed,
    /// A webhook reported another final state, amount or currency.
    Mismatch,
}

/// A row of `listed`: a listing that did not agree when it was compared.
#[derive(Debug, Deserialize)]
pub(super) struct ListedRow {
    transaction_id: String,
    /// [`Listing`] as JSON.
    listing: String,
    /// Milliseconds since 1970.
    pub(super) at: i64,
}

impl ListedRow {
    pub(super) fn listing(&self) -> Result<Listing> {
        Ok(serde_json::from_str(&self.listing)?)
    }
}

impl Inner {
    /// Compares, and keeps a listing that does not agree, so that a later webhook can resolve it. One that agrees writes nothing, unless there was one that did not.
    pub(super) async fn compare(&self, compare: Compare) -> Result<Compared> {
        let config = environment::config(&self.env)?;
        let listing = compare.listing;
        if !self.store.exists()? {
            return Ok(Compared::NoPayment);
        }
        self.store.migrate()?;
        let events = self.store.events()?;
        let compared = listing.compare(&events);
        let kept = self.store.listed()?;
        let kept = kept
            .into_iter()
            .find(|row| row.transaction_id == listing.transaction_id);
        let now = clock::now_ms();
        if compared == Compared::Matched
            && listing.status == TransactionStatus::Successful.as_str()
            && self.store.confirmed_by_list(&listing.transaction_id, now)?
        {
            self.store.note_change(now)?;
            self.schedule(&config).await?;
        }
        // An alarm that the runtime has given up would leave what waits waiting.
        if self.store.payment()?.deliver_at.is_some_and(|at| at <= now) {
            self.schedule(&config).await?;
        }
        match (compared, kept) {
            (Compared::Matched, None) => return Ok(compared),
            (Compared::Matched, Some(_)) => self.store.transaction(|| {
                self.store.forget_listed(&listing.transaction_id)?;
                self.store.note_change(now)
            })?,
            (_, Some(row)) if row.listing()? == listing => return Ok(compared),
            _ => self.store.transaction(|| {
                self.store.keep_listed(&listing, now)?;
                self.store.note_change(now)
            })?,
        }
        self.schedule(&config).await?;
        Ok(compared)
    }
}

impl Listing {
    /// Describes that no webhook reported this, or that one reported something else.
    pub(crate) fn exception(&self, kind: Kind, at: i64, reported: Option<Value>) -> Exception {
        Exception {
            id: listed_id(&self.transaction_id),
            kind,
            tracking_id: None,
            transaction_id: Some(self.transaction_id.clone()),
            at: clock::rfc3339(at),
            detail: json!({
                "listed": {
                    "status": self.status,
                    "amount": self.amount.map(|amount| amount.to_string()),
                    "currency": self.currency.as_ref().map(Currency::code),
                    "provider": self.provider,
                },
                "told": reported,
            }),
        }
    }

    /// Compares with the payment's webhooks. Of a pending attempt nothing final was reported, so its final state counts as missed.
    pub(super) fn compare(&self, events: &[WebhookEvent]) -> Compared {
        let mut reported = events
            .iter()
            .filter(|event| event.transaction_id.as_str() == self.transaction_id && event.status.is_final())
            .peekable();
        if reported.peek().is_none() {
            Compared::Missed
        } else if reported.any(|event| event.status.as_str() == self.status && self.has_amount_of(event)) {
            Compared::Matched
        } else {
            Compared::Mismatch
        }
    }

    /// The list has two amounts, the merchant's and the user's; the reference does not say which of them webhooks have, so one that agrees is enough: the user's with its
    /// currency, or alone where the merchant's is left out. What else a row leaves out contradicts nothing.
    fn has_amount_of(&self, event: &WebhookEvent) -> bool {
        let same = |amount: &Option<Amount>, currency: &Option<Currency>| {
            amount.is_none_or(|amount| amount == event.amount)
                && currency
                    .as_ref()
                    .is_none_or(|currency| *currency == event.currency)
        };
        let of_merchant = || same(&self.amount, &self.currency);
        let of_user = || same(&self.user_amount, &self.user_currency);
        match (self.amount, self.user_amount, &self.user_currency) {
            (None, Some(_), _) => of_user(),
            (Some(_), Some(_), Some(_)) => of_user() || of_merchant(),
            _ => of_merchant(),
        }
    }
}

impl Store {
    pub(super) fn listed(&self) -> Result<Vec<ListedRow>> {
        self.rows("SELECT * FROM listed")
    }

    fn keep_listed(&self, listing: &Listing, now: i64) -> Result<()> {
        self.execute(
            "INSERT INTO listed (transaction_id, listing, at) VALUES (?, ?, ?)
             ON CONFLICT (transaction_id) DO UPDATE SET listing = excluded.listing",
            vec![
                listing.transaction_id.as_str().into(),
                serde_json::to_string(listing)?.into(),
                now.into(),
            ],
        )
    }

    fn forget_listed(&self, transaction_id: &str) -> Result<()> {
        self.execute(
            "DELETE FROM listed WHERE transaction_id = ?",
            vec![transaction_id.into()],
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn event(transaction_id: &str, status: &str) -> WebhookEvent {
        let event = serde_json::json!({
            "transaction_id": transaction_id, "user_id": "128", "tracking_id": "order-1", "status": status,
            "currency": "EUR", "amount": "10.00", "transaction_type": "deposit",
        });
        WebhookEvent::from_json(event.to_string().as_bytes()).unwrap()
    }

    fn compared(listing: &str, events: &[WebhookEvent]) -> Compared {
        let listing: Listing = serde_json::from_str(listing).unwrap();
        listing.compare(events)
    }

    #[test]
    fn a_final_state_is_matched_missed_or_a_mismatch() {
        let events = [
            event("a", "pending"),
            event("a", "rejected"),
            event("b", "successful"),
            event("c", "pending"),
        ];
        for (listing, expected) in [
            (r#"{"transaction_id":"a","status":"rejected"}"#, Compared::Matched),
            (
                r#"{"transaction_id":"a","status":"successful"}"#,
                Compared::Mismatch,
            ),
            (
                r#"{"transaction_id":"c","status":"successful"}"#,
                Compared::Missed,
            ),
            (r#"{"transaction_id":"d","status":"rejected"}"#, Compared::Missed),
            (
                r#"{"transaction_id":"b","status":"successful","amount":10,"currency":"EUR"}"#,
                Compared::Matched,
            ),
            (
                r#"{"transaction_id":"b","status":"successful","amount":10.01,"currency":"EUR"}"#,
                Compared::Mismatch,
            ),
            (
                r#"{"transaction_id":"b","status":"successful","amount":10,"currency":"GBP"}"#,
                Compared::Mismatch,
            ),
            (
                r#"{"transaction_id":"b","status":"successful","amount":8.56,"currency":"GBP","user_amount":10,"user_currency":"EUR"}"#,
                Compared::Matched,
            ),
            (
                r#"{"transaction_id":"b","status":"successful","amount":8.56,"user_amount":10}"#,
                Compared::Mismatch,
            ),
            (
                r#"{"transaction_id":"b","status":"successful","user_amount":10}"#,
                Compared::Matched,
            ),
            (
                r#"{"transaction_id":"b","status":"successful","user_amount":10.01}"#,
                Compared::Mismatch,
            ),
        ] {
            assert_eq!(compared(listing, &events), expected, "{listing}");
        }
    }
}
