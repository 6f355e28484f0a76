//! The Worker's configuration: read once per isolate, refused as a whole and by name.
//!
//! [`Config::read`] is a pure function over "the value of this variable", so that unit tests call it without a Worker. It names every problem at
//! once and never a value: half of the values are secrets, and the answer to a bad configuration goes to the public.

pub(crate) mod environment;

mod reader;
mod secrets;

use std::time::Duration;

use edge_cashier::{ApiKey, Gateway, GatewayConfig, Password, Routes, ValidationError, Webhook, check_url};
use serde_json::Value;

pub(crate) use self::reader::ConfigError;
use self::reader::Reader;
use crate::admin::AdminTokens;
use crate::delivery::Endpoint;
use crate::platform::USER_AGENT;
use crate::ticket::TicketVerifier;
use crate::turnstile::Turnstile;

/// How long the gateway may take to answer, headers and body together, unless `GATEWAY_TIMEOUT_MS` says otherwise.
const DEFAULT_GATEWAY_TIMEOUT_MS: u64 = 15_000;

/// How long a payment is kept unless `RETENTION_DAYS` says otherwise: longer than the year within which cards are charged back.
const DEFAULT_RETENTION_DAYS: u64 = 400;

const MAX_RETENTION_DAYS: u64 = 3650;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How many days more than `RECONCILIATION_DAYS` a payment is kept at least: a listed payment must be there, and so must a message that is tried for three days.
const RETENTION_MARGIN_DAYS: u64 = 7;

/// How many days a reconciliation covers unless `RECONCILIATION_DAYS` says otherwise: as long as webhooks are usually repeated.
const DEFAULT_RECONCILIATION_DAYS: u64 = 3;

const MAX_RECONCILIATION_DAYS: u64 = 31;

/// A shorter one is a number of seconds: it would cut every call off, and a card or direct payment whose answer never comes is not sent again.
const MIN_GATEWAY_TIMEOUT_MS: u64 = 100;

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
    /// Who may use the addresses for the merchant's backend.
    pub(crate) admin: Option<AdminTokens>,
    /// Where state changes are delivered to.
    pub(crate) endpoint: Option<Endpoint>,
    /// Whether the gateway is asked before a success is delivered.
    pub(crate) confirm_with_gateway: bool,
    /// The check that a person asks for a session, where it is switched on.
    pub(crate) turnstile: Option<Turnstile>,
    /// Whether cards may pass through this Worker.
    pub(crate) card_payments: bool,
    /// How long a payment is kept after its last change.
    pub(crate) retention_ms: i64,
    /// How many days of the gateway's list are compared, today's included.
    pub(crate) reconciliation_days: i64,
}

impl Config {
    /// Reads all of it, or says all that is wrong. `names` are those of all variables that are there.
    pub(crate) fn read<'n>(
        lookup: &dyn Fn(&str) -> Option<String>,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(lookup);
        let allow_insecure = reader.flag("ALLOW_INSECURE", false);
        let gateway = gateway(&mut reader, allow_insecure);
        let gateway_timeout = reader.number(
            "GATEWAY_TIMEOUT_MS",
            "milliseconds",
            MIN_GATEWAY_TIMEOUT_MS..=MAX_GATEWAY_TIMEOUT_MS,
            DEFAULT_GATEWAY_TIMEOUT_MS,
        );
        let webhook = webhook(&mut reader);
        let tickets = tickets(&mut reader);
        let allowed_origins = allowed_origins(&mut reader);
        let admin = admin(&mut reader);
        let endpoint = endpoint(&mut reader, allow_insecure);
        let confirm_with_gateway = reader.flag("CONFIRM_WITH_GATEWAY", true);
        let card_payments = card_payments(&mut reader);
        let turnstile = reader.optional_secret("TURNSTILE_SECRET").map(Turnstile::new);
        let retention_days = reader.number(
            "RETENTION_DAYS",
            "days",
            1..=MAX_RETENTION_DAYS,
            DEFAULT_RETENTION_DAYS,
        );
        let reconciliation_days = reader.number(
            "RECONCILIATION_DAYS",
            "days",
            1..=MAX_RECONCILIATION_DAYS,
            DEFAULT_RECONCILIATION_DAYS,
        );
        if retention_days < reconciliation_days + RETENTION_MARGIN_DAYS {
            reader.wrong(
                "RETENTION_DAYS",
                format!(
                    "must be at least {}, which is RECONCILIATION_DAYS and {RETENTION_MARGIN_DAYS} more: what the gateway lists is compared with payments that are kept, and a message is tried for days",
                    reconciliation_days + RETENTION_MARGIN_DAYS
                ),
            );
        }
        reader.slips(names);
        reader.finish()?;
        match (gateway, webhook, tickets) {
            (Some(gateway), Some(webhook), Some(tickets)) => Ok(Self {
                gateway,
                gateway_timeout: Duration::from_millis(gateway_timeout),
                webhook,
                tickets,
                allowed_origins,
                admin,
                endpoint,
                confirm_with_gateway,
                card_payments,
                turnstile,
                retention_ms: (retention_days * DAY_MS).cast_signed(),
                reconciliation_days: reconciliation_days.cast_signed(),
            }),
            // What is missing has been named.
            _ => Err(ConfigError::default()),
        }
    }
}

