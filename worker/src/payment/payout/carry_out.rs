//! Carrying a decision out at the gateway, and reading what became of it when the gateway's answer does not say.

use edge_cashier::{GatewayError, OperationName, TransactionStatus, TransactionStatusQuery};
use serde_json::Value;
use worker::{Error, Result};

use super::First;
use super::row::{PayoutRow, PayoutStatus};
use crate::clock;
use crate::config::Config;
use crate::gateway::{self, call, exchange};
use crate::log;
use crate::payment::Inner;
use crate::payment::message::{Decide, Decided, Decision, Reply};
use crate::problem::{Code, Problem};

/// What the gateway says when it is asked for the state.
enum Standing {
    /// It waits for the decision. An approval that was taken may be `pending` too, until the provider has paid.
    Pending,
    Final(TransactionStatus),
    /// It cannot be read, or is a word that says neither.
    Unclear,
}

impl Inner {
    /// Sends the decision, after a look at the state when it may have been sent before. What came of it is on disk before anybody hears of it.
    pub(super) async fn carry_out(
        &self,
        config: &Config,
        row: &PayoutRow,
        decide: &Decide,
        first: First,
        request: http::Request<Vec<u8>>,
    ) -> Reply<Decided> {
        if first == First::ReadState {
            match standing(config, decide).await {
                Standing::Pending => {}
                Standing::Final(status) => return self.ended(decide, became(row, decide, &status)),
                Standing::Unclear => return self.unknown(row, decide, None),
            }
        }
        let operation = match row.decision {
            Decision::Approved => OperationName::ApprovePayout,
            Decision::Rejected => OperationName::RejectPayout,
        };
        let error = match exchange(&config.gateway, operation, request, config.gateway_timeout).await {
            Ok(reply) => return self.ended(decide, Ok(decided(row, decide, &reply))),
            Err(error) => error,
        };
        log::gateway_failure(&decide.request_id, decide.tracking_id.as_str(), &error);
        if error.may_have_acted() {
            return match standing(config, decide).await {
                Standing::Final(status) => self.ended(decide, became(row, decide, &status)),
                Standing::Pending | Standing::Unclear => self.unknown(row, decide, Some(&error)),
            };
        }
        // A refusal says nothing about what was sent before it.
        if first == First::Send {
            self.written(decide, self.store.release_payout())?;
        }
        Err(gateway::problem(
            &error,
            "It did nothing",
            "the same request may try again",
        ))
    }

    fn ended(&self, decide: &Decide, reply: Reply<Decided>) -> Reply<Decided> {
        let now = clock::now_ms();
        self.changed(decide, || self.store.payout_done(&reply, now))?;
        reply
    }

    /// The row stays, so that the next request reads the state before anything is sent.
    fn unknown(&self, row: &PayoutRow, decide: &Decide, error: Option<&GatewayError>) -> Reply<Decided> {
        if row.status == PayoutStatus::Sending {
            self.changed(decide, || self.store.payout_unknown())?;
        }
        let problem = Problem::new(
            Code::PayoutUnknown,
            "The gateway may have carried the decision out. Send the same request again: it reads the payout's state first, and sends the decision only if that is pending.",
        );
        Err(match error.and_then(GatewayError::retry_after) {
            Some(wait) => problem.with_retry_after(wait.as_secs()),
            None => problem,
        })
    }

    /// Writes a change that can be seen, and wakes those who wait for one.
    fn changed(&self, decide: &Decide, write: impl FnOnce() -> Result<()>) -> Reply<()> {
        let written = self.store.transaction(|| {
            self.store.touch(decide.tracking_id.as_str(), clock::now_ms())?;
            write()?;
            self.store.count_change()
        });
        self.written(decide, written)?;
        self.waiters.wake();
        Ok(())
    }

    fn written(&self, decide: &Decide, written: Result<()>) -> Reply<()> {
        written.map_err(|error: Error| {
            log::failure(&decide.request_id, "payout row", &error);
            Problem::internal()
        })
    }
}

/// Asks the gateway how the payout stands.
async fn standing(config: &Config, decide: &Decide) -> Standing {
    let query = TransactionStatusQuery::new(decide.tracking_id.clone());
    let Ok(request) = config.gateway.request(&query) else {
        return Standing::Unclear;
    };
    match call::<TransactionStatusQuery>(&config.gateway, request, config.gateway_timeout).await {
        Ok(reply) if reply.transaction_status == TransactionStatus::Pending => Standing::Pending,
        Ok(reply) if reply.transaction_status.is_final() => Standing::Final(reply.transaction_status),
        Ok(_) => Standing::Unclear,
        Err(error) => {
            log::gateway_failure(&decide.request_id, decide.tracking_id.as_str(), &error);
            Standing::Unclear
        }
    }
}

/// What the gateway answered to the decision. The reply to a rejection has no fields.
fn decided(row: &PayoutRow, decide: &Decide, reply: &Value) -> Decided {
    let text = |name: &str| reply.get(name).and_then(Value::as_str).map(str::to_owned);
    Decided {
        tracking_id: decide.tracking_id.as_str().to_owned(),
        decision: row.decision,
        transaction_id: row.transaction_id.clone(),
        transaction_status: text("transaction_status"),
        message: text("message"),
    }
}

/// The answer when the state is final: the decision was carried out, or the payout was decided otherwise elsewhere.
fn became(row: &PayoutRow, decide: &Decide, status: &TransactionStatus) -> Reply<Decided> {
    let meant = match row.decision {
        Decision::Approved => TransactionStatus::Successful,
        Decision::Rejected => TransactionStatus::Rejected,
    };
    if *status != meant {
        let detail = format!("The gateway says that it is {status}.");
        return Err(Problem::new(Code::PayoutNotPending, detail));
    }
    Ok(Decided {
        transaction_status: Some(status.as_str().to_owned()),
        ..decided(row, decide, &Value::Null)
    })
}
