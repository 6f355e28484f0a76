//! The resident memory that webhook bodies are laid into.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A signature, or any SHA-1.
pub(super) type Digest = [u8; 20];

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
pub(super) fn read<T>(body: usize, run: impl FnOnce(&Digest, &[u8]) -> T) -> Option<T> {
    INPUT.with(|input| {
        let input = input.try_borrow().ok()?;
        let (signature, rest) = input.split_first_chunk()?;
        Some(run(signature, rest.get(..body)?))
    })
}

/// Lays a digest into the signature's place.
pub(super) fn leave(digest: &Digest) -> Option<u32> {
    INPUT.with(|input| {
        *input.try_borrow_mut().ok()?.first_chunk_mut()? = *digest;
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
