//! The Worker's addresses. What is not in this table does not exist.

mod cards;
mod deliveries;
mod exceptions;
mod extract;
mod layers;
mod merchant;
mod opening;
mod page;
#[cfg(feature = "panic-route")]
mod panic;
mod payouts;
mod sessions;
mod stats;
mod system;
mod transactions;
mod webhooks;

use std::cell::OnceCell;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use worker::Env;

use self::layers::{MAX_SHORT_BODY_BYTES, limited};
use crate::config::{Config, ConfigError, environment};
use crate::platform::MAX_BODY_BYTES;

/// What every handler may use.
#[derive(Debug, Clone)]
struct App {
    env: Env,
    config: Arc<Config>,
}

thread_local! {
    /// The table is built once for an isolate, as its configuration is.
    static ROUTER: OnceCell<Router> = const { OnceCell::new() };
}

/// Returns the router for this isolate's configuration. While that is incomplete or malformed, every address says so.
pub(crate) fn router(env: &Env) -> Router {
    ROUTER.with(|router| {
        router
            .get_or_init(|| match environment::config(env) {
                Ok(config) => table(App {
                    env: env.clone(),
                    config,
                }),
                Err(error) => out_of_order(error),
            })
            .clone()
    })
}

fn table(app: App) -> Router {
    // The layer answers every OPTIONS; it is named here for `Allow`.
    let preflight = || async { StatusCode::NO_CONTENT };
    let for_browsers = Router::new()
        .route("/v1/sessions", post(sessions::open).options(preflight))
        .route(
            "/v1/sessions/{tracking_id}",
            get(sessions::read).options(preflight),
        )
        .route("/v1/card-payments", post(cards::pay).options(preflight));
    let for_the_gateway = Router::new().route("/v1/webhooks", post(webhooks::receive));
    let for_servers = Router::new()
        .route("/v1/deliveries", get(deliveries::list))
        .route("/v1/deliveries/{id}", get(deliveries::read))
        .route("/v1/deliveries/{id}/replay", post(deliveries::replay))
        .route("/v1/exceptions", get(exceptions::list))
        .route("/v1/exceptions/{id}/resolve", post(exceptions::resolve))
        .route("/v1/stats", get(stats::read))
        .route("/v1/payouts/{tracking_id}/approve", post(payouts::approve))
        .route("/v1/payouts/{tracking_id}/reject", post(payouts::reject))
        .route("/v1/transactions", get(transactions::list))
        .route("/v1/transactions/{id}", get(transactions::status))
        .route("/healthz", get(system::health))
        .route("/openapi.yaml", get(system::openapi));
    #[cfg(feature = "panic-route")]
    let for_servers = for_servers.merge(panic::routes());
    let router = layers::cross_origin(limited(for_browsers, MAX_SHORT_BODY_BYTES), &app.config)
        .merge(limited(for_the_gateway, MAX_BODY_BYTES))
        .merge(limited(for_servers, MAX_SHORT_BODY_BYTES));
    layers::common(router.with_state(app))
}

fn out_of_order(error: ConfigError) -> Router {
    layers::common(Router::new().fallback(move || async move { error.problem() }))
}
