//! Requests and options. What JavaScript values are refused is in `tests/pkg`.

use edge_cashier::js::gateway::Gateway;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{DEPOSIT, OPTIONS, build, get, js, text, violations};

#[wasm_bindgen_test]
fn a_request_is_the_references() {
    let built = build(
        "hosted_deposit",
        &js(&format!("{{{DEPOSIT}, settings: {{a: [1, null, true]}}}}")),
    )
    .unwrap();
    assert_eq!(text(&built, "method"), "POST");
    assert_eq!(text(&built, "url"), "https://gateway.example/api/cashier/deposit");
    assert_eq!(text(&built, "headers.x-api-key"), "example_key");
    assert_eq!(text(&built, "headers.content-type"), "application/json");
    let expected = "{\"request\":{\"settings\":{\"a\":[1,null,true]},\"user_id\":\"128\",\"tracking_id\":\"order-1\",\"amount\":10.05,\"currency\":\"EUR\"}}";
    assert_eq!(text(&built, "body"), expected);
    let built = build("list_transactions", &js("{from: '01-08-2024'}")).unwrap();
    assert_eq!(
        text(&built, "url"),
        "https://gateway.example/api/transactions?from=01-08-2024"
    );
    assert!(get(&built, "body").is_null());
}

#[wasm_bindgen_test]
fn a_gateway_keeps_a_copy_of_its_options() {
    let given = js(&format!("{{{OPTIONS}, timeoutMs: 5}}"));
    let gateway = Gateway::new(&given, Some("node/24.9.0".to_owned())).unwrap();
    js_sys::Reflect::set(&given, &"apiKey".into(), &"other".into()).unwrap();
    let copy = gateway.options();
    assert_eq!(text(&copy, "apiKey"), "example_key");
    assert_eq!(get(&copy, "timeoutMs").as_f64(), Some(5.0));
}

#[wasm_bindgen_test]
fn everything_that_is_wrong_is_reported_at_once() {
    let wrong = js("{user_id: '128', amuont: 1, amount: NaN, customer: {email: () => {}}}");
    let found = [
        "request.amount type",
        "request.customer.email type",
        "request.amuont unknown_field",
        "request.tracking_id required",
        "request.currency required",
    ];
    assert_eq!(violations(&build("hosted_deposit", &wrong).unwrap_err()), found);
}
