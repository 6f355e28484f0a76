//! Whatever a gateway sends, no field of a reply that is understood is lost.

use edge_cashier::{Amount, Gateway, OperationName};
use http::Response;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::config;

fn gateway() -> Gateway {
    Gateway::new(config("example_key", "https://gateway.example/api/v1")).unwrap()
}

/// Whether a field came through: unchanged, or as what it means.
fn same(sent: &Value, read: Option<&Value>) -> bool {
    let number = |value: &Value| match value {
        Value::Number(_) => serde_json::from_value::<Amount>(value.clone()).ok(),
        Value::String(text) => Amount::parse(text).ok(),
        _ => None,
    };
    match read {
        None => sent.is_null() || sent == "",
        // An amount may be a number or a string, an id the digits of a number.
        Some(read) => sent == read || (number(sent).is_some() && number(sent) == number(read)),
    }
}

fn keeps(name: OperationName, body: &Value) -> Result<(), TestCaseError> {
    let response = Response::new(serde_json::to_vec(body).unwrap());
    let Ok(reply) = gateway().reply_for(name, response) else {
        return Ok(());
    };
    let row = |value: &Value| value.as_object().unwrap().clone();
    let pairs = match (body, &reply) {
        (Value::Array(sent), Value::Array(read)) => {
            prop_assert_eq!(sent.len(), read.len(), "no row hides another");
            sent.iter()
                .zip(read)
                .map(|(sent, read)| (row(sent), row(read)))
                .collect()
        }
        (sent, read) => vec![(row(sent), row(read))],
    };
    for (sent, read) in pairs {
        for (field, value) in &sent {
            prop_assert!(
                same(value, read.get(field)),
                "{name} {field}: {value} -> {:?}",
                read.get(field)
            );
        }
    }
    Ok(())
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "token",
        "url",
        "transaction_status",
        "error",
        "message",
        "rejected_reason",
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
        "unknown",
        "",
    ])
    .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop::sample::select(vec!["", ".", " ", "pending", "EUR", "200.00", "1e3", "id-1"]).prop_map(Value::from),
        1 => prop::sample::select(vec!["10.050", "1e-7", "1e400", "-3", "0", "1234567890"]).prop_map(|text| serde_json::from_str(text).unwrap()),
        1 => prop::sample::select(vec![json!(null), json!(true), json!([]), json!({"a": 1.50})]),
    ]
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((name(), value()), 0..20).prop_map(|fields| Value::Object(Map::from_iter(fields)))
}

proptest! {
    #[test]
    fn no_field_of_a_reply_is_lost(body in prop_oneof![9 => object(), 1 => value()]) {
        for name in OperationName::ALL {
            keeps(name, &body)?;
        }
    }

    #[test]
    fn no_field_and_no_row_of_a_list_is_lost(rows in prop::collection::vec(object(), 0..3)) {
        keeps(OperationName::ListTransactions, &Value::Array(rows))?;
    }
}
