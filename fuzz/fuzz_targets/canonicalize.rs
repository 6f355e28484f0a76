//! No bytes make it panic; what comes out is JSON to another reader, and stays as it is when it goes in again.
#![no_main]

use edge_cashier::canonicalize;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match canonicalize(data) {
        Ok(text) => {
            assert_eq!(canonicalize(&*text).as_deref(), Ok(&*text));
            // The long way comes to the same as the fast one.
            let spaced = [b" ", text.as_bytes()].concat();
            assert_eq!(canonicalize(&spaced).as_deref(), Ok(&*text));
        }
        Err(error) => {
            assert!(error.position() <= data.len());
            // Whatever serde_json takes is JSON, so we take it too.
            assert!(serde_json::from_slice::<serde_json::Value>(data).is_err(), "{error}");
        }
    }
});
