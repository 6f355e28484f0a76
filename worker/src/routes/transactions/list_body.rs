//! The body of a list: written while the rows come, and within a cap.

use serde_json::Value;

/// The most that one answer holds: some 45,000 rows. An isolate has 128 MB for everything that it does. While a window is read, its text (8 MiB) and its parsed form
/// (several times that) are in memory beside this: measured on workerd, an answer of 15 MiB takes 86 MB of wasm memory, and its copy in JavaScript.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;

const START: &[u8] = b"{\"transactions\":[";
const END: &[u8] = b"]}";

/// The JSON of `{"transactions": […]}`. Its rows are kept as text: parsed, each takes several times as much.
#[derive(Debug)]
pub(super) struct ListBody {
    body: Vec<u8>,
    max_bytes: usize,
}

/// There is no place for another row.
#[derive(Debug)]
pub(super) struct Full;

impl ListBody {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            body: START.to_vec(),
            max_bytes,
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &Value) -> Result<(), Full> {
        if self.body.len() > START.len() {
            self.body.push(b',');
        }
        self.body.extend_from_slice(row.to_string().as_bytes());
        if self.body.len() + END.len() > self.max_bytes {
            return Err(Full);
        }
        Ok(())
    }

    /// Returns the whole body.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.body.extend_from_slice(END);
        self.body
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_json_of_at_most_the_cap() {
        let row = json!({ "transaction_id": "a", "note": "\"ü\"" });
        let list = |count: usize, max_bytes: usize| {
            let mut body = ListBody::new(max_bytes);
            for _ in 0..count {
                if body.push(&row).is_err() {
                    return None;
                }
            }
            Some(body.finish())
        };
        for count in 0..3 {
            let whole = serde_json::to_vec(&json!({ "transactions": vec![row.clone(); count] })).unwrap();
            assert_eq!(list(count, whole.len()), Some(whole.clone()));
            let too_small = list(count, whole.len() - 1);
            assert_eq!(too_small.is_none(), count > 0);
        }
    }
}
