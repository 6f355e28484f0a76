//! The Worker's configuration: read once per isolate, refused as a whole and by name.
//!
//! [`Config::read`] is a pure function over "the value of this variable", so that unit tests call it without a Worker. It names every problem at
//! once and never a value: half of the values are secrets, and the answer to a bad configuration goes to the public.

use std::fmt;
use std::time::Duration;

use edge_cashier::{ApiKey, Gateway, GatewayConfig, Password, Routes, ValidationError, Webhook};
use serde_json::Value;

use crate::json::{self, Members};
use crate::moment;
use crate::problem::{Code, Problem};
use crate::ticket::TicketVerifier;

/// HS256 needs a key at least as long as its hash (RFC 7518, 3.2).
const TICKET_SECRET_MIN_BYTES: usize = 32;

/// How long the gateway may take to answer, headers and body together, unless `GATEWAY_TIMEOUT_MS` says otherwise.
const DEFAULT_GATEWAY_TIMEOUT_MS: u64 = 15_000;

/// A browser waits behind the gateway call; nobody waits for longer than this.
const MAX_GATEWAY_TIMEOUT_MS: u64 = 60_000;

/// Everything that the Worker is told from outside. It prints no secret: each part keeps its own.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) gateway: Gateway,
    pub(crate) gateway_timeout: Duration,
    pub(crate) webhook: Webhook,
    pub(crate) tickets: TicketVerifier,
    /// The storefronts that may call from a browser, each exactly as a browser writes its `Origin`.
    pub(crate) allowed_origins: Vec<String>,
}

/// What is wrong with the configuration: each entry is a variable and the remedy, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError(Vec<Misconfigured>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Misconfigured {
    variable: &'static str,
    remedy: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", problem.variable, problem.remedy)?;
        }
        Ok(())
    }
}

impl ConfigError {
    pub(crate) fn problem(&self) -> Problem {
        Problem::new(Code::Configuration, self.to_string())
    }
}

/// Reads variables and collects what is wrong with them.
struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Misconfigured>,
}

impl Reader<'_> {
    fn wrong(&mut self, variable: &'static str, remedy: impl Into<String>) {
        self.problems.push(Misconfigured {
            variable,
            remedy: remedy.into(),
        });
    }

    fn optional(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable).filter(|value| !value.is_empty())
    }

    /// The value, or an empty string and an entry among the problems.
    fn required(&mut self, variable: &'static str, remedy: &str) -> String {
        self.optional(variable).unwrap_or_else(|| {
            self.wrong(variable, format!("is missing; {remedy}"));
            String::new()
        })
    }

    /// `true` or `false`; false when it is missing.
    fn flag(&mut self, variable: &'static str) -> bool {
        match self.optional(variable).as_deref() {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => {
                self.wrong(variable, "must be \"true\" or \"false\"");
                false
            }
        }
    }
}

impl Config {
    /// Reads all of it, or says all that is wrong.
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            lookup,
            problems: Vec::new(),
        };
        let gateway = gateway(&mut reader);
        let gateway_timeout = gateway_timeout(&mut reader);
        let webhook = webhook(&mut reader);
        let tickets = tickets(&mut reader);
        let allowed_origins = allowed_origins(&mut reader);
        match (gateway, webhook, tickets, reader.problems.is_empty()) {
            (Some(gateway), Some(webhook), Some(tickets), true) => Ok(Self {
                gateway,
                gateway_timeout,
                webhook,
                tickets,
                allowed_origins,
            }),
            _ => Err(ConfigError(reader.problems)),
        }
    }
}

fn gateway(reader: &mut Reader<'_>) -> Option<Gateway> {
    let api_key = reader.required(
        "GATEWAY_API_KEY",
        "set it with `wrangler secret put GATEWAY_API_KEY`",
    );
    let base_url = reader.required(
        "GATEWAY_BASE_URL",
        "give the gateway's address from the merchant portal",
    );
    let cashier_url = reader.required("CASHIER_URL", "give the cashier's address with {token} in it");
    let routes = routes(reader);
    let api_key = match ApiKey::new(api_key) {
        Ok(api_key) => api_key,
        // An empty one is named already.
        Err(violation) if violation.code == "required" => return None,
        Err(violation) => {
            reader.wrong("GATEWAY_API_KEY", violation.message);
            return None;
        }
    };
    if base_url.is_empty() || cashier_url.is_empty() {
        return None;
    }
    let config = GatewayConfig {
        api_key,
        base_url,
        cashier_url: Some(cashier_url),
        routes,
        user_agent: Some(concat!("edge-cashier-worker/", env!("CARGO_PKG_VERSION")).to_owned()),
        allow_insecure: reader.flag("ALLOW_INSECURE"),
    };
    match Gateway::new(config) {
        Ok(gateway) => Some(gateway),
        Err(error) => {
            gateway_violations(reader, &error);
            None
        }
    }
}

