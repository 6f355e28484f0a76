//! The payments gateway, simulated: its API, its hosted cashier and its signed webhooks, as a Worker for development and
//! tests. It moves no money and must never be deployed.
//!
//! `routes.rs` lists every route: the Payments API, the pages for the user, the control API, and the backend of the demo
//! shop, which signs launch tickets.
//!
//! The entry is stateless. One Durable Object, [`Gateway`], holds all state in its SQLite; how a faulty reply leaves
//! (late, cut, never ending) is the entry's work, so that no reply holds the object up.

// By layer: each uses only what is listed below it.
mod entry;
mod object;
mod routes;

mod api;
mod cashier;
mod control;
mod shop;

mod transport;
mod webhook;

mod page;
mod query;
mod reply;
mod store;

mod scenario;
mod settings;

mod cards;
mod config;
mod fault;

mod clock;
mod json;
mod random;

pub use object::Gateway;
