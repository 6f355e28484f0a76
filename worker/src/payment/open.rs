//! Opening the session: at most one gateway call for a ticket, however often and however simultaneously it is shown.
//!
//! What happens to a tracking id:
//!
//! | the row | the same contents | other contents |
//! |---|---|---|
//! | none | reserve, call the gateway | the same: nobody used the id yet |
//! | `opening`, under way in this object | wait for the same outcome | 409 |
//! | `opening`, but the object was reset meanwhile | call again if the operation may be sent twice, else `unknown` | 409 |
//! | `opened` | the same session again, no call; after a declined card, a call with the next one, up to [`MAX_CARDS`] | 409 |
//! | `unknown` | 409 `outcome_unknown` | 409 |
//!
//! A failed call gives the id back (the row goes), since nothing was opened that anybody could pay: the token never left the gateway. An operation that must
//! not be sent twice and whose outcome is not known keeps its row as `unknown`, because a second call could charge twice.

use std::rc::Rc;

use edge_cashier::{Gateway, GatewayError, OperationName, redact};
use serde::Serialize;
use serde_json::Value;
use worker::{Error, Result, State};

use super::Inner;
use super::in_flight::Outcome;
use super::message::{Open, Opened, Reply};
use super::store::{SessionRow, SessionStatus};
use super::view;
use crate::clock;
use crate::config::{Config, environment};
use crate::gateway::{self, exchange};
use crate::log;
use crate::problem::{self, Code, Problem};

/// How many cards one ticket may try: more than anybody has, and too few to find out which of a list of stolen ones are good.
const MAX_CARDS: i64 = 10;

/// What to do about a call that may have moved money. A fresh ticket would move it a second time.
const OUTCOME_UNKNOWN: &str = "The gateway was asked, and it is not known whether it acted; asking again could make it act twice. Wait for the webhook or look the payment up; only if the gateway has not acted, sign a ticket with a fresh jti.";

/// What came of opening.
type OpenReply = Reply<Opened>;

/// What is to be done about a command to open.
enum OpenStep {
    /// The answer is there.
    Known(OpenReply),
    /// The gateway is being asked, for this request.
    Wait(Outcome<Opened>),
    /// The gateway is being asked, for another request.
    Join(Outcome<Opened>),
}

impl Inner {
    /// Opens the session or gives the one that is open.
    pub(super) async fn open(self: &Rc<Self>, state: &State, open: Open) -> Result<OpenReply> {
        Ok(match self.next_step(state, open)? {
            OpenStep::Known(reply) => reply,
            OpenStep::Wait(opening) => opening.await,
            // Somebody else's request opens it.
            OpenStep::Join(opening) => opening.await.map(|opened| Opened {
                created: false,
                ..opened
            }),
        })
    }

    /// What to do. There is no await in here: this is the block that no other request can come into.
    fn next_step(self: &Rc<Self>, state: &State, open: Open) -> Result<OpenStep> {
        if let Some((digest, opening)) = self.opening.get() {
            return Ok(if digest == open.digest {
                OpenStep::Join(opening)
            } else {
                OpenStep::Known(Err(reused()))
            });
        }
        if let Some(reply) = self.reply_by_row(&open)? {
            return Ok(OpenStep::Known(reply));
        }
        self.start(state, open)
    }

    /// The answer that the row already holds, or `None` when the gateway is to be called.
    fn reply_by_row(&self, open: &Open) -> Result<Option<OpenReply>> {
        if !self.store.exists()? {
            return Ok(None);
        }
        self.store.migrate()?;
        let Some(row) = self.store.session()? else {
            return Ok(None);
        };
        if row.digest != open.digest {
            return Ok(Some(Err(reused())));
        }
        Ok(match row.status {
            // A declined card: the user may try another one under the same ticket.
            SessionStatus::Opened if open.card_details.is_some() && self.may_try_another(&row)? => {
                (row.attempts_due >= MAX_CARDS).then(|| Err(too_many_cards()))
            }
            SessionStatus::Opened => {
                let reply = row.reply.as_deref();
                let reply = reply.ok_or_else(|| Error::from("the row of the session has no reply"))?;
                Some(Ok(Opened {
                    created: false,
                    session: serde_json::from_str(reply)?,
                }))
            }
            SessionStatus::Unknown => Some(Err(outcome_unknown())),
            // There is no opening in memory, so the object was reset during the call.
            SessionStatus::Opening if row.operation.may_be_sent_twice() => None,
            SessionStatus::Opening => {
                self.change(|| self.store.outcome_unknown())?;
                Some(Err(outcome_unknown()))
            }
        })
    }

    /// Whether another card may follow: the last one was declined, and a person has nothing to look at.
    fn may_try_another(&self, row: &SessionRow) -> Result<bool> {
        let ledger = view::ledger(&self.store)?;
        Ok(ledger.conflicts().is_empty() && view::is_declined(row, &ledger)?)
    }

