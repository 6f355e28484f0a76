//! The signature of a ticket: JWS in its compact form ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with HMAC and SHA-256 (HS256), verification alone.
//!
//! The parts are libraries (`hmac`, `sha2`, `base64ct`, `serde_json`); what is here is the order in which they are asked. The usual crate, `jsonwebtoken`, brings every
//! header field and key format that there is, which is a tenth of this Worker's whole size, and would use this much of it. Only one algorithm exists here, so a
//! ticket that names another one (`none`, HS512, RS256 with the secret for a public key, …) meets nothing that could accept it.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

/// The secret that is shared with the merchant's backend, ready for use. It prints as `[REDACTED]`.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Key {
    /// `None` never happens: HMAC takes a key of any length.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(secret).ok().map(Self)
    }

    /// The payload of a token that was signed with this key; `None` for every other text.
    pub(super) fn verify(&self, token: &str) -> Option<Map<String, Value>> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header = object(header)?;
        // RFC 7515, 4.1.11: a header that lists what must be understood lists what is not understood here.
        if header.get("alg")?.as_str()? != "HS256" || header.contains_key("crit") {
            return None;
        }
        let signature = Base64UrlUnpadded::decode_vec(signature).ok()?;
        // `verify_slice` takes the same time for every wrong signature of the right length.
        self.0
            .clone()
            .chain_update(signed)
            .verify_slice(&signature)
            .ok()?;
        object(payload)
    }
}

/// A JSON object in Base64url without padding.
fn object(encoded: &str) -> Option<Map<String, Value>> {
    let json = Base64UrlUnpadded::decode_vec(encoded).ok()?;
    serde_json::from_slice(&json).ok()
}
