//! Nothing but its own signature is accepted, and whatever is signed verifies.
#![no_main]

use edge_cashier::{Webhook, WebhookError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (&str, &[u8])| {
    let (signature, body) = data;
    let webhook = Webhook::new("spg_test_example").expect("a password");
    assert!(webhook.verify(body, signature, None).is_err());
    if let Ok(right) = webhook.sign(body) {
        let checked = webhook.check(body, &right, None).expect("its own signature");
        assert_eq!(*checked.signed, *edge_cashier::canonicalize(body).expect("JSON").as_bytes());
        match webhook.verify(body, &right, None) {
            Ok(_) | Err(WebhookError::NotAWebhook(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
});
