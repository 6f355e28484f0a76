//! Calls over a replaced `fetch`, and over a platform's that misbehaves.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{DEPOSIT, call, gateway, get, js, json, text};

const PAYOUT: &str = "{transaction_id: 'order-1'}";

async fn deposit(more: &str) -> Result<JsValue, JsValue> {
    call(
        &gateway(more),
        "hosted_deposit",
        &format!("{{{DEPOSIT}}}"),
        "undefined",
    )
    .await
}

fn assert_failed(thrown: &JsValue, code: &str) {
    assert_eq!(text(thrown, "kind"), "gateway", "{}", json(thrown));
    assert_eq!(text(thrown, "code"), code, "{}", json(thrown));
    assert!(!json(thrown).contains("example_key"), "{}", json(thrown));
}

#[wasm_bindgen_test]
async fn a_fetch_is_called_with_a_url_and_a_plain_object() {
    let more = "cashierUrl: 'https://cashier.example/{token}', fetch: async (...given) => {
        globalThis.given = given;
        return { status: 200, headers: { get: () => null }, text: async () => '{\"token\":\"a b\",\"more\":[1]}' };
    }";
    let reply = deposit(more).await.unwrap();
    assert_eq!(text(&reply, "token"), "a b");
    assert_eq!(text(&reply, "cashier_url"), "https://cashier.example/a%20b");
    assert_eq!(json(&get(&reply, "extra")), "{\"more\":[1]}");
    let given = get(&js_sys::global(), "given");
    assert_eq!(get(&given, "length").as_f64(), Some(2.0));
    assert_eq!(text(&given, "0"), "https://gateway.example/api/cashier/deposit");
    assert_eq!(text(&given, "1.method"), "POST");
    assert_eq!(text(&given, "1.redirect"), "manual");
    assert_eq!(text(&given, "1.headers.x-api-key"), "example_key");
    assert!(get(&given, "1.body").is_string() && get(&given, "1.signal").is_object());
    js("globalThis.proto = Object.getPrototypeOf(globalThis.given[1]) === Object.prototype");
    assert!(get(&js_sys::global(), "proto").is_truthy());
}

#[wasm_bindgen_test]
async fn an_answer_is_read_by_what_it_has() {
    let bytes = "new TextEncoder().encode('{\"token\":\"t\"}')";
    for answer in [
        "text: async () => '{\"token\":\"t\"}'".to_owned(),
        format!("arrayBuffer: async () => {bytes}.buffer"),
        format!("arrayBuffer: async () => {bytes}"),
        format!("body: {{ pipe() {{}} }}, arrayBuffer: async () => {bytes}.buffer"),
        "body: new Response('{\"token\":\"t\"}').body".to_owned(),
    ] {
        for headers in ["{ get: () => undefined }", "new Headers()", "undefined"] {
            let more = format!("fetch: async () => ({{ status: 200, headers: {headers}, {answer} }})");
            let reply = deposit(&more).await;
            assert_eq!(json(&reply.expect(&more)), "{\"token\":\"t\"}", "{more}");
        }
    }
}

