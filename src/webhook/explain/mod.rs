//! Names the usual mistake that keeps a webhook from verifying. For development, never for a public endpoint: it is slow, and
//! its answer would help whoever forges.

mod charset;
mod explanation;
mod malformed;
mod members;
mod not_json;
mod reason;
mod search;
mod variants;

pub use explanation::{Explanation, Verdict};
pub use reason::Reason;

use malformed::malformed;
use search::Search;

use super::error::WebhookError;
use super::password::Password;
use super::signature::Signature;
use super::verify::{Matched, Webhook};

impl Webhook {
    /// Names the usual mistake that keeps a webhook from verifying, by trying each.
    ///
    /// `candidates` are passwords of other environments, to see whether one of them signed. `now` is as for
    /// [`verify`](Self::verify). For development and for tools: it is slow, not in constant time, and an answer from it
    /// would help whoever forges. A public endpoint says no more than that it refuses.
    ///
    /// ```
    /// use edge_cashier::{Reason, Webhook};
    ///
    /// let webhook = Webhook::new("spg_test_example\n")?; // a line end from a file
    /// let signature = Webhook::new("spg_test_example")?.sign(b"{}")?;
    /// let explanation = webhook.explain(b"{}", &signature, None, &[]);
    /// assert_eq!(explanation.reason, Reason::PasswordWhiteSpace);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explain(
        &self,
        body: &[u8],
        signature: &str,
        now: Option<u64>,
        candidates: &[Password],
    ) -> Explanation {
        match self.check(body, signature, now) {
            Ok(checked) if checked.matched == Matched::Raw => return Reason::MatchedRaw.into(),
            Ok(checked) if *checked.signed != *body => {
                let detail = "The body itself is not as JSON.stringify writes it, so a comparison with its bytes would have failed.";
                return Explanation::from(Reason::MatchedCanonical).with(detail);
            }
            Ok(_) => return Reason::MatchedCanonical.into(),
            Err(WebhookError::NoSignature) => return Reason::NoSignature.into(),
            Err(WebhookError::PasswordExpired { .. }) => return Reason::PasswordExpired.into(),
            Err(_) => {}
        }
        match Signature::parse(signature) {
            Ok(signature) => Search {
                signature,
                passwords: &self.passwords,
                body,
            }
            .explanation(candidates),
            Err(_) => malformed(self, body, signature, now),
        }
    }
}
