//! Opening the session: at most one gateway call for a ticket, however often and however simultaneously it is shown.
//!
//! What happens to a tracking id:
//!
//! | the row | the same contents | other contents |
//! |---|---|---|
//! | none | reserve, call the gateway | the same: nobody used the id yet |
//! | `opening`, under way in this object | wait for the same outcome | 409 |
//! | `opening`, but the object was reset meanwhile | call again if the operation may be sent twice, else `unknown` | 409 |
//! | `opened` | the same session again, no call | 409 |
//! | `unknown` | 409 `outcome_unknown` | 409 |
//!
//! A failed call gives the id back (the row goes), since nothing was opened that anybody could pay: the token never left the gateway. An operation that must
//! not be sent twice and whose outcome is not known keeps its row as `unknown`, because a second call could charge twice.

use std::cell::RefCell;
use std::rc::Rc;

use edge_cashier::{ErrorClass, GatewayError, OperationName};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use serde_json::{Value, json};
use worker::{Result, State};

use super::Inner;
use super::exchange::exchange;
use super::message::{Open, OpenReply, Opened};
use super::store::{SessionRow, SessionStatus};
use crate::clock;
use crate::environment;
use crate::log;
use crate::problem::{Code, Problem};

/// The outcome of the one gateway call, for everybody who waits for it.
type Opening = Shared<LocalBoxFuture<'static, OpenReply>>;

/// The opening that is under way in this object, with the digest of its contents.
#[derive(Default)]
pub(super) struct Openings(RefCell<Option<(String, Opening)>>);

impl Inner {
    /// Opens the session or gives the one that is open.
    pub(super) async fn open(self: &Rc<Self>, state: &State, open: Open) -> Result<OpenReply> {
        // No await between here and the shared future: this is the block that no other request can come into.
        let under_way = self.openings.0.borrow().clone();
        if let Some((digest, opening)) = under_way {
            if digest != open.digest {
                return Ok(Err(reused()));
            }
            return Ok(opening.await.map(|opened| Opened {
                created: false,
                ..opened
            }));
        }
        if let Some(decided) = self.decided_by_row(&open)? {
            return Ok(decided);
        }
        let opening = self.start(open)?;
        // The call goes on even if every browser that waits for it goes away: its outcome must reach the disk.
        state.wait_until(opening.clone().map(drop));
        Ok(opening.await)
    }

    /// The answer that the row already holds, or `None` when the gateway is to be called.
    fn decided_by_row(&self, open: &Open) -> Result<Option<OpenReply>> {
        if !self.store.exists()? {
            return Ok(None);
        }
        let Some(row) = self.store.session()? else {
            return Ok(None);
        };
        if row.digest != open.digest {
            return Ok(Some(Err(reused())));
        }
        Ok(match row.status {
            SessionStatus::Opened => {
                let session = serde_json::from_str(row.reply.as_deref().unwrap_or("null"))?;
                Some(Ok(Opened {
                    created: false,
                    session,
                }))
            }
            SessionStatus::Unknown => Some(Err(outcome_unknown())),
            // There is no opening in memory, so the object was reset during the call.
            SessionStatus::Opening if may_be_sent_twice(&row.operation) => None,
            SessionStatus::Opening => {
                self.store.outcome_unknown()?;
                Some(Err(outcome_unknown()))
            }
        })
    }

    /// Reserves the tracking id and begins the call.
    fn start(self: &Rc<Self>, open: Open) -> Result<Opening> {
        self.store.migrate()?;
        self.store.reserve(&SessionRow {
            tracking_id: open.tracking_id.clone(),
            user_id: open.user_id.clone(),
            operation: open.operation.clone(),
            digest: open.digest.clone(),
            amount: open.amount.clone(),
            expected: serde_json::to_string(&open.expected)?,
            status: SessionStatus::Opening,
            request_id: open.request_id.clone(),
            ticket_at: clock::now_ms(),
            opened_at: None,
            reply: None,
        })?;
        let digest = open.digest.clone();
        let inner = Rc::clone(self);
        let opening = async move {
            let outcome = inner.call(open).await;
            inner.openings.0.borrow_mut().take();
            outcome
        };
        let opening = opening.boxed_local().shared();
        *self.openings.0.borrow_mut() = Some((digest, opening.clone()));
        Ok(opening)
    }

