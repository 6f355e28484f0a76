//! Reads the vectors in `tests/vectors`.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::Value;

/// The vectors of one file, never none.
pub fn read(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let Value::Array(vectors) = serde_json::from_str::<Value>(&text).unwrap()["vectors"].take() else {
        panic!("{file} has no vectors");
    };
    assert!(!vectors.is_empty(), "{file} is empty");
    vectors
}

/// A field that is text, or bytes in hexadecimal.
pub fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    match (vector[field].as_str(), vector[format!("{field}_hex")].as_str()) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(digits)) => hex::decode(digits).unwrap(),
        _ => panic!("{} has no {field}", vector["name"]),
    }
}

/// How many cases a property is tried with: so many, unless `PROPTEST_CASES` says otherwise.
pub fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(usual)
}
