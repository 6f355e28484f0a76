//! What may be changed while the simulator runs: where it sends, whom it believes, and what it does wrong on demand.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::{Config, can_sign, is_http_url};
use crate::fault::{Fault, WebhookFault};

/// The settings, as `GET /control/settings` shows them and `PUT /control/settings` changes them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where the cashier sends the user back to. In the real gateway this is set in the merchant portal.
    pub(crate) return_url: String,
    /// Where webhooks are sent.
    pub(crate) webhook_url: String,
    /// What webhooks are signed with.
    pub(crate) webhook_password: String,
    /// The accepted values of `x-api-key`.
    pub(crate) api_keys: Vec<String>,
    /// The name that the cashier shows.
    pub(crate) merchant_name: String,
    /// The providers that the cashier offers.
    pub(crate) providers: Vec<Provider>,
    /// Who may show the cashier in a frame: `*`, `none`, or origins separated by spaces.
    pub(crate) frame_ancestors: String,
    /// How long a cashier token is good for, in seconds.
    pub(crate) token_seconds: u32,
    /// Whether the user may ask for less than the merchant's amount in a withdrawal's cashier.
    pub(crate) withdrawal_amount_editable: bool,
    /// Whether a payout that the user confirmed is settled without the merchant's approval.
    pub(crate) auto_approve: bool,
    /// Whether a `pending` webhook goes before the one that tells the decision.
    pub(crate) pending_webhook: bool,
    /// Makes ids and faults the same in every run. `null`: ids that nobody can guess.
    pub(crate) seed: Option<u64>,
    /// What goes wrong with the API's replies.
    pub(crate) fault: Option<Fault>,
    /// What goes wrong with webhooks.
    pub(crate) webhook_fault: Option<WebhookFault>,
}

/// One payment provider of the cashier.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    /// The number that `direct_payment` names it by.
    pub(crate) id: u32,
    /// Its name, as lists of transactions and the cashier show it.
    pub(crate) name: String,
    /// What the user reads under the name.
    #[serde(default)]
    pub(crate) description: String,
}

/// A setting that cannot be as it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct SettingProblem {
    /// Its path, like `fault.status`; empty: the settings as a whole.
    pub(crate) field: String,
    pub(crate) problem: String,
}

impl Settings {
    /// Makes the settings that the variables start with.
    pub(crate) fn new(config: &Config) -> Self {
        let provider = |id, name: &str, description: &str| Provider {
            id,
            name: name.to_owned(),
            description: description.to_owned(),
        };
        Self {
            return_url: config.return_url.clone(),
            webhook_url: config.webhook_url.clone(),
            webhook_password: config.webhook_password.clone(),
            api_keys: config.api_keys.clone(),
            merchant_name: "Example Shop".to_owned(),
            providers: vec![
                provider(210, "Card", "Visa, Mastercard"),
                provider(211, "Bank transfer", "From your own bank"),
                provider(212, "Wallet", "With one tap"),
            ],
            frame_ancestors: "*".to_owned(),
            token_seconds: 30 * 60,
            withdrawal_amount_editable: false,
            auto_approve: false,
            pending_webhook: false,
            seed: config.seed,
            fault: None,
            webhook_fault: None,
        }
    }

    /// Returns these settings with the members of `patch` in the place of their own. A member is replaced whole, and `null`
    /// brings its first value back.
    ///
    /// # Errors
    /// Everything that is wrong; nothing is changed then.
    pub(crate) fn patched(
        &self,
        patch: &Map<String, Value>,
        config: &Config,
    ) -> Result<Self, Vec<SettingProblem>> {
        let unreadable = |error: serde_json::Error| {
            let (field, problem) = (String::new(), error.to_string());
            vec![SettingProblem { field, problem }]
        };
        let members = |settings: &Self| {
            let value = serde_json::to_value(settings).and_then(serde_json::from_value::<Map<_, _>>);
            value.map_err(unreadable)
        };
        let (mut all, first) = (members(self)?, members(&Self::new(config))?);
        for (name, value) in patch {
            let value = match value {
                Value::Null => first.get(name).cloned().unwrap_or(Value::Null),
                other => other.clone(),
            };
            all.insert(name.clone(), value);
        }
        // Through the text: of a `Value`, an error says "invalid number" and no more.
        let settings: Self = serde_json::from_str(&Value::Object(all).to_string()).map_err(unreadable)?;
        let problems = settings.problems();
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(problems)
        }
    }

    fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        let mut report = |field: &str, problem: &str| {
            let (field, problem) = (field.to_owned(), problem.to_owned());
            problems.push(SettingProblem { field, problem });
        };
        for (name, url) in [
            ("return_url", &self.return_url),
            ("webhook_url", &self.webhook_url),
        ] {
            if !is_http_url(url) {
                report(name, "an absolute http or https address is needed");
            }
        }
        if self.api_keys.is_empty() || self.api_keys.iter().any(String::is_empty) {
            report("api_keys", "at least one key is needed, and none may be empty");
        }
        if !can_sign(&self.webhook_password) {
            report(
                "webhook_password",
                "no password: empty, or the text of an unset variable",
            );
        }
        if self.providers.is_empty() {
            report("providers", "the cashier needs at least one");
        }
        let in_header = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | ',');
        if !self.frame_ancestors.chars().all(|c| c == ' ' || in_header(c)) {
            report(
                "frame_ancestors",
                "\"*\", \"none\", or origins separated by spaces",
            );
        }
        if let Some(fault) = &self.fault {
            fault.check(&mut report);
        }
        if let Some(fault) = &self.webhook_fault {
            fault.check(report);
        }
        problems
    }

    /// Returns the name of a provider, also of one that the cashier does not offer.
    pub(crate) fn provider_name(&self, id: u32) -> String {
        self.providers
            .iter()
            .find(|provider| provider.id == id)
            .map_or_else(|| format!("Provider {id}"), |provider| provider.name.clone())
    }
}
