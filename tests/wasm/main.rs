//! The JavaScript face in a host: in Node, and with `WASM_BINDGEN_USE_BROWSER=1` in a browser.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod calls;
mod requests;
mod support;
mod webhook;
