//! JSON Web Tokens of one algorithm, HS256: the launch ticket, and the shop's own session.
//!
//! The cryptography is `edge-cashier-hs256`, so nothing but HS256 can be signed or verified here.

use edge_cashier_hs256::install;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::config::ShopConfig;

/// A session outlives a few payments and not a day.
const SESSION_SECONDS: i64 = 60 * 60;
/// A session is for this shop, and no other reader of the same secret takes it for a ticket.
const SESSION_AUDIENCE: &str = "edge-cashier-demo-shop-session";

#[derive(Serialize, Deserialize)]
struct Session {
    sub: String,
    aud: String,
    exp: i64,
}

/// Signs claims.
pub(super) fn sign(secret: &str, claims: &impl Serialize) -> worker::Result<String> {
    install();
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key)
        .map_err(|_| worker::Error::RustError("the token could not be signed".to_owned()))
}

/// Signs a session for a user, from `now` (Unix time in seconds).
pub(super) fn session(shop: &ShopConfig, user_id: &str, now: i64) -> worker::Result<String> {
    let session = Session {
        sub: user_id.to_owned(),
        aud: SESSION_AUDIENCE.to_owned(),
        exp: now + SESSION_SECONDS,
    };
    sign(&session_secret(shop), &session)
}

/// Returns the user of a session that is this shop's and has not expired.
pub(super) fn session_user(shop: &ShopConfig, session: &str, now: i64) -> Option<String> {
    install();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[SESSION_AUDIENCE]);
    // Checked below against the clock that is given: the crate's own does not exist on wasm32.
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(session_secret(shop).as_bytes());
    let session: Session = jsonwebtoken::decode(session, &key, &validation).ok()?.claims;
    (session.exp > now).then_some(session.sub)
}

/// Returns another key than the tickets': neither kind of token can ever pass for the other.
fn session_secret(shop: &ShopConfig) -> String {
    format!("shop-session:{}", shop.ticket_secret)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::{SESSION_SECONDS, session, session_user, sign};
    use crate::config::ShopConfig;

    fn shop() -> ShopConfig {
        ShopConfig {
            ticket_secret: "ticket_secret_example_of_32_bytes_or_more".to_owned(),
            audience: "edge-cashier".to_owned(),
            origin: "http://localhost:8787".to_owned(),
            ..ShopConfig::default()
        }
    }

    #[test]
    fn a_session_is_good_until_it_expires() {
        let session = session(&shop(), "demo-1001", 1000).unwrap_or_default();
        assert_eq!(
            session_user(&shop(), &session, 1000).as_deref(),
            Some("demo-1001")
        );
        assert_eq!(session_user(&shop(), &session, 1000 + SESSION_SECONDS), None);
    }

    #[test]
    fn a_ticket_and_a_changed_session_are_no_session() {
        let claims = serde_json::json!({ "sub": "demo-1001", "aud": super::SESSION_AUDIENCE, "exp": 5000 });
        let ticket = sign(&shop().ticket_secret, &claims).unwrap_or_default();
        assert_eq!(session_user(&shop(), &ticket, 1000), None);
        let session = session(&shop(), "demo-1001", 1000).unwrap_or_default();
        let changed = format!("{}A{}", &session[..40], &session[41..]);
        assert_eq!(session_user(&shop(), &changed, 1000), None);
        assert_eq!(session_user(&shop(), "", 1000), None);
    }
}