    /// Calls the gateway and writes down what came of it, before anybody hears of it.
    async fn call(&self, open: Open) -> OpenReply {
        let request_id = open.request_id.clone();
        let not_written = |error: worker::Error| {
            log::failure(&request_id, "session row", &error.to_string());
            Problem::internal()
        };
        match self.ask_gateway(&open).await {
            Ok(session) => {
                let text = session.to_string();
                let store = self.store.clone();
                let written = self.store.transaction(move || {
                    store.opened(&text, clock::now_ms())?;
                    store.count_change()
                });
                written.map_err(not_written)?;
                self.waiters.wake();
                Ok(Opened {
                    created: true,
                    session,
                })
            }
            Err(failure) => {
                let unknown = failure.outcome_unknown && !may_be_sent_twice(&open.operation);
                let written = if unknown {
                    self.store.outcome_unknown()
                } else {
                    self.store.release()
                };
                written.map_err(not_written)?;
                Err(if unknown {
                    failure.of_unknown_outcome()
                } else {
                    failure.problem
                })
            }
        }
    }

    async fn ask_gateway(&self, open: &Open) -> std::result::Result<Value, Failure> {
        let config =
            environment::config(&self.env).map_err(|error| Failure::before_sending(error.problem()))?;
        let name = OperationName::parse(&open.operation)
            .ok_or_else(|| Failure::before_sending(Problem::internal()))?;
        let request = config.gateway.request_for(name, &open.request).map_err(|error| {
            Failure::before_sending(Problem::invalid_request(crate::problem::claim_violations(&error)))
        })?;
        let reply = match exchange(&config.gateway, name, request, config.gateway_timeout).await {
            Ok(response) => config.gateway.reply_for(name, response),
            Err(error) => Err(error),
        };
        let reply = reply.map_err(|error| {
            log::gateway_failure(&open.request_id, &error);
            Failure::of_gateway(&error)
        })?;
        Ok(session(open, &reply, &config.gateway))
    }
}

/// The public reply: what the browser needs to go on, and nothing else that the gateway said.
fn session(open: &Open, reply: &Value, gateway: &edge_cashier::Gateway) -> Value {
    let mut session = json!({ "tracking_id": open.tracking_id, "operation": open.operation });
    let text = |name: &str| {
        reply
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let token = text("token");
    let members = [
        ("token", token.map(str::to_owned)),
        ("cashier_url", token.and_then(|token| gateway.cashier_url(token))),
        ("redirect_url", text("url").map(str::to_owned)),
        (
            "transaction_status",
            text("transaction_status").map(str::to_owned),
        ),
    ];
    for (name, value) in members {
        if let (Some(session), Some(value)) = (session.as_object_mut(), value) {
            session.insert(name.to_owned(), Value::String(value));
        }
    }
    session
}

/// Why nothing was opened.
struct Failure {
    problem: Problem,
    /// The gateway may have acted all the same.
    outcome_unknown: bool,
}

impl Failure {
    fn before_sending(problem: Problem) -> Self {
        Self {
            problem,
            outcome_unknown: false,
        }
    }

    /// The client learns the kind of failure and the status. The gateway's body stays here: it may repeat what was sent.
    fn of_gateway(error: &GatewayError) -> Self {
        let (code, detail) = match (error.class(), error.status()) {
            (ErrorClass::Timeout, _) => (
                Code::GatewayTimeout,
                String::from("No session was opened; the same ticket may try again."),
            ),
            (ErrorClass::Caller, status) => (
                Code::GatewayRefused,
                format!(
                    "The gateway answered with status {}. No session was opened; the Worker's log names the cause by the request id.",
                    status.unwrap_or_default()
                ),
            ),
            (ErrorClass::Gateway, Some(status)) => (
                Code::GatewayError,
                format!(
                    "The gateway answered with status {status}. No session was opened; the same ticket may try again."
                ),
            ),
            (ErrorClass::Unreadable, _) => (
                Code::GatewayError,
                String::from(
                    "The gateway's reply is not what its API promises. No session was opened; the same ticket may try again.",
                ),
            ),
            _ => (
                Code::GatewayError,
                String::from(
                    "The gateway could not be reached or broke off. No session was opened; the same ticket may try again.",
                ),
            ),
        };
        let problem = Problem::new(code, detail);
        let problem = match error.retry_after() {
            Some(wait) => problem.with_retry_after(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX)),
            None => problem,
        };
        Self {
            problem,
            outcome_unknown: !matches!(error.class(), ErrorClass::Caller),
        }
    }
}

impl Failure {
    /// The same kind of failure for an operation that will not be tried again.
    fn of_unknown_outcome(self) -> Problem {
        Problem {
            code: self.problem.code,
            ..outcome_unknown()
        }
    }
}

fn may_be_sent_twice(operation: &str) -> bool {
    OperationName::parse(operation).is_some_and(OperationName::may_be_sent_twice)
}

fn reused() -> Problem {
    Problem::new(
        Code::TicketReused,
        "The ticket's jti was already used with other contents. Give every payment a tracking id of its own.",
    )
}

fn outcome_unknown() -> Problem {
    Problem::new(
        Code::OutcomeUnknown,
        "The gateway was asked once and its answer never came; asking again could make it act twice. Look the payment up, or sign a ticket with a fresh jti.",
    )
}
