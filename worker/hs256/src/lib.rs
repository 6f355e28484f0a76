//! HS256 (HMAC with SHA-256, [RFC 7518, 3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)) as the cryptography of the crate `jsonwebtoken`.
//!
//! `jsonwebtoken` is linked without a cryptography of its own: its RSA and curves would be most of a Worker's wasm. Call [`install`] before its first use.
//!
//! Guarantees: another algorithm in a token's header, or a key of another kind, is an error and never a verification; signatures are compared in constant
//! time; nothing here panics.
//!
//! Time is the caller's: `Validation::validate_exp` and `validate_nbf` must be off. They are the only settings with which `jsonwebtoken` reads a clock.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use sha2::Sha256;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    // JSON Web Keys are not supported; `KeyUtils::new_unimplemented` would panic.
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(ErrorKind::UnsupportedAlgorithm.into()),
        rsa_pub_components_from_public_key: |_| Err(ErrorKind::UnsupportedAlgorithm.into()),
        ec_pub_components_from_private_key: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
        ed_pub_components_from_private_key: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
        compute_digest: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    },
};

/// Makes HS256 the cryptography of `jsonwebtoken` in this process. Every call after the first one does nothing.
pub fn install() {
    // An error means that a provider was installed before.
    let _ = PROVIDER.install_default();
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    only_hs256(*algorithm, key.family())?;
    Ok(Box::new(Hs256::new(key.as_bytes())?))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    only_hs256(*algorithm, key.family())?;
    Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)?))
}

/// Refuses every other algorithm, and a public key that would be taken for a secret.
fn only_hs256(algorithm: Algorithm, key: AlgorithmFamily) -> Result<(), Error> {
    if algorithm == Algorithm::HS256 && key == AlgorithmFamily::Hmac {
        Ok(())
    } else {
        Err(ErrorKind::InvalidAlgorithm.into())
    }
}

/// A key that is ready for use.
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(key: &[u8]) -> Result<Self, Error> {
        let mac = Hmac::new_from_slice(key).map_err(|_| Error::from(ErrorKind::InvalidKeyFormat))?;
        Ok(Self(mac))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mac = self.0.clone().chain_update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        // Takes the same time for every wrong signature of the right length.
        let mac = self.0.clone().chain_update(message);
        mac.verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
