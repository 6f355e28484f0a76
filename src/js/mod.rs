//! The JavaScript face. The classes of `pkg/` are thin: they lay bodies into memory, and give what is thrown here its class.
//!
//! `webhook` is all of the small wasm (feature `js-webhook`); `gateway` and what stands below it come with the feature `js`.

// wasm-bindgen exports only what is `pub`; its callers are in JavaScript.
#![allow(unreachable_pub)]

#[cfg(feature = "js")]
mod gateway;
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

mod webhook;

mod input;
mod passwords;
mod value;

mod error;
#[cfg(feature = "js")]
mod host;

/// A third of the size of the allocator that Rust brings for wasm, and as fast; each KB counts where a page waits for it.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
