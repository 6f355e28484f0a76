//! Sending to the merchant: one POST, signed by the scheme of [Standard Webhooks](https://www.standardwebhooks.com), which any of its libraries verifies.

use std::fmt;
use std::time::Duration;

use standardwebhooks::Webhook;

use crate::platform::{self, NoAnswer};

/// How long the merchant's endpoint may take to answer.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// Of a `whsec_` and 24 bytes in base64, the least that the scheme asks for.
const MIN_SECRET_LENGTH: usize = "whsec_".len() + 32;

/// `MERCHANT_WEBHOOK_URL` with `DELIVERY_SECRET`. It prints no secret.
pub(crate) struct Endpoint {
    url: String,
    signers: Vec<Webhook>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

/// What became of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 2xx.
    Accepted,
    /// 410: the endpoint asks for no more.
    Gone,
    /// Anything else, in words for whoever runs the Worker; nothing of the answer's contents.
    Failed(String),
}

impl Endpoint {
    /// Signs with each of the secrets, so that the receiver may know either while they are being rotated.
    pub(crate) fn new(url: String, secrets: &[String]) -> Self {
        let signers = secrets.iter().filter_map(|secret| Webhook::new(secret).ok());
        Self {
            url,
            signers: signers.collect(),
        }
    }

    /// Refuses what is no secret of the scheme.
    pub(crate) fn check_secret(secret: &str) -> Result<(), &'static str> {
        let well_formed =
            secret.starts_with("whsec_") && secret.len() >= MIN_SECRET_LENGTH && Webhook::new(secret).is_ok();
        if well_formed {
            return Ok(());
        }
        Err(
            "must be whsec_ and at least 24 bytes in base64; make one with `echo whsec_$(openssl rand -base64 32)`",
        )
    }

    /// Sends `body` under `id` once. A redirect is not followed: it is a failure.
    pub(crate) async fn send(&self, id: &str, body: &str, now_s: i64) -> Answer {
        let Some(request) = self.request(id, body, now_s) else {
            return Answer::Failed(String::from("the request could not be written"));
        };
        let status =
            platform::exchange(&request, TIME_LIMIT, async |response| Ok(response.status_code())).await;
        match status {
            Ok(200..300) => Answer::Accepted,
            Ok(410) => Answer::Gone,
            Ok(status @ 300..400) => Answer::Failed(format!("answered {status}; redirects are not followed")),
            Ok(status) => Answer::Failed(format!("answered {status}")),
            Err(NoAnswer::TimedOut) => {
                Answer::Failed(format!("did not answer within {} s", TIME_LIMIT.as_secs()))
            }
            Err(NoAnswer::Failed(_)) => Answer::Failed(String::from("could not be reached")),
        }
    }

    fn request(&self, id: &str, body: &str, now_s: i64) -> Option<http::Request<Vec<u8>>> {
        let signatures = self
            .signers
            .iter()
            .map(|signer| signer.sign(id, now_s, body.as_bytes()));
        let signatures: Vec<String> = signatures.collect::<Result<_, _>>().ok()?;
        http::Request::post(&self.url)
            .header("content-type", "application/json")
            .header("user-agent", platform::USER_AGENT)
            .header(standardwebhooks::HEADER_WEBHOOK_ID, id)
            .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, now_s)
            .header(standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signatures.join(" "))
            .body(body.as_bytes().to_vec())
            .ok()
    }
}
