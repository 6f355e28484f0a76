//! Each reply is read in two ways: as its type, and as JSON without the type. Whatever a gateway sends, both must agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use edge_cashier::{
    ApiKey, ApprovePayout, CardPayment, DirectPayment, Gateway, GatewayConfig, HostedDeposit,
    HostedWithdrawal, ListTransactions, Operation, RejectPayout, Routes, TransactionStatusQuery,
};
use http::Response;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn gateway() -> Gateway {
    Gateway::new(GatewayConfig {
        api_key: ApiKey::new("example_key").unwrap(),
        base_url: "https://gateway.example/api/v1".to_owned(),
        cashier_url: None,
        routes: Routes::default(),
        user_agent: None,
    })
    .unwrap()
}

fn agree<O: Operation>(body: &Value) -> Result<(), TestCaseError> {
    let response = || Response::new(serde_json::to_vec(body).unwrap());
    let typed = gateway()
        .reply::<O>(response())
        .map(|reply| serde_json::to_string(&reply).unwrap());
    let plain = gateway()
        .reply_for(O::NAME, response())
        .map(|reply| reply.to_string());
    prop_assert_eq!(typed, plain);
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
    fn typed_and_plain_replies_agree(body in prop_oneof![9 => object(), 1 => value()]) {
        agree::<HostedDeposit>(&body)?;
        agree::<HostedWithdrawal>(&body)?;
        agree::<DirectPayment>(&body)?;
        agree::<CardPayment>(&body)?;
        agree::<RejectPayout>(&body)?;
        agree::<ApprovePayout>(&body)?;
        agree::<TransactionStatusQuery>(&body)?;
    }

    #[test]
    fn typed_and_plain_lists_agree(rows in prop::collection::vec(prop_oneof![9 => object(), 1 => value()], 0..3), whole in any::<bool>()) {
        let body = if whole { Value::Array(rows) } else { rows.into_iter().next().unwrap_or(json!({})) };
        agree::<ListTransactions>(&body)?;
    }
}
