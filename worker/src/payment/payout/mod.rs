//! The merchant's decision on a payout: carried out at most once, however often and however simultaneously it is sent.
//!
//! What happens to a decision:
//!
//! | the row | the same decision | the other decision |
//! |---|---|---|
//! | none | check ([`subject`]), write the row, call the gateway | the same: nothing was decided yet |
//! | `sending`, under way in this object | wait for the same outcome | 409 |
//! | `sending`, but the object was reset meanwhile | as `unknown` | 409 |
//! | `done` | the same answer again, no call | 409 |
//! | `unknown` | read the state; if it is `pending`, send a rejection again, an approval only with `resend` after `payout_unconfirmed` | 409 |
//!
//! A refusal that says that nothing was done takes the row away, so that the cause can be mended. After anything else ([`edge_cashier::GatewayError::may_have_acted`])
//! the state is read, and the call is not repeated until a state that was read afterwards is `pending`. An approval that was taken is `pending` as well, until the provider has paid, so
//! that an approval is repeated only when the merchant says so: money leaves ([`carry_out`]). Who says so has been answered `payout_unconfirmed` since it was last sent, and so has had
//! the time to look.
//!
//! A tracking id is decided once. A later attempt under the same id is for the merchant portal: a repeated request must never decide on another payout.

mod carry_out;
pub(super) mod row;
mod subject;

use std::rc::Rc;

use edge_cashier::{ApprovePayout, Gateway, RejectPayout, TransactionId};
use worker::{Result, State};

use self::carry_out::Attempt;
use self::row::{PayoutRow, PayoutStatus};
use super::Inner;
use super::in_flight::Outcome;
use super::message::{DecidePayout, Decided, Decision, Reply};
use super::view::ledger;
use crate::clock;
use crate::config::environment;
use crate::problem::{Code, Problem};

/// What carrying out begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StartWith {
    Send,
    /// The decision may have been sent before.
    ReadState,
}

/// What is to be done about a request.
enum Step {
    /// The answer is there.
    Known(Reply<Decided>),
    /// The gateway is being asked.
    Wait(Outcome<Decided>),
}

impl Inner {
    /// Carries the decision out, or gives the answer that it had before.
    pub(super) async fn decide_payout(
        self: &Rc<Self>,
        state: &State,
        decide: DecidePayout,
    ) -> Result<Reply<Decided>> {
        Ok(match self.payout_step(state, decide)? {
            Step::Known(reply) => reply,
            Step::Wait(outcome) => outcome.await,
        })
    }

    /// What to do. There is no await in here: this is the block that no other request can come into.
    fn payout_step(self: &Rc<Self>, state: &State, decide: DecidePayout) -> Result<Step> {
        if !self.store.exists()? {
            return Ok(Step::Known(Err(subject::not_found())));
        }
        self.store.migrate()?;
        if let Some(row) = self.store.payout()? {
            return self.payout_step_by_row(state, row, decide);
        }
        let session = self.store.session()?;
        let ledger = ledger(&self.store)?;
        let subject = match subject::find(session.as_ref(), &ledger, decide.decision, &decide.check)? {
            Ok(subject) => subject,
            Err(problem) => return Ok(Step::Known(Err(problem))),
        };
        let row = PayoutRow::new(&decide, subject, clock::now_ms());
        self.start_payout(state, row, decide, StartWith::Send)
    }

    /// Something was decided before.
    fn payout_step_by_row(
        self: &Rc<Self>,
        state: &State,
        row: PayoutRow,
        decide: DecidePayout,
    ) -> Result<Step> {
        if row.decision != decide.decision {
            return Ok(Step::Known(Err(decided_otherwise(&row)?)));
        }
        if !row.agrees(&decide.check)? {
            return Ok(Step::Known(Err(decided_on_another(&row))));
        }
        if row.status == PayoutStatus::Done {
            return row.reply().map(Step::Known);
        }
        match self.decision.get() {
            Some(((), outcome)) => Ok(Step::Wait(outcome)),
            // The object was reset during the call, or the outcome could not be read.
            None => self.start_payout(state, row, decide, StartWith::ReadState),
        }
    }

    /// Writes the row of a new decision and begins to carry it out.
    fn start_payout(
        self: &Rc<Self>,
        state: &State,
        row: PayoutRow,
        decide: DecidePayout,
        start_with: StartWith,
    ) -> Result<Step> {
        let config = environment::config(&self.env)?;
        let request = match request(&config.gateway, &row, &decide) {
            Ok(request) => request,
            Err(problem) => return Ok(Step::Known(Err(problem))),
        };
        if start_with == StartWith::Send {
            self.store.transaction(|| {
                self.store.touch(decide.tracking_id.as_str(), row.decided_at)?;
                self.store.add_payout(&row)
            })?;
        }
        let inner = Rc::clone(self);
        let call = async move {
            let attempt = Attempt {
                inner: &inner,
                config: &config,
                row: &row,
                decide: &decide,
            };
            attempt.carry_out(start_with, request).await
        };
        Ok(Step::Wait(self.decision.begin(state, (), call)))
    }
}

/// The gateway's request. Approving names the payout by the merchant's id, rejecting by the gateway's.
fn request(gateway: &Gateway, row: &PayoutRow, decide: &DecidePayout) -> Reply<http::Request<Vec<u8>>> {
    let request = match (row.decision, &row.transaction_id) {
        (Decision::Approved, _) => gateway.request(&ApprovePayout::new(decide.tracking_id.clone())),
        (Decision::Rejected, Some(id)) => gateway.request(&RejectPayout::new(TransactionId::unchecked(id))),
        (Decision::Rejected, None) => return Err(Problem::internal()),
    };
    request.map_err(|error| Problem::invalid_fields(&error))
}

/// Answers who takes the payout that was decided on to be of another amount or currency.
fn decided_on_another(row: &PayoutRow) -> Problem {
    let decision = row.decision.as_str();
    let detail = format!(
        "An earlier request decided on this payout ({decision}), and its amount or currency is not the expected one. This request sent nothing to the gateway."
    );
    Problem::new(Code::AmountMismatch, detail)
}

/// Answers who wants the other decision.
fn decided_otherwise(row: &PayoutRow) -> Result<Problem> {
    let decision = row.decision.as_str();
    let detail = match row.status {
        PayoutStatus::Done => match row.reply()? {
            Ok(_) => format!("It was {decision}."),
            // The gateway had decided before, and says how.
            Err(problem) => return Ok(problem),
        },
        _ => format!(
            "It is being {decision}, and the outcome is not known yet: send that request again to have the state read."
        ),
    };
    Ok(Problem::new(Code::PayoutDecided, detail))
}
