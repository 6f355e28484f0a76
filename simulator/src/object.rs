//! The Durable Object that is the gateway.

// The macro gives the struct methods that only the runtime calls, and no way to document them.
#![expect(missing_docs)]

use std::cell::Cell;
use std::sync::Arc;

use tower_service::Service;
use worker::{DurableObject, Env, HttpRequest, Request, Response, State, durable_object};

use crate::config::Config;
use crate::routes;
use crate::store::Store;
use crate::webhook::Outbox;

/// The one object of the simulator. It keeps nothing in memory that its SQLite does not have, but for the senders at work.
#[durable_object(alarm)]
pub struct Gateway {
    state: Arc<State>,
    env: Env,
    /// Whether this object has freed what the one before it was sending.
    is_awake: Cell<bool>,
}

impl DurableObject for Gateway {
    fn new(state: State, env: Env) -> Self {
        let state = Arc::new(state);
        let is_awake = Cell::new(false);
        Self { state, env, is_awake }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let request: HttpRequest = request.try_into()?;
        routes::object(self.outbox()?).call(request).await?.try_into()
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.outbox()?.send_due().await?;
        Response::empty()
    }
}

impl Gateway {
    fn outbox(&self) -> worker::Result<Outbox> {
        let config =
            Config::of(&self.env).map_err(|problems| worker::Error::RustError(problems.join("; ")))?;
        let store = Store::open(self.state.storage().sql(), config)?;
        if !self.is_awake.replace(true) {
            store.forget_attempts()?;
        }
        Ok(Outbox::new(self.state.clone(), store))
    }
}
