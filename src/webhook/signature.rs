//! The signature itself: SHA-1 over the canonical body followed by the password, in hexadecimal.
//!
//! The scheme is the gateway's. Nothing in it is an HMAC, and it has neither a time nor an event id: a body that was
//! signed once stays valid. The ledger is what makes a repeated body harmless.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::error::WebhookError;

const LENGTH: usize = 20;

/// A SHA-1 digest, equal in constant time.
#[derive(Clone, Copy)]
pub(crate) struct Signature(pub(crate) [u8; LENGTH]);

impl Signature {
    /// Reads the value of `x-signature`: 40 hexadecimal digits of either case, and nothing else.
    pub(crate) fn parse(text: &str) -> Result<Self, WebhookError> {
        Self::from_hex(text.as_bytes())
    }

    /// Reads the same from bytes. The signature came from outside, so decoding needs no constant time.
    pub(crate) fn from_hex(text: &[u8]) -> Result<Self, WebhookError> {
        let mut digest = [0; LENGTH];
        if hex::decode_to_slice(text, &mut digest).is_ok() {
            return Ok(Self(digest));
        }
        Err(match text.iter().position(|byte| !byte.is_ascii_hexdigit()) {
            _ if text.is_empty() => WebhookError::NoSignature,
            Some(position) => WebhookError::SignatureNotHex { position },
            None => WebhookError::SignatureLength { found: text.len() },
        })
    }

    /// Writes the digest as the gateway does, in upper case.
    pub(super) fn to_hex(self) -> String {
        hex::encode_upper(self.0)
    }

    /// Compares in constant time.
    pub(super) fn matches(self, other: Self) -> bool {
        self.words().ct_eq(other.words().as_slice()).into()
    }

    /// Returns the digest as words of four bytes: comparing them is four times as fast where loops are not unrolled.
    fn words(&self) -> [u32; LENGTH / 4] {
        let mut words = [0; LENGTH / 4];
        let (chunks, _) = self.0.as_chunks();
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = u32::from_ne_bytes(*chunk);
        }
        words
    }
}

/// A body that has been hashed once and is to be signed with several passwords.
pub(super) struct Hashed(Sha1);

impl Hashed {
    pub(super) fn new(body: &[u8]) -> Self {
        Self(Sha1::new_with_prefix(body))
    }

    pub(super) fn sign(&self, password: &[u8]) -> Signature {
        Signature(self.0.clone().chain_update(password).finalize().into())
    }
}
