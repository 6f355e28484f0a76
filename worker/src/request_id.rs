//! The id under which a request is found again: in the answer's `x-request-id`, in problems, in the log and beside every record.

use js_sys::Function;
use wasm_bindgen::JsCast;
use web_sys::Request;

use crate::host::{header, property};

/// Cloudflare's own id of the request, or a random UUID where there is none (locally). What a client sends is not taken over: it could be anything.
pub(crate) fn request_id(request: &Request) -> String {
    header(request, "cf-ray")
        .or_else(random_uuid)
        .unwrap_or_else(|| String::from("none"))
}

fn random_uuid() -> Option<String> {
    let crypto = property(&js_sys::global(), "crypto");
    let random_uuid: Function = property(&crypto, "randomUUID").dyn_into().ok()?;
    random_uuid.call0(&crypto).ok()?.as_string()
}
