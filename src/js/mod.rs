//! The JavaScript face. The classes of `pkg/` are thin: they lay bodies into memory, and give what is thrown here its class.
//!
//! - `webhook` (feature `js-webhook`): verification, and with the feature `js` also `explain`.
//! - `input`: the memory that webhook bodies are laid into.
//! - `passwords`, `value`: arguments and results. `error`: what is thrown.

// wasm-bindgen exports only what is `pub`; its callers are in JavaScript.
#![allow(unreachable_pub)]

mod error;
mod input;
mod passwords;
mod value;
mod webhook;

/// A third of the size of the allocator that Rust brings for wasm, and as fast; each KB counts where a page waits for it.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
