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
//! Only those who wait: the shared future of an opening, and the long polls ([`waiters`]). A panic or an eviction resets both; SQLite then still knows that an
//! opening was under way, and nobody who waited was told anything that is not on disk.

mod exchange;
pub(crate) mod expectation;
pub(crate) mod message;
mod open;
mod read;
mod record;
mod store;
mod view;
mod waiters;

use std::rc::Rc;

use wasm_bindgen::JsCast;
use worker::{DurableObject, Env, Request, Response, ResponseBuilder, Result, State, durable_object};

use self::message::{Command, Reply, reply_text};
use self::open::Openings;
use self::store::Store;
use self::waiters::Waiters;
use crate::host::{self, Failure};

/// A payment's Durable Object.
#[durable_object(fetch)]
pub struct Payment {
    inner: Rc<Inner>,
    state: State,
}

/// What the object's futures share; they may outlive the request that started them.
struct Inner {
    env: Env,
    store: Store,
    openings: Openings,
    waiters: Waiters,
}

impl DurableObject for Payment {
    fn new(state: State, env: Env) -> Self {
        let store = Store::new(host::property(state.as_raw(), "storage").unchecked_into());
        let inner = Inner {
            env,
            store,
            openings: Openings::default(),
            waiters: Waiters::default(),
        };
        Self {
            inner: Rc::new(inner),
            state,
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let reply = self.told(request.inner()).await?;
        Ok(ResponseBuilder::new().fixed(reply_text(reply).into_bytes()))
    }
}

impl Payment {
    async fn told(&self, request: &web_sys::Request) -> std::result::Result<Reply, Failure> {
        let command = host::settled(request.text()?).await?.as_string();
        let command = command.as_deref().and_then(Command::from_text);
        match command.ok_or_else(|| Failure::new("the command is not one of ours"))? {
            Command::Open(open) => self.inner.open(&self.state, open).await,
            Command::Read(read) => self.inner.read(read).await,
            Command::Record(record) => self.inner.record(record),
        }
    }
}