fn routes(reader: &mut Reader<'_>) -> Routes {
    let Some(text) = reader.optional("GATEWAY_ROUTES") else {
        return Routes::default();
    };
    let routes = match json::parse(text.as_bytes()) {
        Some(value) => Routes::from_value(&value),
        None => {
            reader.wrong(
                "GATEWAY_ROUTES",
                "must be a JSON object of operation names and their \"METHOD /path\"",
            );
            return Routes::default();
        }
    };
    routes.unwrap_or_else(|error| {
        gateway_violations(reader, &error);
        Routes::default()
    })
}

/// The core names its own fields; whoever configures a Worker knows them as variables.
fn gateway_violations(reader: &mut Reader<'_>, error: &ValidationError) {
    for violation in error.violations() {
        let variable = match violation.path.split(['.', '[']).next() {
            Some("api_key") => "GATEWAY_API_KEY",
            Some("cashier_url") => "CASHIER_URL",
            Some("routes") => "GATEWAY_ROUTES",
            _ => "GATEWAY_BASE_URL",
        };
        let remedy = match variable {
            "GATEWAY_ROUTES" => violation.to_string(),
            _ => violation.message.clone().into_owned(),
        };
        reader.wrong(variable, remedy);
    }
}

fn gateway_timeout(reader: &mut Reader<'_>) -> Duration {
    let milliseconds = match reader
        .optional("GATEWAY_TIMEOUT_MS")
        .map(|text| text.trim().parse::<u64>())
    {
        None => DEFAULT_GATEWAY_TIMEOUT_MS,
        Some(Ok(milliseconds)) if (1..=MAX_GATEWAY_TIMEOUT_MS).contains(&milliseconds) => milliseconds,
        Some(_) => {
            reader.wrong(
                "GATEWAY_TIMEOUT_MS",
                format!("must be a whole number of milliseconds from 1 to {MAX_GATEWAY_TIMEOUT_MS}"),
            );
            DEFAULT_GATEWAY_TIMEOUT_MS
        }
    };
    Duration::from_millis(milliseconds)
}

/// One password, or a JSON list of them while they are being exchanged.
fn webhook(reader: &mut Reader<'_>) -> Option<Webhook> {
    let value = reader.required(
        "WEBHOOK_PASSWORDS",
        "give the signature password of the merchant portal",
    );
    if value.is_empty() {
        return None;
    }
    let made = if value.trim_start().starts_with('[') {
        password_list(&value)
    } else {
        Webhook::new(&value).map_err(|e| e.to_string())
    };
    made.map_err(|remedy| reader.wrong("WEBHOOK_PASSWORDS", remedy))
        .ok()
}

fn password_list(text: &str) -> Result<Webhook, String> {
    let list = match json::parse(text.as_bytes()) {
        Some(Value::Array(list)) => list.into_iter().map(NamedPassword::read).collect(),
        _ => None,
    };
    let list: Vec<NamedPassword> = list.ok_or(
        "must be one password, or a JSON list of {\"id\", \"password\", \"not_after\"?} with not_after such as 2026-12-01T00:00:00Z",
    )?;
    let mut passwords = Vec::new();
    for named in list {
        let password = Password::new(&named.password).map_err(|error| error.to_string())?;
        let password = password.named(named.id);
        passwords.push(match named.not_after {
            Some(milliseconds) => password.until(milliseconds),
            None => password,
        });
    }
    Webhook::with_passwords(passwords).map_err(|error| error.to_string())
}

/// One password of the list that stands in for it while passwords are being exchanged.
struct NamedPassword {
    id: String,
    password: String,
    /// Milliseconds since 1970.
    not_after: Option<u64>,
}

