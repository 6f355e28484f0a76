//! Any body, signature and password: no panic, no password in the answer, and "verified" exactly when it verifies.
#![no_main]

use edge_cashier::{Password, Verdict, Webhook};
use libfuzzer_sys::fuzz_target;

/// Is found in no body but one that the fuzzer was shown; wrapped in fuzzed bytes it is a password with a mistake in it.
const SECRET: &str = "spg_test_example";

fuzz_target!(|data: (&str, &str, &[u8], &[u8], bool)| {
    let (around, digits, signed, body, by_candidate) = data;
    let (Ok(webhook), Ok(candidate)) = (
        Webhook::new(&[around, SECRET, around].concat()),
        Password::new(SECRET),
    ) else {
        return;
    };
    // A signature of another body, or by another password, is what the search is for.
    let other = Webhook::with_passwords(vec![candidate.clone()]).expect("one password");
    let signature = match other.sign(signed) {
        Ok(signature) if digits.is_empty() => signature,
        _ => digits.to_owned(),
    };
    let candidates = if by_candidate { vec![candidate] } else { Vec::new() };
    let explanation = webhook.explain(body, &signature, None, &candidates);
    let verifies = webhook.check(body, &signature, None).is_ok();
    assert_eq!(explanation.verdict == Verdict::Verified, verifies);
    let shown = format!("{explanation:?}");
    let own = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
    assert!(own(body) || own(digits.as_bytes()) || !shown.contains(SECRET), "{shown}");
});