#[wasm_bindgen_test]
async fn money_beyond_a_double_comes_as_its_digits() {
    let rows = "[{\"transaction_id\":12345678901234567890,\"status\":\"pending\",\"amount\":\"12345678901234567.89\",\"user_amount\":8.50,\"fx_amount\":9007199254740993,\"big\":0.1234567890123456789}]";
    let options = gateway(&format!("fetch: async () => new Response('{rows}')"));
    let reply = call(&options, "list_transactions", "{}", "undefined")
        .await
        .unwrap();
    assert_eq!(text(&reply, "0.transaction_id"), "12345678901234567890");
    assert!(get(&reply, "0.amount").is_string() && get(&reply, "0.fx_amount").is_string());
    assert_eq!(text(&reply, "0.amount"), "12345678901234567.89");
    assert_eq!(get(&reply, "0.user_amount").as_f64(), Some(8.5));
    assert_eq!(text(&reply, "0.fx_amount"), "9007199254740993");
    assert_eq!(text(&reply, "0.extra.big"), "0.1234567890123456789");
    assert!(!json(&reply).contains("private"), "{}", json(&reply));
    for (number, stays) in [
        ("8.56", true),
        ("200.00", true),
        ("-0.0", true),
        ("1e3", true),
        ("9007199254740991", true),
        ("9007199254740993", false),
        ("12345678901234.567", false),
        ("0.1", true),
        ("1e+400", false),
        ("1e-400", false),
    ] {
        let rows = format!("[{{\"status\":\"pending\",\"number\":{number}}}]");
        let options = gateway(&format!("fetch: async () => new Response('{rows}')"));
        let reply = call(&options, "list_transactions", "{}", "undefined").await;
        let reply = get(&reply.expect(number), "0.extra.number");
        assert_eq!(reply.as_f64(), js(number).as_f64().filter(|_| stays), "{number}");
        assert_eq!(
            reply.as_string().as_deref(),
            (!stays).then_some(number),
            "{number}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_fetch_that_answers_with_anything_is_a_transport_error() {
    for fetch in [
        "() => { throw new TypeError('no') }",
        "() => Promise.reject(5)",
        "() => Promise.reject({ get message() { throw 1 } })",
        "async () => undefined",
        "async () => 'x'",
        "async () => ({})",
        "async () => ({ status: 200, text: 'x' })",
        "async () => ({ status: 200, text: async () => 5 })",
        "async () => ({ status: 200, text() { throw 1 } })",
        "async () => ({ status: 200, body: { getReader: () => ({ read: async () => ({ value: 5e9 }) }) } })",
        "async () => new Proxy({}, { get() { throw 1 } })",
        "() => ({ then() { throw 1 } })",
    ] {
        let thrown = deposit(&format!("maxRetries: 0, fetch: {fetch}"))
            .await
            .expect_err(fetch);
        assert_failed(&thrown, "transport_failed");
    }
}

#[wasm_bindgen_test]
async fn a_call_ends_at_its_deadline_and_by_its_signal() {
    let deaf = "fetch: () => new Promise(() => {})";
    let thrown = deposit(&format!("timeoutMs: 30, {deaf}")).await.unwrap_err();
    assert_failed(&thrown, "timeout");
    let reason = "(() => { const c = new AbortController(); const s = c.signal; Promise.resolve().then(() => c.abort('gone')); return { signal: s }; })()";
    let thrown = call(&gateway(deaf), "approve_payout", PAYOUT, reason)
        .await
        .unwrap_err();
    assert_failed(&thrown, "aborted");
    assert_eq!(text(&thrown, "cause"), "gone");
    let unsent = call(
        &gateway(deaf),
        "approve_payout",
        PAYOUT,
        "{ signal: AbortSignal.abort() }",
    )
    .await
    .unwrap_err();
    assert_failed(&unsent, "aborted");
    assert_eq!(get(&unsent, "attempts").as_f64(), Some(0.0));
    assert_eq!(get(&unsent, "retryable").as_bool(), Some(true));
}

#[wasm_bindgen_test]
async fn a_platforms_fetch_may_misbehave() {
    for fetch in [
        "async () => 'no Response'",
        "async () => ({ status: 200 })",
        "async () => ({})",
        "async () => null",
        "() => { throw new Error('at once') }",
        "() => { throw new (class {})() }",
        "() => Promise.reject('no Error')",
        "() => Promise.reject(new (class {})())",
        "undefined",
    ] {
        js(&format!(
            "(globalThis.own = globalThis.fetch, globalThis.fetch = {fetch})"
        ));
        let outcome = deposit("maxRetries: 0").await;
        js("globalThis.fetch = globalThis.own");
        assert_failed(&outcome.expect_err(fetch), "transport_failed");
    }
    js(
        "(globalThis.own = globalThis.fetch, globalThis.fetch = async (request) => (globalThis.request = request, new Response('{\"token\":\"t\"}')))",
    );
    let outcome = deposit("").await;
    js("globalThis.fetch = globalThis.own");
    assert_eq!(text(&outcome.unwrap(), "token"), "t");
    let request = get(&js_sys::global(), "request");
    assert_eq!(text(&request, "method"), "POST");
    assert_eq!(text(&request, "redirect"), "manual");
    assert_eq!(
        text(&request, "url"),
        "https://gateway.example/api/cashier/deposit"
    );
}
