//! The variables that the simulator starts from, read once and refused clearly.

use edge_cashier::Password;
use standardwebhooks::Webhook;
use worker::{Env, Url};

/// What the variables say. Everything but the shop's part is only the starting value of a
/// [setting](crate::settings::Settings) and may be changed while the simulator runs.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) api_keys: Vec<String>,
    pub(crate) webhook_url: String,
    pub(crate) webhook_password: String,
    pub(crate) return_url: String,
    pub(crate) seed: Option<u64>,
    pub(crate) shop: ShopConfig,
}

/// What the demo shop's backend needs.
#[derive(Clone, Default)]
pub(crate) struct ShopConfig {
    pub(crate) ticket_secret: String,
    pub(crate) audience: String,
    pub(crate) origin: String,
    /// The Worker, which the merchant's console asks.
    pub(crate) worker_url: String,
    /// Opens the Worker's addresses for the merchant's backend.
    pub(crate) admin_token: Option<String>,
    /// Verifies what the Worker delivers.
    pub(crate) delivery_secret: Option<String>,
}

/// HS256 needs a key at least as long as its digest (RFC 7518, section 3.2).
const TICKET_SECRET_MIN_BYTES: usize = 32;

impl Config {
    /// Reads the Worker's variables.
    ///
    /// # Errors
    /// One sentence for each variable that is missing or malformed, never its value.
    pub(crate) fn of(env: &Env) -> Result<Self, Vec<String>> {
        Self::read(|name| env.var(name).ok().map(|value| value.to_string()))
    }

    fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let optional = |name: &str| get(name).filter(|value| !value.is_empty());
        let mut required = |name: &str, meaning: &str| {
            optional(name).unwrap_or_else(|| {
                problems.push(format!("{name} is missing: set it to {meaning}"));
                String::new()
            })
        };
        let api_keys = required("API_KEYS", "the accepted API keys, separated by commas");
        let webhook_url = required("WEBHOOK_URL", "the address that receives webhooks");
        let webhook_password = required("WEBHOOK_PASSWORD", "the password that webhooks are signed with");
        let return_url = required(
            "RETURN_URL",
            "the address that the cashier sends the user back to",
        );
        let ticket_secret = required(
            "SHOP_TICKET_SECRET",
            "the secret that signs the demo shop's tickets",
        );
        let audience = required("SHOP_AUDIENCE", "the audience of the demo shop's tickets");
        let origin = required("SHOP_ORIGIN", "the exact origin of the demo storefront");

        let seed = optional("SEED").and_then(|value| {
            let seed = value.parse();
            if seed.is_err() {
                problems.push("SEED is not a whole number: set it to one, or leave it out".to_owned());
            }
            seed.ok()
        });
        let worker_url = optional("SHOP_WORKER_URL");
        let delivery_secret = optional("SHOP_DELIVERY_SECRET");
        for (name, url) in [
            ("WEBHOOK_URL", webhook_url.as_str()),
            ("RETURN_URL", &return_url),
            ("SHOP_ORIGIN", &origin),
            ("SHOP_WORKER_URL", worker_url.as_deref().unwrap_or_default()),
        ] {
            if !url.is_empty() && !is_http_url(url) {
                problems.push(format!("{name} is not an absolute http or https address"));
            }
        }
        if let Ok(url) = Url::parse(&origin)
            && url.origin().ascii_serialization() != origin
        {
            problems.push("SHOP_ORIGIN has to be an origin alone, like http://localhost:8787".to_owned());
        }
        if !ticket_secret.is_empty() && ticket_secret.len() < TICKET_SECRET_MIN_BYTES {
            problems.push(format!(
                "SHOP_TICKET_SECRET is too short: use {TICKET_SECRET_MIN_BYTES} bytes or more"
            ));
        }
        if delivery_secret
            .as_ref()
            .is_some_and(|secret| Webhook::new(secret).is_err())
        {
            problems.push(
                "SHOP_DELIVERY_SECRET is not whsec_ and base64: use the Worker's DELIVERY_SECRET".to_owned(),
            );
        }
        if !webhook_password.is_empty() && !can_sign(&webhook_password) {
            problems.push("WEBHOOK_PASSWORD is blank, or the text of an unset variable".to_owned());
        }
        let keys = api_keys.split(',').map(str::trim).filter(|key| !key.is_empty());
        let keys: Vec<String> = keys.map(str::to_owned).collect();
        if !api_keys.is_empty() && keys.is_empty() {
            problems.push("API_KEYS has commas alone: name at least one key".to_owned());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            api_keys: keys,
            webhook_url,
            webhook_password,
            return_url,
            seed,
            shop: ShopConfig {
                ticket_secret,
                audience,
                worker_url: worker_url.unwrap_or_else(|| origin.clone()),
                origin,
                admin_token: optional("SHOP_ADMIN_TOKEN"),
                delivery_secret,
            },
        })
    }
}

