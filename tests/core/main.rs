//! The core as a Rust program uses it, natively.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod amount;
mod card;
mod customer;
mod gateway;
mod gateway_errors;
mod identifiers;
mod ledger;
mod list_windows;
mod operations;
mod redaction;
mod replies;
mod requests;
mod retry;
mod support;
mod webhook;
mod webhook_canonical;
mod webhook_event;
mod webhook_explain;
mod webhook_passwords;
