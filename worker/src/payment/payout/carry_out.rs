//! Carrying a decision out at the gateway, and reading what came of it when the gateway's answer does not say.

use edge_cashier::{GatewayError, OperationName, PaymentState, TransactionStatus};
use serde_json::Value;
use worker::Result;

use super::row::{PayoutRow, PayoutStatus};
use super::{StartWith, subject};
use crate::clock;
use crate::config::Config;
use crate::gateway::{self, exchange};
use crate::log;
use crate::payment::Inner;
use crate::payment::message::{DecidePayout, Decided, Decision, Reply};
use crate::payment::view::ledger;
use crate::problem::{Code, Problem};

/// The state of the payout at the gateway.
enum GatewayStatus {
    /// It waits for the decision. An approval that was taken may be `pending` too, until the provider has paid.
    Pending,
    Final(TransactionStatus),
    /// It cannot be read, is a word that says neither, or may be about another attempt.
    Unclear,
}

/// A decision on its way to the gateway.
pub(super) struct Attempt<'a> {
    pub(super) inner: &'a Inner,
    pub(super) config: &'a Config,
    pub(super) row: &'a PayoutRow,
    pub(super) decide: &'a DecidePayout,
}

impl Attempt<'_> {
    /// Sends the decision, after a look at the state when it may have been sent before. What came of it is on disk before anybody hears of it.
    pub(super) async fn carry_out(
        &self,
        start_with: StartWith,
        request: http::Request<Vec<u8>>,
    ) -> Reply<Decided> {
        if start_with == StartWith::ReadState {
            match self.read_status().await? {
                GatewayStatus::Pending => self.may_send_again()?,
                GatewayStatus::Final(status) => return self.ended(self.decided_by(&status)),
                GatewayStatus::Unclear => return Err(self.unknown(None)),
            }
        }
        let operation = match self.row.decision {
            Decision::Approved => OperationName::ApprovePayout,
            Decision::Rejected => OperationName::RejectPayout,
        };
        let config = self.config;
        let error = match exchange(&config.gateway, operation, request, config.gateway_timeout).await {
            Ok(reply) => return self.ended(Ok(self.decided(&reply))),
            Err(error) => error,
        };
        log::gateway_failure(&self.decide.request_id, self.decide.tracking_id.as_str(), &error);
        if error.may_have_acted() {
            return match self.read_status().await? {
                GatewayStatus::Final(status) => self.ended(self.decided_by(&status)),
                GatewayStatus::Pending | GatewayStatus::Unclear => Err(self.unknown(Some(&error))),
            };
        }
        // A refusal says nothing about what was sent before it.
        if start_with == StartWith::Send {
            self.on_disk(self.inner.store.release_payout())?;
        }
        Err(gateway::problem(
            &error,
            "It did nothing",
            "the same request may try again",
        ))
    }

    fn ended(&self, reply: Reply<Decided>) -> Reply<Decided> {
        let now = clock::now_ms();
        self.changed(|| self.inner.store.payout_done(&reply, now))?;
        reply
    }

    /// Whether a decision on a payout that is pending may be sent once more. A rejection may: it names one attempt, and pays nothing however often it is sent. An approval
    /// that was taken leaves the payout pending until the provider has paid, so the state says nothing about it, and only the merchant can.
    fn may_send_again(&self) -> Reply<()> {
        let Self { row, decide, .. } = self;
        let store = &self.inner.store;
        if row.decision == Decision::Rejected {
            return Ok(());
        }
        if !(decide.check.resend && row.may_be_resent()) {
            self.note_unknown()?;
            self.on_disk(store.payout_unconfirmed(true))?;
            return Err(Problem::new(
                Code::PayoutUnconfirmed,
                "The approval was sent and its outcome is not known. The gateway says that the payout is pending, as it does before an approval and after one that was taken. Look the payout up in the merchant portal: if it was approved, nothing is left to do; if it waits for approval, send this request again with \"resend\": true.",
            ));
        }
        // An approval names no attempt: it must still be the only one that waits.
        let found = store.session().and_then(|session| {
            subject::find(session.as_ref(), &ledger(store)?, row.decision, &decide.check)
        });
        let subject = self.on_disk(found)??;
        if row.transaction_id.is_some() && subject.transaction_id != row.transaction_id {
            return Err(Problem::new(
                Code::PayoutNotPending,
                "Another attempt at this payout is pending than the one that was approved: decide in the merchant portal.",
            ));
        }
        self.on_disk(store.payout_unconfirmed(false))
    }

    /// Says that the outcome is not known, or that this could not be written.
    fn unknown(&self, error: Option<&GatewayError>) -> Problem {
        if let Err(problem) = self.note_unknown() {
            return problem;
        }
        let problem = Problem::new(
            Code::PayoutUnknown,
            "The gateway may have carried the decision out. Send the same request again: it reads the payout's state first. An approval whose payout is pending is then answered with payout_unconfirmed, and is not sent.",
        );
        match error.and_then(GatewayError::retry_after) {
            Some(wait) => problem.with_retry_after(wait.as_secs()),
            None => problem,
        }
    }

    /// The row stays, so that the next request reads the state before anything is sent.
    fn note_unknown(&self) -> Reply<()> {
        match self.row.status {
            PayoutStatus::Sending => self.changed(|| self.inner.store.payout_unknown()),
            _ => Ok(()),
        }
    }

    /// Finds out the payout's state: by the webhooks of its attempt, else by asking the gateway. The gateway is asked about the tracking id, so of several attempts its
    /// answer says nothing about one.
    async fn read_status(&self) -> Reply<GatewayStatus> {
        let ledger = self.on_disk(ledger(&self.inner.store))?;
        let attempts = ledger.attempts();
        let own = attempts.iter().find(|attempt| match &self.row.transaction_id {
            Some(id) => attempt.transaction_id.as_str() == id,
            None => attempts.len() == 1,
        });
        match own.map(|attempt| &attempt.state) {
            Some(PaymentState::Successful) => return Ok(GatewayStatus::Final(TransactionStatus::Successful)),
            Some(PaymentState::Rejected) => return Ok(GatewayStatus::Final(TransactionStatus::Rejected)),
            _ => {}
        }
        Ok(match self.ask_gateway().await {
            GatewayStatus::Final(_) if attempts.len() > 1 => GatewayStatus::Unclear,
            status => status,
        })
    }

    /// Asks the gateway for the payout's state.
    async fn ask_gateway(&self) -> GatewayStatus {
        let DecidePayout {
            tracking_id,
            request_id,
            ..
        } = self.decide;
        match gateway::transaction_status(self.config, tracking_id.as_str(), request_id).await {
            Ok(TransactionStatus::Pending) => GatewayStatus::Pending,
            Ok(status) if status.is_final() => GatewayStatus::Final(status),
            _ => GatewayStatus::Unclear,
        }
    }

    fn on_disk<T>(&self, done: Result<T>) -> Reply<T> {
        done.map_err(|error| {
            log::failure(&self.decide.request_id, "payout row", &error);
            Problem::internal()
        })
    }

    /// Writes what came of the decision, for everybody to see.
    fn changed(&self, write: impl FnOnce() -> Result<()>) -> Reply<()> {
        self.on_disk(self.inner.change(|| {
            let tracking_id = self.decide.tracking_id.as_str();
            self.inner.store.touch(tracking_id, clock::now_ms())?;
            write()
        }))
    }

    /// What the gateway answered to the decision. The reply to a rejection has no fields.
    fn decided(&self, reply: &Value) -> Decided {
        let text = |name: &str| reply.get(name).and_then(Value::as_str).map(str::to_owned);
        Decided {
            tracking_id: self.decide.tracking_id.as_str().to_owned(),
            decision: self.row.decision,
            transaction_id: self.row.transaction_id.clone(),
            transaction_status: text("transaction_status"),
            message: text("message"),
        }
    }

    /// The answer when the state is final: the decision was carried out, or the payout was decided otherwise elsewhere.
    fn decided_by(&self, status: &TransactionStatus) -> Reply<Decided> {
        let meant = match self.row.decision {
            Decision::Approved => TransactionStatus::Successful,
            Decision::Rejected => TransactionStatus::Rejected,
        };
        if *status != meant {
            let detail = format!("The gateway says that it is {status}.");
            return Err(Problem::new(Code::PayoutNotPending, detail));
        }
        Ok(Decided {
            transaction_status: Some(status.as_str().to_owned()),
            ..self.decided(&Value::Null)
        })
    }
}