/// Tells whether webhooks can be signed with a password.
pub(crate) fn can_sign(password: &str) -> bool {
    Password::new(password).is_ok()
}

/// Tells whether `text` is an absolute http(s) address.
pub(crate) fn is_http_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::Config;

    fn variables(name: &str) -> Option<String> {
        let value = match name {
            "API_KEYS" => "key_one, key_two,",
            "WEBHOOK_URL" => "http://localhost:8787/v1/webhooks",
            "WEBHOOK_PASSWORD" => "password_example",
            "RETURN_URL" => "http://localhost:8787/return",
            "SHOP_TICKET_SECRET" => "ticket_secret_example_of_32_bytes_or_more",
            "SHOP_AUDIENCE" => "edge-cashier",
            "SHOP_ORIGIN" => "http://localhost:8787",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn keys_are_split_and_trimmed() {
        let config = Config::read(variables).ok().map(|config| config.api_keys);
        assert_eq!(config, Some(vec!["key_one".to_owned(), "key_two".to_owned()]));
    }

    #[test]
    fn no_key_and_a_password_that_cannot_sign_are_refused() {
        for (refused, value) in [("API_KEYS", " , "), ("WEBHOOK_PASSWORD", "undefined")] {
            let problems = Config::read(|name| match name {
                name if name == refused => Some(value.to_owned()),
                other => variables(other),
            });
            assert!(
                problems.is_err_and(|problems| problems.len() == 1 && problems.concat().contains(refused)),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_seed_is_a_number_or_not_there() {
        let with_seed = |seed: &'static str| {
            Config::read(|name| match name {
                "SEED" => Some(seed.to_owned()),
                other => variables(other),
            })
        };
        assert_eq!(with_seed("42").ok().and_then(|config| config.seed), Some(42));
        let problems = with_seed("many").err().unwrap_or_default();
        assert_eq!(problems.len(), 1);
        assert!(problems.join("").contains("SEED"));
    }

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let problems = Config::read(|_| None).err().unwrap_or_default().join("\n");
        for name in [
            "API_KEYS",
            "WEBHOOK_URL",
            "WEBHOOK_PASSWORD",
            "RETURN_URL",
            "SHOP_TICKET_SECRET",
            "SHOP_AUDIENCE",
            "SHOP_ORIGIN",
        ] {
            assert!(problems.contains(name), "{name} is not named in:\n{problems}");
        }
    }

    #[test]
    fn an_origin_with_a_path_and_a_short_secret_are_refused_without_their_values() {
        let problems = Config::read(|name| match name {
            "SHOP_ORIGIN" => Some("http://localhost:8787/shop".to_owned()),
            "SHOP_TICKET_SECRET" => Some("short".to_owned()),
            other => variables(other),
        })
        .err()
        .unwrap_or_default();
        assert_eq!(problems.len(), 2);
        assert!(!problems.join("").contains("short\""));
    }

    #[test]
    fn the_console_asks_the_storefronts_origin_unless_another_is_named() {
        let worker_url = |given: Option<&str>| {
            let read = Config::read(|name| match name {
                "SHOP_WORKER_URL" => given.map(str::to_owned),
                other => variables(other),
            });
            read.map(|config| config.shop.worker_url)
        };
        assert_eq!(worker_url(None), Ok("http://localhost:8787".to_owned()));
        assert_eq!(
            worker_url(Some("http://localhost:9")),
            Ok("http://localhost:9".to_owned())
        );
        assert!(worker_url(Some("localhost")).is_err_and(|problems| problems.len() == 1));
    }

    #[test]
    fn a_delivery_secret_of_another_form_is_refused() {
        let problems = Config::read(|name| match name {
            "SHOP_DELIVERY_SECRET" => Some("whsec_no base64!".to_owned()),
            other => variables(other),
        });
        assert!(problems.is_err_and(|problems| problems.len() == 1));
    }
}
