//! Options: every name is known or refused.

use edge_cashier::js::gateway::{Gateway, split_range};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{DEPOSIT, OPTIONS, call, gateway, get, js, json, text, violations};

fn refused(options: &str) -> JsValue {
    Gateway::new(&js(options), None).err().expect(options)
}

#[wasm_bindgen_test]
fn of_a_gateway_are_checked_all_at_once() {
    let thrown = refused(
        "{apikey: 'x', baseUrl: 5, timeoutMs: 0, maxRetries: 1.5, fetch: 'x', routes: {hosted_deposit: 'x'}}",
    );
    let mut found = violations(&thrown);
    found.sort();
    assert_eq!(
        found,
        [
            "apiKey required",
            "apikey unknown_field",
            "baseUrl type",
            "fetch type",
            "maxRetries range",
            "routes.hosted_deposit format",
            "timeoutMs range"
        ]
    );
    assert!(
        json(&thrown).contains("did you mean \\\"apiKey\\\"?"),
        "{}",
        json(&thrown)
    );
    for options in ["undefined", "null", "5", "[]", "'x'", "new Map()"] {
        assert_eq!(violations(&refused(options)), ["options type"], "{options}");
    }
    let insecure =
        refused("{apiKey: 'x', baseUrl: 'http://gateway.example', cashierUrl: 'https://cashier.example'}");
    assert_eq!(violations(&insecure), ["baseUrl insecure", "cashierUrl format"]);
    let header = refused(&format!("{{{OPTIONS}, userAgent: 'shop\\r\\nx: y'}}"));
    assert_eq!(violations(&header), ["userAgent format"]);
}

#[wasm_bindgen_test]
fn are_copied_without_what_changes_later() {
    let given = js(&format!("{{{OPTIONS}, timeoutMs: 5}}"));
    let gateway = Gateway::new(&given, Some("node/24.9.0".to_owned())).unwrap();
    js_sys::Reflect::set(&given, &"apiKey".into(), &"other".into()).unwrap();
    let copy = gateway.options();
    assert_eq!(text(&copy, "apiKey"), "example_key");
    assert_eq!(get(&copy, "timeoutMs").as_f64(), Some(5.0));
}

#[wasm_bindgen_test]
async fn of_a_call_are_an_object_with_a_signal() {
    let options = gateway("fetch: () => { throw new Error('sent') }, maxRetries: 0");
    let request = format!("{{{DEPOSIT}}}");
    for (given, found) in [
        ("AbortSignal.abort()", "options type"),
        ("new AbortController()", "options type"),
        ("5", "options type"),
        ("[]", "options type"),
        ("{signal: 5}", "signal type"),
        ("{signal: new AbortController()}", "signal type"),
        ("{singal: AbortSignal.abort()}", "singal unknown_field"),
        ("{Signal: () => {}}", "Signal unknown_field"),
        ("{timeoutMs: 5}", "timeoutMs unknown_field"),
    ] {
        let thrown = call(&options, "hosted_deposit", &request, given)
            .await
            .unwrap_err();
        assert_eq!(violations(&thrown), [found], "{given}");
    }
}

#[wasm_bindgen_test]
fn of_a_range_are_days_and_a_signal() {
    let split = split_range(&js(
        "{from: '25-02-2024', to: '04-03-2024', signal: new AbortController().signal}",
    ))
    .unwrap();
    assert_eq!(
        json(&get(&split, "windows")),
        "[{\"from\":\"25-02-2024\",\"to\":\"02-03-2024\"},{\"from\":\"03-03-2024\",\"to\":\"04-03-2024\"}]"
    );
    assert!(get(&split, "signal").is_object());
    for (range, found) in [
        ("{from: '02-01-2024', to: '01-01-2024'}", "to range"),
        ("{from: '01-01-1990', to: '01-01-2024'}", "to range"),
        ("{form: '01-01-2024'}", "form unknown_field"),
        ("{signal: 5}", "signal type"),
        ("5", "options type"),
    ] {
        assert_eq!(
            violations(&split_range(&js(range)).unwrap_err()),
            [found],
            "{range}"
        );
    }
}
