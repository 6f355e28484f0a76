//! Operations become HTTP requests, HTTP responses become replies. Nothing is sent here: that is the transport's part.

pub(crate) mod address;
pub(crate) mod error;
pub(crate) mod exchange;
pub mod retry;
pub(crate) mod routes;

use std::borrow::Cow;
use std::fmt;

use http::{Request, Response};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::gateway::address::{TOKEN, check_base_url, check_cashier_url, encode, no_page};
use crate::gateway::error::GatewayError;
use crate::gateway::exchange::{Incoming, Outgoing, check_header, with_http};
use crate::gateway::routes::{ID, Route, Routes};
use crate::operation::name::OperationName;
use crate::operation::reply::Unexpected;
use crate::operation::{Operation, Wire, arranged, wire_of};
use crate::read::json_read::{Node, parse};
use crate::read::json_text::push_string;
use crate::read::validate::Report;
use crate::read::violation::{ValidationError, Violation};
use crate::redact::REDACTED;

const API_KEY: &str = "x-api-key";
const JSON: &str = "application/json";
const USER_AGENT: &str = concat!("edge-cashier/", env!("CARGO_PKG_VERSION"));

/// The merchant's key for the gateway (merchant portal, Settings > Credentials). It prints as `[REDACTED]` and is wiped from memory when dropped.
#[derive(Clone)]
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Takes the key as it stands; nothing is trimmed.
    ///
    /// # Errors
    /// A key that is empty, or has spaces, line ends or anything else that cannot stand in a header.
    pub fn new(key: impl Into<String>) -> Result<Self, Violation> {
        let key = Zeroizing::new(key.into());
        Self::check(&key)?;
        Ok(ApiKey(key))
    }

    fn check(key: &str) -> Result<(), Violation> {
        if key.is_empty() {
            return Err(Violation::new("required", NO_API_KEY));
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Violation::new(
                "format",
                "the API key has a space, a line end or a character that no key has; copy it again, alone",
            ));
        }
        Ok(())
    }
}

const NO_API_KEY: &str =
    "the API key is empty; give the key from the merchant portal (Settings > Credentials)";

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// How to reach the gateway.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// The merchant's key.
    pub api_key: ApiKey,
    /// Where the gateway is, for example `https://gateway.example/api`; the routes are appended. Only https, but for this machine.
    pub base_url: String,
    /// The hosted cashier's address with `{token}` in it, for example `https://cashier.example/?token={token}`.
    pub cashier_url: Option<String>,
    /// The gateway's paths.
    pub routes: Routes,
    /// Sent as `user-agent`; `edge-cashier/<version>` when there is none.
    pub user_agent: Option<String>,
}

/// Turns operations into requests and responses into replies.
///
/// ```
/// use edge_cashier::{ApiKey, Gateway, GatewayConfig, HostedDeposit, Routes};
///
/// let gateway = Gateway::new(GatewayConfig {
///     api_key: ApiKey::new("example_key")?,
///     base_url: "https://gateway.example/api".to_owned(),
///     cashier_url: Some("https://cashier.example/?token={token}".to_owned()),
///     routes: Routes::default(),
///     user_agent: None,
/// })?;
/// let deposit = HostedDeposit::from_json(r#"{"user_id": "128", "tracking_id": "order-1", "amount": "10.05", "currency": "EUR"}"#)?;
/// let request = gateway.request(&deposit)?;
/// assert_eq!(request.uri(), "https://gateway.example/api/cashier/deposit");
///
/// // Send it with any HTTP client; then:
/// let response = http::Response::new(br#"{"token": "abc"}"#.to_vec());
/// let reply = gateway.reply::<HostedDeposit>(response)?;
/// assert_eq!(gateway.cashier_url(&reply.token).as_deref(), Some("https://cashier.example/?token=abc"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Gateway {
    api_key: ApiKey,
    user_agent: String,
    base_url: String,
    cashier_url: Option<String>,
    routes: Routes,
}

impl Gateway {
    /// Checks the configuration.
    ///
    /// # Errors
    /// Every violation: a base URL or cashier address that is not https (but for `localhost`, `127.0.0.1`, `[::1]`), has
    /// credentials, a query or a fragment where none belongs, or has no place for the token.
    pub fn new(config: GatewayConfig) -> Result<Self, ValidationError> {
        let GatewayConfig {
            api_key,
            base_url,
            cashier_url,
            routes,
            user_agent,
        } = config;
        let user_agent = user_agent.unwrap_or_else(|| USER_AGENT.to_owned());
        let mut report = Report::default();
        report.keep(|| "base_url".to_owned(), check_base_url(&base_url));
        if let Some(template) = &cashier_url {
            report.keep(|| "cashier_url".to_owned(), check_cashier_url(template));
        }
        report.keep(|| "user_agent".to_owned(), check_header(&user_agent));
        report.finish(())?;
        Ok(Gateway {
            api_key,
            user_agent,
            base_url: base_url.trim_end_matches('/').to_owned(),
            cashier_url,
            routes,
        })
    }

    /// The HTTP request of an operation.
    ///
    /// # Errors
    /// What is wrong with the operation, all of it.
    pub fn request<O: Operation>(&self, operation: &O) -> Result<Request<Vec<u8>>, ValidationError> {
        self.build(O::NAME, operation.wire()?)?.into_http(API_KEY)
    }

    /// The reply of an operation.
    ///
    /// # Errors
    /// Another status than 2xx, or a body that the operation cannot mean.
    pub fn reply<O: Operation>(&self, response: Response<Vec<u8>>) -> Result<O::Reply, GatewayError> {
        with_http(&response, |incoming| self.read(O::NAME, incoming, O::reply))
    }

