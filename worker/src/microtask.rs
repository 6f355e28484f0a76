//! Waking futures cheaply: `microtask.js` says why.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/microtask.js")]
extern "C" {
    #[wasm_bindgen(js_name = queueByPromises)]
    pub(crate) fn queue_by_promises();
}