    /// Reserves the tracking id and begins the call.
    fn start(self: &Rc<Self>, state: &State, open: Open) -> Result<OpenStep> {
        // Read before anything is reserved: a call that is never made must not leave an unknown outcome.
        let config = match environment::config(&self.env) {
            Ok(config) => config,
            Err(error) => return Ok(OpenStep::Known(Err(error.problem()))),
        };
        self.store.migrate()?;
        let attempts_due = self.store.session()?.map_or(0, |row| row.attempts_due);
        let reported = view::count_attempts(&view::ledger(&self.store)?);
        let row = SessionRow {
            tracking_id: open.tracking_id.as_str().to_owned(),
            user_id: open.user_id.as_str().to_owned(),
            operation: open.operation,
            digest: open.digest.clone(),
            amount: open.amount.clone(),
            expected: serde_json::to_string(&open.expected)?,
            status: SessionStatus::Opening,
            request_id: open.request_id.clone(),
            ticket_at: clock::now_ms(),
            opened_at: None,
            reply: None,
            attempts_due: attempts_due.max(reported) + 1,
        };
        self.store.transaction(|| {
            self.store.touch(&row.tracking_id, row.ticket_at)?;
            self.store.reserve(row)?;
            match attempts_due {
                0 => Ok(()),
                // The next card: what was rejected is pending again.
                _ => self.store.count_change(),
            }
        })?;
        self.waiters.wake();
        let digest = open.digest.clone();
        let inner = Rc::clone(self);
        let call = async move { inner.call(&config, open, attempts_due).await };
        Ok(OpenStep::Wait(self.opening.begin(state, digest, call)))
    }

    /// Calls the gateway and writes down what came of it, before anybody hears of it.
    async fn call(&self, config: &Config, open: Open, attempts_due: i64) -> OpenReply {
        // Before the call too, so that a payment whose object dies in it is deleted some day like any other.
        self.schedule_or_log(config, &open).await;
        let answer = self.ask_gateway(config, &open).await;
        let reply = self.write_down(&open, attempts_due, answer);
        self.schedule_or_log(config, &open).await;
        reply
    }

    async fn schedule_or_log(&self, config: &Config, open: &Open) {
        if let Err(error) = self.schedule(config).await {
            // The next change sets it again.
            log::failure(&open.request_id, "alarm", &error);
        }
    }

    fn write_down(
        &self,
        open: &Open,
        attempts_due: i64,
        answer: std::result::Result<Value, NotOpened>,
    ) -> OpenReply {
        let not_written = |error: Error| {
            log::failure(&open.request_id, "session row", &error);
            Problem::internal()
        };
        match answer {
            Ok(session) => {
                let written = self.change(|| {
                    self.store.opened(&session.to_string(), clock::now_ms())?;
                    match self.store.webhooks()?.as_slice() {
                        [] => Ok(()),
                        // They came before the session, and may contradict it.
                        _ => self.store.note_change(clock::now_ms()),
                    }
                });
                written.map_err(not_written)?;
                Ok(Opened {
                    created: true,
                    session,
                })
            }
            Err(failure) => {
                let written = self.change(|| match failure.outcome_unknown {
                    true => self.store.outcome_unknown(),
                    false => self.store.release(attempts_due),
                });
                written.map_err(not_written)?;
                Err(failure.problem)
            }
        }
    }

    async fn ask_gateway(&self, config: &Config, open: &Open) -> std::result::Result<Value, NotOpened> {
        let card_payment = open.card_details.as_ref().map(|card| card.beside(&open.request));
        let request = config
            .gateway
            .request_for(open.operation, card_payment.as_ref().unwrap_or(&open.request))
            .map_err(|error| {
                NotOpened::before_sending(Problem::invalid_request(problem::claim_violations(&error)))
            })?;
        let reply = exchange(&config.gateway, open.operation, request, config.gateway_timeout).await;
        let reply = reply.map_err(|error| {
            log::gateway_failure(&open.request_id, open.tracking_id.as_str(), &error);
            NotOpened::of_gateway(open.operation, &error)
        })?;
        let session = Session::new(open, &reply, &config.gateway);
        // It is texts: it can be written.
        Ok(serde_json::to_value(session).unwrap_or_default())
    }
}

/// The public reply: what the browser needs to go on, and nothing else that the gateway said.
#[derive(Serialize)]
struct Session<'a> {
    tracking_id: &'a str,
    operation: OperationName,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cashier_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_status: Option<&'a str>,
    /// Why a card was declined, in the gateway's words but for what they may repeat of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'a> Session<'a> {
    fn new(open: &'a Open, reply: &'a Value, gateway: &Gateway) -> Self {
        let text = |name: &str| {
            let text = reply.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty())
        };
        let token = text("token");
        Self {
            tracking_id: open.tracking_id.as_str(),
            operation: open.operation,
            token,
            cashier_url: token.and_then(|token| gateway.cashier_url(token)),
            redirect_url: text("url"),
            transaction_status: text("transaction_status"),
            error: text("error")
                .filter(|_| open.card_details.is_some())
                .map(|error| redact(error, &[])),
        }
    }
}

/// Why nothing was opened.
struct NotOpened {
    problem: Problem,
    /// The gateway may have acted all the same, and must not be asked again.
    outcome_unknown: bool,
}

impl NotOpened {
    fn before_sending(problem: Problem) -> Self {
        Self {
            problem,
            outcome_unknown: false,
        }
    }

    fn of_gateway(operation: OperationName, error: &GatewayError) -> Self {
        let outcome_unknown = error.may_have_acted() && !operation.may_be_sent_twice();
        let problem = if outcome_unknown {
            let (code, what) = gateway::failure(error);
            Problem::new(code, what + OUTCOME_UNKNOWN)
        } else {
            gateway::problem(error, "No session was opened", "the same ticket may try again")
        };
        Self {
            problem,
            outcome_unknown,
        }
    }
}

fn reused() -> Problem {
    Problem::new(
        Code::TicketReused,
        "The ticket's jti was already used with other contents. Give every payment a tracking id of its own.",
    )
}

fn too_many_cards() -> Problem {
    let detail =
        format!("{MAX_CARDS} cards were declined under this ticket. Sign a new ticket, with a fresh jti.");
    Problem::new(Code::TooManyCards, detail)
}

fn outcome_unknown() -> Problem {
    Problem::new(Code::OutcomeUnknown, OUTCOME_UNKNOWN)
}
