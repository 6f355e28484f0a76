//! The Worker's configuration: read once per isolate, refused as a whole and by name.
//!
//! [`Config::read`] is a pure function over "the value of this variable", so that unit tests call it without a Worker. It names every problem at
//! once and never a value: half of the values are secrets, and the answer to a bad configuration goes to the public.

pub(crate) mod environment;

use std::fmt;
use std::time::Duration;

use edge_cashier::{
    ApiKey, Gateway, GatewayConfig, Password, Routes, ValidationError, Webhook, check_secret, nearest,
};
use serde_json::Value;

use crate::problem::{Code, Problem};
use crate::ticket::{TicketVerifier, secrets};

/// How long the gateway may take to answer, headers and body together, unless `GATEWAY_TIMEOUT_MS` says otherwise.
const DEFAULT_GATEWAY_TIMEOUT_MS: u64 = 15_000;

/// A browser waits behind the gateway call; nobody waits for longer than this.
const MAX_GATEWAY_TIMEOUT_MS: u64 = 60_000;

/// All settings of the Worker. It prints no secret: each part keeps its own.
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
    variable: String,
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
    /// The names that were asked for.
    known: Vec<&'static str>,
    problems: Vec<Misconfigured>,
}

impl Reader<'_> {
    fn wrong(&mut self, variable: &str, remedy: impl Into<String>) {
        self.problems.push(Misconfigured {
            variable: variable.to_owned(),
            remedy: remedy.into(),
        });
    }

    fn optional(&mut self, variable: &'static str) -> Option<String> {
        self.known.push(variable);
        (self.lookup)(variable).filter(|value| !value.is_empty())
    }

    /// The value, or an empty string and an entry among the problems.
    fn required(&mut self, variable: &'static str, remedy: &str) -> String {
        self.optional(variable).unwrap_or_else(|| {
            self.wrong(variable, format!("is missing; {remedy}"));
            String::new()
        })
    }

    /// A secret; an empty string and an entry among the problems when it is none.
    fn secret(&mut self, variable: &'static str) -> String {
        let remedy = format!("set it with `wrangler secret put {variable}`");
        let secret = self.required(variable, &remedy);
        match check_secret(&secret) {
            Ok(()) => secret,
            Err(violation) => {
                if !secret.is_empty() {
                    self.wrong(variable, violation.message);
                }
                String::new()
            }
        }
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

    /// Refuses variables that nobody asked for and whose names are slips of known ones, or known ones with something behind: they would be ignored. Others are not ours.
    fn slips<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            if self.known.contains(&name) {
                continue;
            }
            let longer = |known: &&&str| {
                let rest = name.strip_prefix(**known);
                rest.is_some_and(|rest| rest.starts_with('_'))
            };
            let meant = nearest(name, &self.known).or_else(|| self.known.iter().find(longer).copied());
            if let Some(meant) = meant {
                self.wrong(
                    name,
                    format!("is not known; did you mean {meant}? Rename or remove it"),
                );
            }
        }
    }
}

impl Config {
    /// Reads all of it, or says all that is wrong. `names` are those of all variables that are there.
    pub(crate) fn read<'n>(
        lookup: &dyn Fn(&str) -> Option<String>,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            lookup,
            known: Vec::new(),
            problems: Vec::new(),
        };
        let gateway = gateway(&mut reader);
        let gateway_timeout = gateway_timeout(&mut reader);
        let webhook = webhook(&mut reader);
        let tickets = tickets(&mut reader);
        let allowed_origins = allowed_origins(&mut reader);
        reader.slips(names);
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
    let api_key = reader.secret("GATEWAY_API_KEY");
    let base_url = reader.required(
        "GATEWAY_BASE_URL",
        "give the gateway's address from the merchant portal",
    );
    let cashier_url = reader.required("CASHIER_URL", "give the cashier's address with {token} in it");
    let routes = routes(reader);
    let allow_insecure = reader.flag("ALLOW_INSECURE");
    if api_key.is_empty() || base_url.is_empty() || cashier_url.is_empty() {
        return None;
    }
    let api_key = ApiKey::new(api_key)
        .map_err(|violation| reader.wrong("GATEWAY_API_KEY", violation.message))
        .ok()?;
    let config = GatewayConfig {
        api_key,
        base_url,
        cashier_url: Some(cashier_url),
        routes,
        user_agent: Some(concat!("edge-cashier-worker/", env!("CARGO_PKG_VERSION")).to_owned()),
        allow_insecure,
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
    let routes = match serde_json::from_str(&text).ok() {
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
    const NAME: &str = "WEBHOOK_PASSWORDS";
    let text = reader.required(NAME, "give the signature password of the merchant portal");
    if text.is_empty() {
        return None;
    }
    let given = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text).ok()
    } else {
        Some(Value::String(text))
    };
    let Some(given) = given else {
        reader.wrong(
            NAME,
            "must be one password, or a JSON list of {\"id\", \"password\", \"not_after\"?} with not_after such as 2026-12-01T00:00:00Z",
        );
        return None;
    };
    let passwords = Password::list_from_value(&given).map_err(|error| {
        for violation in error.violations() {
            reader.wrong(NAME, violation.to_string());
        }
    });
    Webhook::with_passwords(passwords.ok()?)
        .map_err(|error| reader.wrong(NAME, error.to_string()))
        .ok()
}

fn tickets(reader: &mut Reader<'_>) -> Option<TicketVerifier> {
    const NAME: &str = "TICKET_SECRET";
    let audience = reader.required(
        "TICKET_AUDIENCE",
        "give the text that tickets carry in their claim aud",
    );
    let text = reader.required(NAME, "set it with `wrangler secret put TICKET_SECRET`");
    if text.is_empty() {
        return None;
    }
    let secrets = secrets::read(&text).map_err(|remedies| {
        for remedy in remedies {
            reader.wrong(NAME, remedy);
        }
    });
    Some(TicketVerifier::new(&secrets.ok()?, &audience))
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
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
