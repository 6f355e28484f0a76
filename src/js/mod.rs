//! The JavaScript face: free functions over text and numbers that the TypeScript classes of `pkg/` call.
//!
//! Nothing of a caller lives in here, so nothing has to be freed. Requests and replies cross as JSON text. Webhook bodies cross through one
//! resident piece of memory ([`input`]), so that a verification neither allocates nor copies twice. TypeScript makes the error
//! classes.

// wasm-bindgen exports only what is `pub`; its callers are in JavaScript.
#![allow(unreachable_pub)]

mod fields;
mod input;
mod webhook;

#[cfg(feature = "js")]
mod answer;
#[cfg(feature = "js")]
mod gateway;

/// A third of the size of the allocator that Rust brings for wasm, and as fast; each KB counts where a page waits for it.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