/// The addresses are checked by the core, once nothing is missing.
fn gateway(reader: &mut Reader<'_>, allow_insecure: bool) -> Option<Gateway> {
    let api_key = reader.required(
        "GATEWAY_API_KEY",
        "set it with `wrangler secret put GATEWAY_API_KEY`",
    );
    let api_key = api_key.and_then(|key| {
        ApiKey::new(key)
            .map_err(|violation| reader.wrong("GATEWAY_API_KEY", violation.message))
            .ok()
    });
    let base_url = reader.required(
        "GATEWAY_BASE_URL",
        "give the gateway's address from the merchant portal",
    );
    let cashier_url = reader.required("CASHIER_URL", "give the cashier's address with {token} in it");
    let routes = routes(reader);
    let config = GatewayConfig {
        api_key: api_key?,
        base_url: base_url?,
        cashier_url: Some(cashier_url?),
        routes,
        user_agent: Some(USER_AGENT.to_owned()),
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

/// One password, or a JSON list of them while they are being rotated.
fn webhook(reader: &mut Reader<'_>) -> Option<Webhook> {
    const NAME: &str = "WEBHOOK_PASSWORDS";
    let text = reader.required(NAME, "give the signature password of the merchant portal")?;
    let given = match serde_json::from_str(&text) {
        // An object is no list, which the core says better than every webhook's 401.
        Ok(json @ (Value::Array(_) | Value::Object(_))) => Some(json),
        _ if text.trim_start().starts_with('[') => None,
        _ => Some(Value::String(text)),
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
    let audience = reader.required(
        "TICKET_AUDIENCE",
        "give the text that tickets carry in their claim aud",
    );
    let text = reader.required("TICKET_SECRET", "set it with `wrangler secret put TICKET_SECRET`")?;
    let secrets = reader.secrets("TICKET_SECRET", &text, secrets::long_enough)?;
    Some(TicketVerifier::new(&secrets, &audience?))
}

/// Without it the addresses for the merchant's backend are closed.
fn admin(reader: &mut Reader<'_>) -> Option<AdminTokens> {
    let text = reader.optional("ADMIN_TOKEN")?;
    let tokens = reader.secrets("ADMIN_TOKEN", &text, secrets::bearer)?;
    Some(AdminTokens::new(&tokens))
}

/// A word and no flag: what it switches on has consequences that nobody should meet by chance.
fn card_payments(reader: &mut Reader<'_>) -> bool {
    match reader.optional("CARD_PAYMENTS").as_deref() {
        Some("enabled") => true,
        None | Some("disabled") => false,
        Some(_) => {
            reader.wrong("CARD_PAYMENTS", "must be \"enabled\" or \"disabled\"");
            false
        }
    }
}

/// Where state changes are delivered to; without an address nothing is delivered.
fn endpoint(reader: &mut Reader<'_>, allow_insecure: bool) -> Option<Endpoint> {
    let url = reader.optional("MERCHANT_WEBHOOK_URL");
    let secrets = reader.optional("DELIVERY_SECRET");
    let (url, secrets) = match (url, secrets) {
        (None, None) => return None,
        (Some(_), None) => {
            reader.wrong(
                "DELIVERY_SECRET",
                "is missing; deliveries to MERCHANT_WEBHOOK_URL are signed with it",
            );
            return None;
        }
        (None, Some(_)) => {
            reader.wrong(
                "MERCHANT_WEBHOOK_URL",
                "is missing; DELIVERY_SECRET signs what is delivered there",
            );
            return None;
        }
        (Some(url), Some(secrets)) => (url, secrets),
    };
    let address = check_url(&url, allow_insecure).map_err(|violation| {
        reader.wrong("MERCHANT_WEBHOOK_URL", violation.message);
    });
    let secrets = reader.secrets("DELIVERY_SECRET", &secrets, Endpoint::check_secret)?;
    address.ok()?;
    Some(Endpoint::new(url, &secrets))
}

/// A list with commas. An origin is compared as text, so it must be written as a browser writes it: `https://shop.example.com`, no slash at the end.
fn allowed_origins(reader: &mut Reader<'_>) -> Vec<String> {
    let Some(list) = reader.required(
        "ALLOWED_ORIGINS",
        "list the storefronts' origins, with commas between them",
    ) else {
        return Vec::new();
    };
    let origins: Vec<String> = list
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .map(str::to_owned)
        .collect();
    if origins.is_empty() || !origins.iter().all(|origin| is_origin(origin)) {
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
