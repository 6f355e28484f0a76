//! Who is signed in. There is no password: the demo holds no money, and its users are nobody.

use axum::Json;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::token;
use super::users::{self, USERS, User};
use crate::clock;
use crate::config::ShopConfig;
use crate::reply::{ErrorReply, Reply};
use crate::webhook::Outbox;

/// Proof that the request carries a session of this shop, and its user.
pub(crate) struct SignedIn(pub(super) &'static User);

impl<S: Sync> FromRequestParts<S> for SignedIn
where
    ShopConfig: FromRef<S>,
{
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorReply> {
        let shop = ShopConfig::from_ref(state);
        let sign_in = "sign in first: the shop session is missing, expired or not this shop's";
        signed_in(&shop, &parts.headers, clock::now() / 1000)
            .map(Self)
            .ok_or_else(|| ErrorReply::new(StatusCode::UNAUTHORIZED, sign_in))
    }
}

/// Lets the object's handlers ask who is signed in.
impl FromRef<Outbox> for ShopConfig {
    fn from_ref(outbox: &Outbox) -> Self {
        outbox.store.config().shop.clone()
    }
}

/// Answers `GET /shop/users`.
pub(crate) async fn users() -> Json<Vec<Value>> {
    Json(USERS.iter().map(User::public).collect())
}

#[derive(Deserialize)]
struct SignIn {
    user_id: String,
}

/// Answers `POST /shop/sign-in`.
pub(crate) async fn sign_in(State(shop): State<ShopConfig>, body: String) -> Reply {
    let SignIn { user_id } = serde_json::from_str(&body)
        .map_err(|_| ErrorReply::unprocessable("user_id is required: the id of a demo user"))?;
    let missing = || ErrorReply::not_found("no demo user has this id");
    let user = users::find(&user_id).ok_or_else(missing)?;
    let session = token::session(&shop, user.id, clock::now() / 1000)?;
    Ok(Json(json!({ "shop_session": session, "user": user.public() })))
}

/// Returns the user of the session that a request brings.
fn signed_in(shop: &ShopConfig, headers: &HeaderMap, now: i64) -> Option<&'static User> {
    let session = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let user_id = token::session_user(shop, session.strip_prefix("Bearer ")?, now)?;
    users::find(&user_id)
}
