//! Requests: read strictly, written digit for digit, refused with everything that is wrong.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{DEPOSIT, build, get, js, json, text, violations};

fn refused(request: &str) -> Vec<String> {
    violations(&build("hosted_deposit", &js(request)).expect_err(request))
}

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
fn numbers_are_exact_or_refused() {
    for (amount, written) in [
        ("10.05", "10.05"),
        ("'9007199254740993.01'", "9007199254740993.01"),
        ("12n", "12"),
        ("{toJSON: () => '3.20'}", "3.2"),
    ] {
        let built = build("hosted_deposit", &js(&format!("{{{DEPOSIT}, amount: {amount}}}"))).unwrap();
        let body = text(&built, "body");
        assert!(
            body.contains(&format!("\"amount\":{written}")),
            "{amount}: {body}"
        );
        // serde_json's own form of a number is for Rust alone.
        assert!(!body.contains("private"), "{body}");
    }
    for amount in [
        "12345678901234.567",
        "9007199254740993",
        "0.1 + 0.2",
        "1e21",
        "NaN",
        "-Infinity",
        "2n ** 300n",
    ] {
        let found = refused(&format!("{{{DEPOSIT}, amount: {amount}}}"));
        assert_eq!(found.len(), 1, "{amount}: {found:?}");
        assert!(found[0].starts_with("request.amount "), "{amount}: {found:?}");
    }
}

#[wasm_bindgen_test]
fn what_is_no_data_is_refused_where_it_is() {
    let cases = [
        ("() => 1", "type"),
        ("Symbol('x')", "type"),
        ("new Date(0)", "type"),
        ("new Map()", "type"),
        ("new Set()", "type"),
        ("new Uint8Array(1)", "type"),
        ("new ArrayBuffer(1)", "type"),
        ("Promise.resolve(1)", "type"),
        ("new Number(1)", "type"),
        ("'\\ud800'", "format"),
        ("[undefined]", "type"),
        ("'x'.repeat(1000001)", "range"),
        ("Array(10001).fill(0)", "range"),
    ];
    for (value, code) in cases {
        let found = refused(&format!("{{{DEPOSIT}, settings: {{a: {value}}}}}"));
        assert_eq!(found.len(), 1, "{value}: {found:?}");
        assert!(
            found[0].starts_with("request.settings.a") && found[0].ends_with(code),
            "{value}: {found:?}"
        );
    }
    let circle = js(&format!(
        "(() => {{ const a = {{{DEPOSIT}}}; a.settings = {{a}}; return a; }})()"
    ));
    assert_eq!(
        violations(&build("hosted_deposit", &circle).unwrap_err()),
        ["request.settings.a type"]
    );
    let deep = js(&format!(
        "(() => {{ let value = 1; for (let n = 0; n < 200; n++) value = [value]; return {{{DEPOSIT}, settings: {{value}}}}; }})()"
    ));
    assert_eq!(violations(&build("hosted_deposit", &deep).unwrap_err()).len(), 1);
}

#[wasm_bindgen_test]
fn everything_that_is_wrong_is_reported_at_once() {
    let found =
        refused("{user_id: '128', amuont: 1, amount: NaN, currency: 'EURO', customer: {email: () => {}}}");
    assert_eq!(
        found,
        [
            "request.amount type",
            "request.customer.email type",
            "request.amuont unknown_field",
            "request.tracking_id required",
            "request.currency format"
        ]
    );
}

#[wasm_bindgen_test]
fn a_getter_runs_once_and_may_throw() {
    let counted = js(&format!(
        "{{{DEPOSIT}, looked: undefined, get ip() {{ globalThis.looked = (globalThis.looked ?? 0) + 1; return '127.0.0.1'; }}}}"
    ));
    build("hosted_deposit", &counted).unwrap();
    assert_eq!(get(&js_sys::global(), "looked").as_f64(), Some(1.0));
    let throwing = js(&format!("{{{DEPOSIT}, get ip() {{ throw new Error('no') }}}}"));
    let thrown = build("hosted_deposit", &throwing).unwrap_err();
    assert_eq!(violations(&thrown), ["request.ip type"]);
    assert_eq!(text(&thrown, "cause.message"), "no");
    let proxy = js("new Proxy({}, {ownKeys() { throw new Error('no') }, get() { throw new Error('no') }})");
    assert!(!violations(&build("hosted_deposit", &proxy).unwrap_err()).is_empty());
}

#[wasm_bindgen_test]
fn what_another_program_put_on_the_prototype_is_not_sent() {
    let built = js(&format!(
        "(() => {{ Object.prototype.ip = '10.0.0.1'; return {{{DEPOSIT}}}; }})()"
    ));
    let built = build("hosted_deposit", &built);
    js("delete Object.prototype.ip");
    assert!(!json(&built.unwrap()).contains("10.0.0.1"));
}
