//! The payments gateway, simulated: its API, its hosted cashier and its signed webhooks, as a Worker for development and
//! tests. It moves no money and must never be deployed.
//!
//! | route | what it is |
//! |---|---|
//! | `POST /cashier/deposit`, `/cashier/withdrawal`, `/payments/direct`, `/payments/card`, `/payouts/reject`, `/payouts/approve`, `GET /transactions`, `/transactions/{id}` | the Payments API |
//! | `GET /cashier/{token}`, `/provider/{token}`, `/challenge/{token}`; `POST …/decision` | the pages for the user |
//! | `/control`, `/control/…` | what was received and sent, the settings and the faults |
//! | `/shop/…` | the backend of the demo shop: it signs launch tickets |
//! | `GET /healthz` | whether the variables are complete |
//!
//! The entry is stateless. One Durable Object, [`Gateway`], holds all state in its SQLite; how a faulty reply leaves
//! (late, cut, never ending) is the entry's work, so that no reply holds the object up.

mod api;
mod cashier;
mod clock;
mod config;
mod control;
mod entry;
mod fault;
mod http;
mod object;
mod random;
mod settings;
mod shop;
mod store;
mod webhook;

pub use object::Gateway;
