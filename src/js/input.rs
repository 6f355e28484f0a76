//! The buffer that JavaScript writes webhook bodies into, so that a verification neither allocates nor copies twice.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error::Throw;
use crate::WebhookError;
use crate::webhook::MAX_BODY_BYTES;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Bytes before the body: the hexadecimal digits of a signature.
const DIGITS: usize = 40;

/// Reserves space for a body of `capacity` bytes and returns the address of the signature's digits, which come before it. The buffer moves only here.
/// Throws `body_too_large`.
#[wasm_bindgen]
pub fn input(capacity: usize) -> Result<*mut u8, JsValue> {
    if capacity > MAX_BODY_BYTES {
        return Err(WebhookError::BodyTooLarge.throw());
    }
    INPUT.with(|input| {
        // In use only while a body is read, and that runs nothing of the caller's.
        let mut input = input.try_borrow_mut().map_err(|_| JsValue::UNDEFINED)?;
        if input.len() < DIGITS + capacity {
            input.resize(DIGITS + capacity, 0);
        }
        Ok(input.as_mut_ptr())
    })
}

/// Runs a function on the signature's digits and the body that JavaScript has written.
pub(super) fn read<T>(
    length: usize,
    run: impl FnOnce(&[u8], &[u8]) -> Result<T, JsValue>,
) -> Result<T, JsValue> {
    INPUT.with(|input| {
        let input = input.try_borrow().map_err(|_| JsValue::UNDEFINED)?;
        let (digits, rest) = input.split_at_checked(DIGITS).ok_or(JsValue::UNDEFINED)?;
        run(digits, rest.get(..length).ok_or(JsValue::UNDEFINED)?)
    })
}
