//! The JavaScript face: functions that the TypeScript classes of `pkg/` call, and the tests of `tests/wasm`. Requests and calls are in [`gateway`].
//!
//! Webhook bodies cross through one resident piece of memory ([`input`]), so that a verification neither allocates nor copies twice, and nothing has to
//! be freed. Errors are made in TypeScript.

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
mod data;
#[cfg(feature = "js")]
mod outgoing;
#[cfg(feature = "js")]
mod promise;
#[cfg(feature = "js")]
mod reply;
#[cfg(feature = "js")]
mod secrets;

mod error;
#[cfg(feature = "js")]
mod host;

mod fields;
mod input;
mod webhook;

/// A third of the size of the allocator that Rust brings for wasm, and as fast; each KB counts where a page waits for it.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
