//! A reply as JavaScript gets it: as JSON text that the host parses.

use serde_json::{Map, Number, Value};
use wasm_bindgen::JsValue;

use crate::operation::name::OperationName;

/// The fields of a reply that the reference knows; all others go under `extra`, where they cannot be taken for known ones.
fn known(operation: OperationName) -> &'static [&'static str] {
    match operation {
        OperationName::HostedDeposit | OperationName::HostedWithdrawal => &["token", "cashier_url"],
        OperationName::DirectPayment => &["url", "token", "transaction_status", "error"],
        OperationName::CardPayment => &["url", "transaction_status", "error"],
        OperationName::ApprovePayout => &["message", "transaction_status"],
        OperationName::TransactionStatus => &["transaction_status", "rejected_reason"],
        OperationName::ListTransactions => &[
            "transaction_id",
            "gateway_transaction_id",
            "provider_transaction_id",
            "transaction_type",
            "transaction_date",
            "status",
            "payment_provider",
            "customer_id",
            "amount",
            "currency",
            "user_amount",
            "user_currency",
            "fx_amount",
        ],
        _ => &[],
    }
}

/// Writes a reply.
pub(super) fn write(operation: OperationName, reply: Value) -> Result<JsValue, JsValue> {
    let known = known(operation);
    let reply = match reply {
        Value::Array(rows) => Value::Array(rows.into_iter().map(|row| with_extra(known, row)).collect()),
        other => with_extra(known, other),
    };
    js_sys::JSON::parse(&for_doubles(reply).to_string())
}

fn with_extra(known: &[&str], reply: Value) -> Value {
    let Value::Object(fields) = reply else {
        return reply;
    };
    let (mut result, extra): (Map<_, _>, Map<_, _>) = fields
        .into_iter()
        .partition(|(name, _)| known.contains(&name.as_str()));
    if !extra.is_empty() {
        result.insert("extra".to_owned(), Value::Object(extra));
    }
    Value::Object(result)
}

/// Every number that a JavaScript number does not hold exactly becomes a string of its digits: money is never rounded silently.
fn for_doubles(value: Value) -> Value {
    match value {
        Value::Number(number) if !is_double(&number) => Value::String(number.to_string()),
        Value::Array(items) => Value::Array(items.into_iter().map(for_doubles).collect()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, item)| (name, for_doubles(item)))
            .collect(),
        other => other,
    }
}

/// Whether JavaScript prints the same number after it has read it.
fn is_double(number: &Number) -> bool {
    let text = number.to_string();
    let Some(read) = text.parse().ok().filter(|read: &f64| read.is_finite()) else {
        return false;
    };
    let mut buffer = ryu_js::Buffer::new();
    decimal(&text) == decimal(buffer.format_finite(read))
}

/// The digits of a decimal without zeros at either end, and the power of ten of the last one; one form for each number.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let text = text.to_ascii_lowercase();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (negative, whole) = match whole.strip_prefix('-') {
        Some(whole) => (true, whole),
        None => (false, whole),
    };
    let digits = [whole, fraction].concat();
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
    let behind = i64::try_from(fraction.len()).ok()?;
    let exponent = exponent
        .parse::<i64>()
        .ok()?
        .checked_add(dropped)?
        .checked_sub(behind)?;
    Some((negative, significant.to_owned(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_double_holds_stays_a_number() {
        for (text, same) in [
            ("8.56", true),
            ("200.00", true),
            ("-0.0", true),
            ("1e3", true),
            ("9007199254740991", true),
            ("9007199254740993", false),
            ("12345678901234.567", false),
            ("0.1", true),
            ("1e400", false),
            ("1e-400", false),
        ] {
            let number: Number = text.parse().unwrap_or(Number::from(0));
            assert_eq!(is_double(&number), same, "{text}");
        }
    }
}
