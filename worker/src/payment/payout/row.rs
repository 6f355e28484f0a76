//! The row of a decision, and what of it can be seen from outside.

use edge_cashier::{Amount, Currency, PayoutCheck};
use serde::Deserialize;
use worker::{Error, Result};

use super::subject::Subject;
use crate::payment::message::{DecidePayout, Decided, Decision, Reply};
use crate::payment::store::Store;

/// How far a decision has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::payment) enum PayoutStatus {
    /// The gateway is being asked for the first time, or was when the object stopped.
    Sending,
    /// What became of it is known, and written in the reply.
    Done,
    /// The gateway was asked, and neither its answer nor the state says what it did.
    Unknown,
}

/// The one row of `payout`. Times are in milliseconds since 1970.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::payment) struct PayoutRow {
    pub(super) decision: Decision,
    pub(super) status: PayoutStatus,
    /// The gateway's id of the attempt that was decided, if a webhook had named it.
    pub(super) transaction_id: Option<String>,
    /// What the payout was when it was decided, digit for digit.
    pub(super) amount: String,
    pub(super) currency: String,
    /// [`Reply<Decided>`] as JSON, once it is done.
    pub(super) reply: Option<String>,
    pub(super) request_id: String,
    pub(super) decided_at: i64,
    /// Whether the merchant was answered that the approval is unconfirmed since it was last sent: 0 or 1.
    unconfirmed: i64,
}

impl PayoutRow {
    /// A decision that has not been sent.
    pub(super) fn new(decide: &DecidePayout, subject: Subject, now: i64) -> Self {
        Self {
            decision: decide.decision,
            status: PayoutStatus::Sending,
            transaction_id: subject.transaction_id,
            amount: subject.amount.to_string(),
            currency: subject.currency.code().to_owned(),
            reply: None,
            request_id: decide.request_id.clone(),
            decided_at: now,
            unconfirmed: 0,
        }
    }

    /// Whether `resend` lets the approval be sent again: one answer that it is unconfirmed lets it be sent once, so that a client that repeats its request by itself
    /// sends nothing.
    pub(super) fn may_be_resent(&self) -> bool {
        self.unconfirmed != 0
    }

    /// The answer to the request, once it is done.
    pub(super) fn reply(&self) -> Result<Reply<Decided>> {
        let reply = self.reply.as_deref();
        let reply = reply.ok_or_else(|| Error::from("the row of the payout has no reply"))?;
        Ok(serde_json::from_str(reply)?)
    }

    /// Tells whether the payout is the one that the merchant means.
    pub(super) fn agrees(&self, check: &PayoutCheck) -> Result<bool> {
        let amount = Amount::parse(&self.amount).map_err(|error| Error::RustError(error.to_string()))?;
        Ok(check.agrees(&amount, &Currency::unchecked(&self.currency)))
    }

    /// The decision as the payment's holder may see it: once it is known what became of it.
    pub(in crate::payment) fn visible(&self) -> Option<&'static str> {
        match self.status {
            PayoutStatus::Sending => None,
            PayoutStatus::Unknown => Some("unknown"),
            PayoutStatus::Done => match self.reply() {
                Ok(Ok(decided)) => Some(decided.decision.as_str()),
                // The gateway had decided otherwise; the payment's state shows what.
                _ => None,
            },
        }
    }
}

impl Store {
    pub(in crate::payment) fn payout(&self) -> Result<Option<PayoutRow>> {
        Ok(self.rows("SELECT * FROM payout")?.pop())
    }

    /// Writes the decision: from here on it is the only one.
    pub(super) fn add_payout(&self, row: &PayoutRow) -> Result<()> {
        self.execute(
            "INSERT INTO payout (id, decision, status, transaction_id, amount, currency, request_id, decided_at)
             VALUES (1, ?, 'sending', ?, ?, ?, ?, ?)",
            vec![
                row.decision.as_str().into(),
                row.transaction_id.clone().into(),
                row.amount.as_str().into(),
                row.currency.as_str().into(),
                row.request_id.as_str().into(),
                row.decided_at.into(),
            ],
        )
    }

    /// It is known what became of the decision.
    pub(super) fn payout_done(&self, reply: &Reply<Decided>, now: i64) -> Result<()> {
        self.execute(
            "UPDATE payout SET status = 'done', reply = ?, ended_at = ?",
            vec![serde_json::to_string(reply)?.into(), now.into()],
        )
    }

    pub(super) fn payout_unknown(&self) -> Result<()> {
        self.execute("UPDATE payout SET status = 'unknown'", vec![])
    }

    /// Notes that the merchant is answered that the approval is unconfirmed, or that it is sent again.
    pub(super) fn payout_unconfirmed(&self, unconfirmed: bool) -> Result<()> {
        self.execute(
            "UPDATE payout SET unconfirmed = ?",
            vec![i64::from(unconfirmed).into()],
        )
    }

    /// The gateway did nothing: the payout can be decided anew.
    pub(super) fn release_payout(&self) -> Result<()> {
        self.execute("DELETE FROM payout WHERE status = 'sending'", vec![])
    }
}
