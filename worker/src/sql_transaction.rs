//! [`transactionSync`](https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#transactionsync), which the crate `worker` lacks.

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Error, Result, Storage};

#[wasm_bindgen]
extern "C" {
    /// `DurableObjectStorage`
    type DurableObjectStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &DurableObjectStorage,
        callback: &mut dyn FnMut() -> std::result::Result<(), JsValue>,
    ) -> std::result::Result<JsValue, JsValue>;
}

/// Does all of `work` or, if it fails, none of it.
///
/// Without it a statement that fails would leave the ones before it in the object's implicit transaction.
pub(crate) fn transaction<T>(storage: &Storage, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let storage: &DurableObjectStorage = storage.as_raw().unchecked_ref();
    let mut work = Some(work);
    let mut outcome = None;
    let called = storage.transaction_sync(&mut || {
        outcome = work.take().map(|work| work());
        match outcome {
            // What is thrown makes SQLite roll back; the caller gets the error itself.
            Some(Err(_)) => Err(JsValue::from_str("rolled back")),
            _ => Ok(()),
        }
    });
    match (outcome, called) {
        (Some(Err(error)), _) => Err(error),
        (Some(Ok(value)), Ok(_)) => Ok(value),
        // The work was done but the commit failed, or the callback was never called.
        (_, Err(thrown)) => Err(Error::from(thrown)),
        (None, Ok(_)) => Err(Error::from("transactionSync did not call back")),
    }
}
