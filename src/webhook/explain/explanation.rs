//! The result: a verdict, a reason, a hint.

use serde::Serialize;

use super::reason::Reason;

/// What [`Webhook::explain`](crate::Webhook::explain) has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct Explanation {
    /// Whether the signature is right as it is.
    #[cfg_attr(feature = "js", tsify(type = "Verdict | (string & {})"))]
    pub verdict: Verdict,
    /// Which mistake it is.
    #[cfg_attr(feature = "js", tsify(type = "Reason | (string & {})"))]
    pub reason: Reason,
    /// What to do about it, for people. It repeats no password and nothing of the body but the name of a field.
    pub hint: String,
}

/// Whether a signature is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It is.
    Verified,
    /// It is not, and `verify` refuses it.
    Refused,
}

impl From<Reason> for Explanation {
    fn from(reason: Reason) -> Self {
        let verified = matches!(reason, Reason::MatchedCanonical | Reason::MatchedRaw);
        let verdict = if verified {
            Verdict::Verified
        } else {
            Verdict::Refused
        };
        Self {
            verdict,
            reason,
            hint: reason.hint().to_owned(),
        }
    }
}

impl Explanation {
    pub(super) fn with(mut self, detail: &str) -> Self {
        self.hint.push(' ');
        self.hint.push_str(detail);
        self
    }

    /// Puts a sentence before the hint.
    pub(super) fn after(mut self, remark: &str) -> Self {
        self.hint.insert(0, ' ');
        self.hint.insert_str(0, remark);
        self
    }
}

/// Puts a text in quotes, as JSON does.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
