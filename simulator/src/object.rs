//! The Durable Object that is the gateway.

// The macro gives the struct methods that only the runtime calls, and no way to document them.
#![expect(missing_docs)]

use worker::{DurableObject, Env, Request, Response, State, console_error, durable_object};

use crate::api::{self, Operation};
use crate::cashier;
use crate::config::Config;
use crate::control;
use crate::entry::variable;
use crate::http;
use crate::store::{Kind, Store};
use crate::webhook::Outbox;

/// The one object of the simulator. It keeps nothing in memory that its SQLite does not have.
#[durable_object(alarm)]
pub struct Gateway {
    state: State,
    env: Env,
}

impl DurableObject for Gateway {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let answer = self.route(request).await;
        answer.or_else(|error| {
            // The message of an error of SQLite or of the platform: it holds no personal data.
            console_error!("the simulator failed: {error}");
            http::error(500, "the simulator failed; its log says why")
        })
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let store = self.store()?;
        Outbox::new(&self.state, &store).send_due().await?;
        Response::empty()
    }
}

impl Gateway {
    fn store(&self) -> worker::Result<Store> {
        let config = Config::read(|name| variable(&self.env, name))
            .map_err(|problems| worker::Error::RustError(problems.join("; ")))?;
        Store::open(self.state.storage().sql(), config)
    }

    async fn route(&self, request: Request) -> worker::Result<Response> {
        let store = self.store()?;
        let path = request.path();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if let Some((operation, method)) = Operation::of_path(&segments) {
            return api::serve(&self.state, &store, operation, method, request).await;
        }
        match segments.as_slice() {
            ["cashier", rest @ ..] => cashier::serve(&self.state, &store, Kind::Cashier, rest, request).await,
            ["provider", rest @ ..] => {
                cashier::serve(&self.state, &store, Kind::Provider, rest, request).await
            }
            ["challenge", rest @ ..] => {
                cashier::serve(&self.state, &store, Kind::Challenge, rest, request).await
            }
            ["control", rest @ ..] => control::serve(&self.state, &store, rest, request).await,
            _ => http::error(404, "nothing is here"),
        }
    }
}
