//! The resident memory that webhook bodies are laid into.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Bytes before the body: the signature's place.
const SIGNATURE_ROOM: usize = 64;

/// Makes the memory at least `capacity` bytes long, and tells where it is. It moves only here, so the caller looks again after each call.
#[wasm_bindgen]
pub fn input(capacity: usize) -> *mut u8 {
    INPUT.with(|input| match input.try_borrow_mut() {
        Ok(mut input) => {
            if input.len() < capacity {
                input.resize(capacity, 0);
            }
            input.as_mut_ptr()
        }
        // A body is being read at this moment: only reached if reading it runs the caller's code, which it does not.
        Err(_) => std::ptr::null_mut(),
    })
}

/// The signature's and the body's bytes, as the caller laid them in.
pub(super) fn read<T>(signature: usize, body: usize, run: impl FnOnce(&[u8], &[u8]) -> T) -> Option<T> {
    INPUT.with(|input| {
        let input = input.try_borrow().ok()?;
        let signature = input.get(..signature.min(SIGNATURE_ROOM))?;
        let body = input.get(SIGNATURE_ROOM..SIGNATURE_ROOM.checked_add(body)?)?;
        Some(run(signature, body))
    })
}

/// Lays an answer into the signature's place.
pub(super) fn leave(answer: &[u8]) -> Option<u32> {
    INPUT.with(|input| {
        let mut input = input.try_borrow_mut().ok()?;
        input.get_mut(..answer.len())?.copy_from_slice(answer);
        Some(0)
    })
}

/// Overwrites all of it: there were passwords in it.
pub(super) fn wipe() {
    INPUT.with(|input| {
        if let Ok(mut input) = input.try_borrow_mut() {
            input.as_mut_slice().zeroize();
        }
    });
}
