//! Webhooks: passwords are checked, the published example verifies on both paths, everything else is refused.

use edge_cashier::js::input::input;
use edge_cashier::js::webhook::{Webhook, canonicalize};
use js_sys::{Uint8Array, WebAssembly::Memory};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{js, json, text, violations};

const PASSWORD: &str = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF";
/// The example of the gateway's reference.
const BODY: &str = r#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}"#;
const SIGNATURE: &str = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC";

/// Writes a signature's digits and a body into the module's input, as the package does, and returns the body's length.
fn write(digits: &str, body: &str) -> usize {
    let start = input(body.len()).unwrap() as u32;
    let memory: Memory = wasm_bindgen::memory().unchecked_into();
    let bytes = [digits.as_bytes(), body.as_bytes()].concat();
    Uint8Array::new_with_byte_offset_and_length(&memory.buffer(), start, bytes.len() as u32)
        .copy_from(&bytes);
    body.len()
}

fn webhook() -> Webhook {
    Webhook::new(&PASSWORD.into()).unwrap()
}

#[wasm_bindgen_test]
fn the_published_example_verifies() {
    let webhook = webhook();
    // Bit 0 is "verified"; the first password is at place 0, and no field is unknown.
    assert_eq!(webhook.verify_fast(write(SIGNATURE, BODY)), 1);
    let event = webhook.verify(write(SIGNATURE, BODY), SIGNATURE).unwrap();
    let expected = BODY.replace('}', r#","matched":"canonical"}"#);
    assert_eq!(json(&event), expected);
    // The same in another spelling is none for the short path.
    let spaced = BODY.replace(':', ": ");
    assert_eq!(webhook.verify_fast(write(SIGNATURE, &spaced)), 0);
    assert_eq!(
        json(&webhook.verify(write(SIGNATURE, &spaced), SIGNATURE).unwrap()),
        expected
    );
    assert_eq!(webhook.sign(write(SIGNATURE, &spaced)).unwrap(), SIGNATURE);
    assert_eq!(canonicalize(write(SIGNATURE, &spaced)).unwrap(), BODY);
}

#[wasm_bindgen_test]
fn what_must_not_be_believed_is_a_verification_error() {
    let webhook = webhook();
    let wrong = SIGNATURE.replace('5', "6");
    assert_eq!(webhook.verify_fast(write(&wrong, BODY)), 0);
    let changed = BODY.replace("200.00", "900.00");
    for (body, signature, code) in [
        (BODY, &*wrong, "signature_mismatch"),
        (&*changed, SIGNATURE, "signature_mismatch"),
        (BODY, "", "no_signature"),
        (BODY, "sha1=", "signature_not_hex"),
        (BODY, "5FDD", "signature_length"),
        ("{", SIGNATURE, "not_json"),
    ] {
        let thrown = webhook.verify(write(&wrong, body), signature).unwrap_err();
        assert_eq!(text(&thrown, "kind"), "verification", "{}", json(&thrown));
        assert_eq!(text(&thrown, "code"), code, "{}", json(&thrown));
        assert!(!json(&thrown).contains("spg_"), "{}", json(&thrown));
    }
    let thrown = input(9 * 1024 * 1024).unwrap_err();
    assert_eq!(text(&thrown, "code"), "body_too_large");
}

#[wasm_bindgen_test]
fn a_list_says_which_password_matched() {
    let list = format!(
        "[{{id: 'new', password: 'spg_new'}}, {{id: 'old', password: '{PASSWORD}', notAfter: new Date(Date.now() + 60000)}}]"
    );
    let webhook = Webhook::new(&js(&list)).unwrap();
    // The place of the password is above the two bits.
    let answer = webhook.verify_fast(write(SIGNATURE, BODY));
    assert_eq!((answer & 1, answer >> 2), (1, 1));
    assert_eq!(webhook.password_id(1).as_deref(), Some("old"));
    let event = webhook.verify(write(SIGNATURE, BODY), SIGNATURE).unwrap();
    assert_eq!(text(&event, "passwordId"), "old");
    let ended = Webhook::new(&js(&list.replace("+ 60000", "- 1000"))).unwrap();
    assert_eq!(ended.verify_fast(write(SIGNATURE, BODY)), 0);
    let thrown = ended.verify(write(SIGNATURE, BODY), SIGNATURE).unwrap_err();
    assert_eq!(text(&thrown, "code"), "password_expired");
}

#[wasm_bindgen_test]
fn passwords_and_options_refuse_what_they_do_not_know() {
    for (given, found) in [
        ("undefined", "password required"),
        ("'undefined'", "password format"),
        ("' '", "password required"),
        ("5", "password type"),
        ("[]", "password required"),
        ("{id: 'a', password: 'x'}", "password type"),
        (
            "[{id: 'a', password: 'x', not_after: 1}]",
            "password[0].not_after unknown_field",
        ),
        (
            "[{id: 'a', password: 'x', notAfter: 'soon'}]",
            "password[0].notAfter format",
        ),
    ] {
        let thrown = Webhook::new(&js(given)).err().expect(given);
        assert_eq!(violations(&thrown), [found], "{given}");
    }
    let webhook = webhook();
    let explain = |options: &JsValue| webhook.explain(write(SIGNATURE, BODY), SIGNATURE, options);
    assert_eq!(
        text(&explain(&JsValue::UNDEFINED).unwrap(), "reason"),
        "matched_canonical"
    );
    let thrown = explain(&js("{candidate: 'x'}")).unwrap_err();
    assert_eq!(violations(&thrown), ["options.candidate unknown_field"]);
}
