//! The bearer token of the merchant's backend.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The tokens of `ADMIN_TOKEN`: one, or the old one beside the new while they are being rotated. It prints none of them.
pub(crate) struct AdminTokens(Vec<[u8; 32]>);

impl fmt::Debug for AdminTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl AdminTokens {
    pub(crate) fn new(tokens: &[String]) -> Self {
        Self(tokens.iter().map(|token| Sha256::digest(token).into()).collect())
    }

    /// Whether `given` is one of the tokens. It takes the same time for every wrong one, of whatever length: digests are compared, and all of them.
    pub(crate) fn accept(&self, given: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        let equal = |any: Choice, token: &[u8; 32]| any | token.ct_eq(&given);
        self.0.iter().fold(Choice::from(0), equal).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_is_accepted_and_nothing_near_it() {
        let tokens = AdminTokens::new(&[String::from("new-token"), String::from("old-token")]);
        assert!(tokens.accept("new-token") && tokens.accept("old-token"));
        for other in ["", "new-toke", "new-tokeN", "new-token ", "NEW-TOKEN"] {
            assert!(!tokens.accept(other), "{other}");
        }
        assert!(!AdminTokens::new(&[]).accept(""));
    }
}
