//! `transaction_status`: the latest state of one transaction, by the merchant's id.

use serde_json::{Value, json};

use super::{Answer, Call};

/// The operation.
pub(super) fn latest(call: &Call<'_>) -> worker::Result<Answer> {
    let Some(transaction) = call.store.transaction_by_tracking_id(&call.id)? else {
        return Ok(Answer::error(404, "no transaction has this id"));
    };
    let mut reply = json!({ "transaction_status": transaction.status });
    if let (Some(reason), Value::Object(reply)) = (transaction.rejected_reason, &mut reply) {
        reply.insert("rejected_reason".to_owned(), reason.into());
    }
    Answer::json(200, &reply)
}
