//! A signature that is not 40 hexadecimal digits.

use super::explanation::Explanation;
use super::reason::Reason;
use super::search::hash;
use crate::webhook::canonical::canonicalize;
use crate::webhook::signature::Signature;
use crate::webhook::verify::Webhook;

/// Explains a signature that is not 40 hexadecimal digits.
pub(super) fn malformed(webhook: &Webhook, body: &[u8], signature: &str, now: Option<u64>) -> Explanation {
    let bare = signature.trim().trim_matches(['"', '\'']);
    let bare = bare
        .rsplit_once(['=', ':', ' '])
        .map_or(bare, |(_, digits)| digits);
    if bare != signature && Signature::parse(bare).is_ok() {
        let right = webhook.check(body, bare, now).is_ok();
        let detail = if right {
            "Without that it is right."
        } else {
            "Even without that it is not right."
        };
        return Explanation::from(Reason::SignatureWrapped).with(detail);
    }
    let upper = signature.to_ascii_uppercase();
    let is_part = signature.len() >= 8
        && webhook.passwords.iter().any(|password| {
            let canonical = canonicalize(body).ok();
            [canonical.as_deref().map(str::as_bytes), Some(body)]
                .into_iter()
                .flatten()
                .any(|text| {
                    let right = hash(&[text, password.secret()]).to_hex();
                    right.starts_with(&upper) || right.ends_with(&upper)
                })
        });
    if is_part {
        return Explanation::from(Reason::SignatureTruncated).with("What is there is right.");
    }
    let hexadecimal = signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    let algorithm = match (hexadecimal, signature.len()) {
        (true, 32) => "This is MD5's length.",
        (true, 56) => "This is SHA-224's length.",
        (true, 64) => "This is SHA-256's length.",
        (true, 96) => "This is SHA-384's length.",
        (true, 128) => "This is SHA-512's length.",
        (true, 41..) => "It is longer than SHA-1's.",
        (true, _) => return Reason::SignatureTruncated.into(),
        (false, 28 | 44 | 88) if is_base64(signature) => "This looks like base64.",
        _ => return Reason::SignatureNotHex.into(),
    };
    Explanation::from(Reason::SignatureAlgorithm).with(algorithm)
}

fn is_base64(text: &str) -> bool {
    text.ends_with('=')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'='))
}