impl NamedPassword {
    fn read(entry: Value) -> Option<Self> {
        let mut members = Members::of(entry)?;
        if members
            .names()
            .any(|name| !["id", "password", "not_after"].contains(&name))
        {
            return None;
        }
        let not_after = match members.value("not_after") {
            None => None,
            Some(time) => Some(last_moment(&time)?),
        };
        Some(Self {
            id: members.text("id")?,
            password: members.text("password")?,
            not_after,
        })
    }
}

/// The last moment of a password in milliseconds since 1970, given so or in RFC 3339 (`2026-12-01T00:00:00Z`).
fn last_moment(time: &Value) -> Option<u64> {
    match time {
        Value::Number(milliseconds) => milliseconds.as_u64(),
        Value::String(text) => moment::milliseconds(text),
        _ => None,
    }
}

fn tickets(reader: &mut Reader<'_>) -> Option<TicketVerifier> {
    let audience = reader.required(
        "TICKET_AUDIENCE",
        "give the text that tickets carry in their claim aud",
    );
    let secret = reader.required("TICKET_SECRET", "set it with `wrangler secret put TICKET_SECRET`");
    if !secret.is_empty() && secret.len() < TICKET_SECRET_MIN_BYTES {
        reader.wrong(
            "TICKET_SECRET",
            format!("is shorter than {TICKET_SECRET_MIN_BYTES} bytes; make one with `openssl rand -hex 32`"),
        );
        return None;
    }
    if audience.is_empty() || secret.is_empty() {
        None
    } else {
        TicketVerifier::new(&secret, audience)
    }
}

/// A list with commas. An origin is compared as text, so it must be written as a browser writes it: `https://shop.example.com`, no slash at the end.
fn allowed_origins(reader: &mut Reader<'_>) -> Vec<String> {
    let list = reader.required(
        "ALLOWED_ORIGINS",
        "list the storefronts' origins, with commas between them",
    );
    let origins: Vec<String> = list
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .map(str::to_owned)
        .collect();
    if !list.is_empty() && (origins.is_empty() || !origins.iter().all(|origin| is_origin(origin))) {
        reader.wrong(
            "ALLOWED_ORIGINS",
            "every origin must be scheme, host and port as a browser sends them, for example https://shop.example.com; no *, path or slash at the end",
        );
    }
    origins
}

