//! [Turnstile](https://developers.cloudflare.com/turnstile/get-started/server-side-validation/): Cloudflare's check that a session is asked for by a person.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use worker::Error;

use crate::platform::{self, NoAnswer};

const VERIFY_URL: &str = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

/// A person waits behind it.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// What Cloudflare refuses whatever the token is: the secret is not one of its own, or it failed. It documents `internal-error` as one to ask again after.
const NO_VERDICT: [&str; 3] = ["missing-input-secret", "invalid-input-secret", "internal-error"];

/// `TURNSTILE_SECRET`. It prints no secret.
pub(crate) struct Turnstile(String);

impl fmt::Debug for Turnstile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[derive(Serialize)]
struct Question<'a> {
    secret: &'a str,
    response: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remoteip: Option<&'a str>,
}

#[derive(Deserialize)]
struct Verdict {
    success: bool,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

impl Turnstile {
    pub(crate) fn new(secret: String) -> Self {
        Self(secret)
    }

    /// Whether the token is one that the widget has just given to a visitor from that address. A token is good once, and for five minutes.
    ///
    /// An error means that Cloudflare could not be asked, or said nothing of the token; `secret` and token are not in it.
    pub(crate) async fn accepts(&self, token: &str, ip: Option<&str>) -> worker::Result<bool> {
        let question = Question {
            secret: &self.0,
            response: token,
            remoteip: ip,
        };
        let request = http::Request::post(VERIFY_URL)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&question)?)
            .map_err(|error| Error::RustError(error.to_string()))?;
        let verdict = platform::exchange(&request, TIME_LIMIT, async |mut response| {
            Ok(serde_json::from_str::<Verdict>(&response.text().await?)?)
        });
        match verdict.await {
            Ok(verdict) => {
                let said = |code: &&&str| verdict.error_codes.iter().any(|said| said == **code);
                match NO_VERDICT.iter().find(said) {
                    Some(code) if !verdict.success => Err(Error::RustError(format!(
                        "Turnstile answered {code}: see whether TURNSTILE_SECRET is the widget's"
                    ))),
                    _ => Ok(verdict.success),
                }
            }
            Err(NoAnswer::TimedOut) => Err(Error::from("Turnstile did not answer in time")),
            Err(NoAnswer::Failed(error)) => Err(error),
        }
    }
}
