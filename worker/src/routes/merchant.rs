//! Who may use the addresses for the merchant's backend.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::App;
use super::extract::bearer;
use crate::problem::{Code, Problem};

/// Proof that the request carries a token of `ADMIN_TOKEN`: a handler that takes it is closed to everybody else.
pub(super) struct Merchant;

impl FromRequestParts<App> for Merchant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(tokens) = &app.config.admin else {
            let detail =
                "ADMIN_TOKEN: is missing; set it with `wrangler secret put ADMIN_TOKEN` to open this address";
            return Err(Problem::new(Code::Configuration, detail));
        };
        match bearer(&parts.headers) {
            Some(token) if tokens.accept(token) => Ok(Self),
            Some(_) => Err(Problem::new(
                Code::InvalidAdminToken,
                "The token is not one of this Worker's ADMIN_TOKEN.",
            )),
            None => Err(Problem::new(
                Code::MissingAdminToken,
                "Send the header Authorization: Bearer <ADMIN_TOKEN>.",
            )),
        }
    }
}
