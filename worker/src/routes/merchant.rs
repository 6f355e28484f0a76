//! Who may use the addresses for the merchant's backend.

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::App;
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
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let given = header.and_then(|header| header.trim().split_once(' '));
        match given {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                if tokens.accept(token.trim()) {
                    Ok(Self)
                } else {
                    Err(Problem::new(
                        Code::InvalidAdminToken,
                        "The token is not one of this Worker's ADMIN_TOKEN.",
                    ))
                }
            }
            _ => Err(Problem::new(
                Code::MissingAdminToken,
                "Send the header Authorization: Bearer <ADMIN_TOKEN>.",
            )),
        }
    }
}
