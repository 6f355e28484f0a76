//! HS256 against tokens that other implementations made (see `vectors.txt`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use edge_cashier_hs256::install;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation, crypto, decode, encode,
};
use serde_json::{Value, json};

const SECRET: &[u8] = b"obviously-fake-secret-of-32-bytes-";
/// The key of RFC 7515, A.1, in Base64 with padding.
const RFC_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==";

fn vector(name: &str) -> &'static str {
    include_str!("vectors.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("no vector {name}"))
}

/// Everything but the signature is off, and every algorithm is allowed by `jsonwebtoken` itself, so that the provider alone decides.
fn lenient(algorithms: &[Algorithm]) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation.algorithms = algorithms.to_vec();
    validation
}

fn verified(token: &str, key: &DecodingKey, algorithms: &[Algorithm]) -> Result<Value, ErrorKind> {
    install();
    decode(token, key, &lenient(algorithms))
        .map(|token| token.claims)
        .map_err(|error| error.into_kind())
}

fn hs256(token: &str) -> Result<Value, ErrorKind> {
    verified(token, &DecodingKey::from_secret(SECRET), &[Algorithm::HS256])
}

#[test]
fn tokens_of_the_rfc_and_of_node_are_verified() {
    let rfc_key = DecodingKey::from_base64_secret(RFC_KEY).unwrap();
    let claims = verified(vector("RFC7515"), &rfc_key, &[Algorithm::HS256]).unwrap();
    assert_eq!(
        claims,
        json!({"iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true})
    );
    assert_eq!(
        hs256(vector("NODE")).unwrap(),
        json!({"sub": "7", "exp": 1_800_000_000})
    );
    assert_eq!(hs256(vector("RFC7515")).unwrap_err(), ErrorKind::InvalidSignature);
}

#[test]
fn what_is_signed_here_is_what_others_sign() {
    install();
    install();
    let claims = json!({"sub": "7", "exp": 1_800_000_000});
    let key = EncodingKey::from_secret(SECRET);
    let signed = encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
    assert_eq!(signed, vector("NODE"));

    let (message, signature) = vector("RFC7515").rsplit_once('.').unwrap();
    let key = EncodingKey::from_base64_secret(RFC_KEY).unwrap();
    let ours = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    assert_eq!(ours, signature);
}

#[test]
fn another_algorithm_in_the_header_is_an_error_even_where_jsonwebtoken_would_allow_it() {
    let secret = DecodingKey::from_secret(SECRET);
    for (name, algorithm) in [
        ("HS384", Algorithm::HS384),
        ("HS512", Algorithm::HS512),
        ("RS256", Algorithm::RS256),
    ] {
        let token = vector(name);
        for allowed in [
            &[algorithm][..],
            &[Algorithm::HS256],
            &[Algorithm::HS256, algorithm],
        ] {
            assert_eq!(
                verified(token, &secret, allowed).unwrap_err(),
                ErrorKind::InvalidAlgorithm,
                "{name}"
            );
        }
    }
    for name in ["NONE", "NONE_SIGNED"] {
        let all = AlgorithmFamily::Hmac.algorithms();
        let error = verified(vector(name), &secret, all).unwrap_err();
        assert!(matches!(error, ErrorKind::Json(_)), "{name}: {error:?}");
    }
}

#[test]
fn a_key_of_another_kind_is_an_error() {
    install();
    let public_key = DecodingKey::from_rsa_der(SECRET);
    assert_eq!(
        verified(vector("NODE"), &public_key, &[Algorithm::HS256]).unwrap_err(),
        ErrorKind::InvalidAlgorithm
    );
    for (algorithm, key) in [
        (Algorithm::HS256, EncodingKey::from_rsa_der(SECRET)),
        (Algorithm::HS512, EncodingKey::from_secret(SECRET)),
        (Algorithm::RS256, EncodingKey::from_secret(SECRET)),
    ] {
        let error = crypto::sign(b"message", &key, algorithm).unwrap_err();
        assert_eq!(error.into_kind(), ErrorKind::InvalidAlgorithm);
    }
}

#[test]
fn one_changed_bit_of_a_token_or_a_shorter_signature_is_refused() {
    let token = vector("NODE");
    for position in 0..token.len() {
        let mut changed = token.to_owned().into_bytes();
        changed[position] ^= 0b10;
        let changed = String::from_utf8(changed).unwrap();
        assert!(hs256(&changed).is_err(), "{position}");
    }
    let (message, signature) = token.rsplit_once('.').unwrap();
    // The first 30 of the 32 bytes, the first 3, none.
    for shorter in [&signature[..40], &signature[..4], ""] {
        assert_eq!(
            hs256(&format!("{message}.{shorter}")).unwrap_err(),
            ErrorKind::InvalidSignature,
            "{shorter}"
        );
    }
}
