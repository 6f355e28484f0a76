//! One payment, one Durable Object: the single place where the session, every webhook and the state of a tracking id live.
//!
//! # Which races the gates prevent, and which they do not
//!
//! An object runs one piece of JavaScript (so one piece of this wasm) at a time, and Cloudflare makes sure that there is one object per tracking id in
//! the world. Two gates come with its storage:
//! - *Synchronous SQL*: every statement here is synchronous. Between two awaits nothing else runs in the object, so "read the rows, decide, write" without an
//!   await in between cannot interleave with another request. That is the whole argument for exactly-once recording ([`record`]): twenty equal webhooks that arrive
//!   together are twenty such blocks, one after the other, and the second already sees the first one's row.
//! - *The output gate*: no response and no outgoing fetch leaves the object before the writes that preceded it are on disk. So a 204 means "on disk", and
//!   the reservation of [`open`] is on disk before the gateway can see the call. If the disk fails, the response fails with it and never says 204.
//!
//! What they do *not* prevent: while the object awaits the gateway's reply, other requests come in. The same ticket at the same instant would find no session
//! yet and would call the gateway a second time. Two things prevent that: the reservation row, written before the call, and the shared future of the
//! opening in memory, on which the second request waits ([`open`]).
//!
//! # What is in memory
//!
//! Only those who wait: the shared future of an opening or of a decision on a payout ([`payout`]), and the long polls ([`waiters`]). A panic or an eviction resets
//! them; SQLite then still knows that a call was under way, and nobody who waited had an answer that is not on disk.

mod attempts;
mod deliver;
mod exceptions;
mod in_flight;
mod listed;
pub(crate) mod message;
pub(crate) mod notice;
mod open;
mod outbox;
mod payout;
mod read;
mod record;
mod schema;
mod store;
mod view;
mod waiters;

use std::rc::Rc;

use edge_cashier::TrackingId;
use serde::de::DeserializeOwned;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use self::in_flight::InFlight;
pub(crate) use self::listed::Compared;
use self::message::{Command, Decided, Opened, Record, Reply};
use self::store::Store;
use self::waiters::Waiters;
use crate::problem::Problem;
use crate::{log, object};

/// A payment's Durable Object.
#[durable_object(alarm)]
pub struct Payment {
    inner: Rc<Inner>,
    state: State,
}

/// What the object's futures share; they may outlive the request that started them.
struct Inner {
    env: Env,
    store: Store,
    /// The opening, with the digest of its contents.
    opening: Rc<InFlight<String, Opened>>,
    /// The decision on a payout; the row says which it is.
    decision: Rc<InFlight<(), Decided>>,
    waiters: Waiters,
}

impl DurableObject for Payment {
    fn new(state: State, env: Env) -> Self {
        let inner = Inner {
            env,
            store: Store::new(state.storage()),
            opening: Rc::default(),
            decision: Rc::default(),
            waiters: Waiters::default(),
        };
        Self {
            inner: Rc::new(inner),
            state,
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        match object::command(request).await? {
            Command::Open(open) => object::reply(&self.inner.open(&self.state, open).await?),
            Command::Read(read) => object::reply(&self.inner.read(read).await?),
            Command::DecidePayout(decide) => {
                object::reply(&self.inner.decide_payout(&self.state, decide).await?)
            }
            Command::Delivery(find) => object::reply(&self.inner.delivery(&find)?),
            Command::Replay(replay) => object::reply(&self.inner.replay(replay).await?),
            #[cfg(feature = "panic-route")]
            Command::Panic => object::reply(&Reply::Ok(self.inner.panic()?)),
            Command::Record(record) => {
                self.inner.record(record).await?;
                object::done()
            }
            Command::Compare(compare) => object::reply(&Reply::Ok(self.inner.compare(compare).await?)),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.inner.alarm().await?;
        Response::empty()
    }
}

impl Inner {
    /// Writes a change that can be seen, and wakes those who wait for one.
    fn change(&self, write: impl FnOnce() -> Result<()>) -> Result<()> {
        self.store.transaction(|| {
            write()?;
            self.store.count_change()
        })?;
        self.waiters.wake();
        Ok(())
    }
}

#[cfg(feature = "panic-route")]
impl Inner {
    /// Panics after a write that must not be kept without the rest of its transaction.
    #[allow(clippy::panic, reason = "that is what it is for")]
    fn panic(&self) -> Result<()> {
        self.store.migrate()?;
        self.store.transaction(|| {
            self.store.count_change()?;
            panic!("on purpose, in the middle of a transaction")
        })
    }
}

/// Calls the object of a tracking id with a command. What fails here and not in the payment is the runtime: its cause is in the log, and the problem says `internal`.
pub(crate) async fn call<T: DeserializeOwned>(
    env: &Env,
    tracking_id: &str,
    command: &Command,
    request_id: &str,
) -> Reply<T> {
    let reply = object::call(env, "PAYMENT", tracking_id, command).await;
    reply.unwrap_or_else(|error| {
        log::failure(request_id, "payment object", &error);
        Err(Problem::internal())
    })
}

/// Has the object of a webhook's tracking id keep it. What fails here is the runtime, and is in the log.
pub(crate) async fn record(env: &Env, tracking_id: &TrackingId, record: Record) -> Result<()> {
    let request_id = record.request_id.clone();
    let command = Command::Record(record);
    let kept = object::call_without_reply(env, "PAYMENT", tracking_id.as_str(), &command).await;
    kept.inspect_err(|error| log::failure(&request_id, "payment object", error))
}
