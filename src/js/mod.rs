//! The JavaScript face: what the thin TypeScript classes of `pkg/` call, and the tests of `tests/wasm`. Each export reads its arguments, calls the core and writes the
//! result.
//!
//! `webhook` is all of the small wasm (feature `js-webhook`); `gateway` and what is below it come with the feature `js`.

// wasm-bindgen exports only what is `pub`; its callers are in JavaScript.
#![allow(unreachable_pub)]

#[cfg(feature = "js")]
pub mod gateway;
#[cfg(feature = "js")]
mod options;
#[cfg(feature = "js")]
mod range;
#[cfg(feature = "js")]
mod transport;

#[cfg(feature = "js")]
mod answer;
#[cfg(feature = "js")]
mod data;
#[cfg(feature = "js")]
mod number;
#[cfg(feature = "js")]
mod outgoing;
#[cfg(feature = "js")]
mod promise;
#[cfg(feature = "js")]
mod reply;
#[cfg(feature = "js")]
mod secrets;
#[cfg(feature = "js")]
mod types;

pub mod webhook;

mod fast_path;
pub mod input;
mod passwords;
mod value;

mod error;
#[cfg(feature = "js")]
mod host;