    /// The HTTP request of the operation `name`, read from JSON: the gateway's own body, or for the two that read,
    /// `{"id"}` (or the id alone) and `{"from"?, "to"?}`.
    ///
    /// # Errors
    /// What is wrong with the request, all of it.
    pub fn request_for(
        &self,
        name: OperationName,
        value: &Value,
    ) -> Result<Request<Vec<u8>>, ValidationError> {
        self.outgoing(name, value)?.into_http(API_KEY)
    }

    /// [`Gateway::request_for`] without the crate `http`.
    ///
    /// # Errors
    /// As [`Gateway::request_for`].
    #[doc(hidden)]
    pub fn outgoing(&self, name: OperationName, value: &Value) -> Result<Outgoing, ValidationError> {
        self.build(name, wire_of(name, value)?)
    }

    /// The reply of the operation `name`, as JSON.
    ///
    /// # Errors
    /// As [`Gateway::reply`].
    pub fn reply_for(&self, name: OperationName, response: Response<Vec<u8>>) -> Result<Value, GatewayError> {
        with_http(&response, |incoming| self.incoming(name, incoming))
    }

    /// [`Gateway::reply_for`] without the crate `http`.
    ///
    /// # Errors
    /// As [`Gateway::reply_for`].
    #[doc(hidden)]
    pub fn incoming(&self, name: OperationName, reply: &Incoming<'_>) -> Result<Value, GatewayError> {
        body(name, &self.base_url, reply)
            .and_then(|text| {
                let node = Node::parse(&text).ok_or(Unexpected(NOT_JSON))?;
                let arranged = arranged(name, &node)?;
                // It was written here, so it is JSON.
                parse(&arranged).ok_or(Unexpected(NOT_JSON))
            })
            .map_err(|problem| self.refuse(name, reply, problem))
    }

    /// The hosted cashier's address for a token, if the configuration has a template for it.
    pub fn cashier_url(&self, token: &str) -> Option<String> {
        let template = self.cashier_url.as_deref()?;
        Some(template.replace(TOKEN, &encode(token)))
    }

    /// The connection failed before a reply came. Unlike [`GatewayError::transport`] it also takes the API key out of `detail`.
    pub fn transport_error(&self, operation: OperationName, detail: &str) -> GatewayError {
        GatewayError::disconnected(operation, detail, &[&self.api_key.0])
    }

    fn build(&self, name: OperationName, wire: Wire) -> Result<Outgoing, ValidationError> {
        let Route { method, path } = self.routes.get(name);
        let mut headers = vec![
            (API_KEY, self.api_key.0.as_str().to_owned()),
            ("accept", JSON.to_owned()),
            ("user-agent", self.user_agent.clone()),
        ];
        let mut url = format!("{}{path}", self.base_url);
        let mut body = Vec::new();
        match wire {
            Wire::Body(json) => {
                body = json;
                headers.push(("content-type", JSON.to_owned()));
            }
            Wire::Id(id) => url = format!("{}{}", self.base_url, path.replace(ID, &encode(&id))),
            Wire::Query(parameters) => {
                for (name, value) in parameters {
                    url.push(if url.contains('?') { '&' } else { '?' });
                    url.push_str(name);
                    url.push('=');
                    url.push_str(&encode(&value));
                }
            }
        }
        Outgoing {
            method,
            url,
            headers,
            body,
        }
        .check()
    }

    fn read<R>(
        &self,
        name: OperationName,
        reply: &Incoming<'_>,
        read: fn(Value) -> Result<R, Unexpected>,
    ) -> Result<R, GatewayError> {
        body(name, &self.base_url, reply)
            .and_then(|text| parse(&text).ok_or(Unexpected(NOT_JSON)))
            .and_then(read)
            .map_err(|problem| self.refuse(name, reply, problem))
    }

    fn refuse(
        &self,
        name: OperationName,
        reply: &Incoming<'_>,
        Unexpected(problem): Unexpected,
    ) -> GatewayError {
        GatewayError::from_reply(name, reply, Some(problem), &[self.api_key.0.as_str()])
    }
}

/// The text of a reply that may be what the operation means.
fn body<'r>(name: OperationName, base_url: &str, reply: &Incoming<'r>) -> Result<Cow<'r, str>, Unexpected> {
    let redirected = (300..400).contains(&reply.status);
    // The reference shows no reply of `direct_payment` and calls it a redirect, so a real one is understood too.
    if name == OperationName::DirectPayment && redirected {
        if !matches!(reply.status, 302 | 303) {
            return Err(Unexpected("only 302 or 303 sends a user to a provider's page"));
        }
        let url = reply.header("location").unwrap_or_default();
        if let Some(problem) = no_page(url, base_url) {
            return Err(Unexpected(problem));
        }
        let mut text = "{\"url\":".to_owned();
        push_string(&mut text, url);
        text.push('}');
        return Ok(Cow::Owned(text));
    }
    if redirected {
        return Err(Unexpected(
            "a redirect is not followed: it would carry the API key elsewhere",
        ));
    }
    if !(200..300).contains(&reply.status) {
        return Err(Unexpected("that is no success"));
    }
    let body = reply.body.strip_prefix('\u{feff}').unwrap_or(reply.body);
    if body.is_empty() {
        // "No content" is a whole reply where the reference shows `{}`.
        return if name == OperationName::RejectPayout && reply.status == 204 {
            Ok(Cow::Borrowed("{}"))
        } else {
            Err(Unexpected("the reply is empty"))
        };
    }
    if !reply.is_utf8 {
        return Err(Unexpected(NOT_JSON));
    }
    Ok(Cow::Borrowed(body))
}

const NOT_JSON: &str = "the reply is not JSON";

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("base_url", &self.base_url)
            .field("cashier_url", &self.cashier_url)
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}