/// Whether a browser could send this text as its `Origin`: scheme, host and port alone, in lower case, without the scheme's own port.
fn is_origin(text: &str) -> bool {
    let (authority, default_port) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(authority), _) => (authority, "443"),
        (_, Some(authority)) => (authority, "80"),
        _ => return false,
    };
    // An IPv6 address has colons of its own, within its brackets.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host_is_good = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':' | b'.')),
        None => host
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'.' | b'_')),
    };
    let port_is_good = port.is_none_or(|port| {
        port != default_port && !port.starts_with(['0', '+']) && port.parse::<u16>().is_ok()
    });
    !host.is_empty() && host_is_good && port_is_good
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 7] = [
        ("GATEWAY_BASE_URL", "https://gateway.example.com/api"),
        ("CASHIER_URL", "https://cashier.example.com/{token}"),
        (
            "ALLOWED_ORIGINS",
            "https://shop.example.com, http://localhost:8787",
        ),
        ("TICKET_AUDIENCE", "edge-cashier"),
        ("GATEWAY_API_KEY", "obviously-fake-api-key"),
        ("WEBHOOK_PASSWORDS", "obviously-fake-password"),
        ("TICKET_SECRET", "obviously-fake-ticket-secret-0123456789"),
    ];

    /// The good configuration with some variables changed (or, with an empty value, removed).
    fn read(changes: &[(&str, &str)]) -> Result<Config, String> {
        let value = |name: &str| {
            let find = |list: &[(&str, &str)]| {
                list.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, v)| (*v).to_owned())
            };
            find(changes).or_else(|| find(&GOOD))
        };
        Config::read(&value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_full_configuration_is_read() {
        let config = read(&[]).unwrap();
        assert_eq!(
            config.allowed_origins,
            ["https://shop.example.com", "http://localhost:8787"]
        );
        assert_eq!(config.gateway_timeout, Duration::from_secs(15));
        for origin in [
            "https://shop.example.com:8443",
            "http://[::1]:8787",
            "https://xn--bcher-kva.example",
        ] {
            assert_eq!(
                read(&[("ALLOWED_ORIGINS", origin)]).unwrap().allowed_origins,
                [origin]
            );
        }
        let config = read(&[("GATEWAY_TIMEOUT_MS", "300")]).unwrap();
        assert_eq!(config.gateway_timeout, Duration::from_millis(300));
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let error = Config::read(&|_| None).unwrap_err().to_string();
        for (name, _) in GOOD {
            assert!(
                error.contains(&format!("{name}: is missing")),
                "{name} in {error}"
            );
        }
    }

    #[test]
    fn each_malformed_variable_is_named_and_no_value_is_shown() {
        for (name, value) in [
            ("GATEWAY_BASE_URL", "not a url 4711"),
            ("CASHIER_URL", "https://cashier.example.com/4711"),
            ("ALLOWED_ORIGINS", "https://shop.example.com/4711"),
            ("ALLOWED_ORIGINS", "*"),
            ("ALLOWED_ORIGINS", "https://SHOP.example.com"),
            ("ALLOWED_ORIGINS", "https://shop.example.com:443"),
            ("ALLOWED_ORIGINS", "http://localhost:80"),
            ("ALLOWED_ORIGINS", "https://shop.example.com:"),
            ("ALLOWED_ORIGINS", "https://shop.example.com:08443"),
            ("ALLOWED_ORIGINS", "https://shop.example.com:65536"),
            ("ALLOWED_ORIGINS", "https://user@shop.example.com"),
            ("ALLOWED_ORIGINS", "https://shop.example.com?4711"),
            ("ALLOWED_ORIGINS", "https://"),
            ("ALLOWED_ORIGINS", "https://[::1"),
            ("ALLOWED_ORIGINS", "ftp://shop.example.com"),
            ("ALLOWED_ORIGINS", " , "),
            ("TICKET_SECRET", "short-4711"),
            ("GATEWAY_TIMEOUT_MS", "4711s"),
            ("GATEWAY_TIMEOUT_MS", "0"),
            ("GATEWAY_TIMEOUT_MS", "60001"),
            ("GATEWAY_ROUTES", "{4711"),
            ("WEBHOOK_PASSWORDS", "[4711"),
            ("WEBHOOK_PASSWORDS", "[]"),
            ("WEBHOOK_PASSWORDS", r#"[{"id":"a","password":""}]"#),
            (
                "WEBHOOK_PASSWORDS",
                r#"[{"id":"a","password":"4711","not_after":"tomorrow"}]"#,
            ),
            ("WEBHOOK_PASSWORDS", r#"[{"id":"a","password":"4711","until":1}]"#),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.starts_with(&format!("{name}: ")), "{name}={value}: {error}");
            let others = GOOD.iter().filter(|(other, _)| *other != name);
            for (other, _) in others {
                assert!(!error.contains(&format!("{other}: ")), "{other} is fine: {error}");
            }
            assert!(!error.contains("4711"), "a value is shown: {error}");
        }
    }

    #[test]
    fn passwords_may_be_a_list_with_ends() {
        let list = r#"[{"id": "new", "password": "obviously-fake-1"},
            {"id": "old", "password": "obviously-fake-2", "not_after": "2026-12-01T00:00:00Z"},
            {"id": "older", "password": "obviously-fake-3", "not_after": 1700000000000}]"#;
        let config = read(&[("WEBHOOK_PASSWORDS", list)]).unwrap();
        // SHA-1 of `{}obviously-fake-2`, by Node's crypto.
        let signature = "C760F04020EDE1DF823DB0CEABEB798FA728527F";
        let code = |now| {
            config
                .webhook
                .verify(b"{}", signature, Some(now))
                .unwrap_err()
                .code()
        };
        assert_eq!(code(1796083200000), "not_a_webhook");
        assert_eq!(code(1796083200001), "password_expired");
    }

    #[test]
    fn no_secret_is_printed() {
        let printed = format!("{:?}", read(&[]).unwrap());
        assert!(!printed.contains("obviously-fake"), "{printed}");
    }
}
