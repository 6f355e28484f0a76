//! Operations become HTTP requests, HTTP responses become replies. Nothing is sent here: that is the transport's part.

use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::{ValidationError, Violation};
use crate::gateway_error::GatewayError;
use crate::operation::{HostedDeposit, Operation, Unexpected, Wire};
use crate::operation_name::OperationName;
use crate::redact::{REDACTED, redact};
use crate::routes::{ID, Route, Routes};
use crate::validate::Report;

/// Where the token goes in the cashier's address.
const TOKEN: &str = "{token}";
/// RFC 3986 "unreserved": what means the same in every part of a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

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
        if key.is_empty() {
            return Err(Violation::new("required", "the API key is empty; give the key from the merchant portal (Settings > Credentials)"));
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Violation::new("format", "the API key has a space, a line end or a character that no key has; copy it again, alone"));
        }
        Ok(ApiKey(key))
    }
}

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
    key_header: HeaderValue,
    user_agent: HeaderValue,
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
        let GatewayConfig { api_key, base_url, cashier_url, routes, user_agent } = config;
        let mut report = Report::default();
        report.keep("base_url".to_owned(), check_base_url(&base_url));
        if let Some(template) = &cashier_url {
            report.keep("cashier_url".to_owned(), check_cashier_url(template));
        }
        let agent = user_agent.as_deref().unwrap_or(concat!("edge-cashier/", env!("CARGO_PKG_VERSION")));
        let header = |path: &str, text: &str, report: &mut Report| {
            let value = HeaderValue::from_str(text).map_err(|_| Violation::new("format", "cannot be sent as a header; use printable ASCII"));
            report.keep(path.to_owned(), value)
        };
        let user_agent = header("user_agent", agent, &mut report);
        let key_header = header("api_key", &api_key.0, &mut report).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        let base_url = base_url.trim_end_matches('/').to_owned();
        let parts = user_agent.zip(key_header);
        report.finish(parts.map(|(user_agent, key_header)| Gateway { api_key, key_header, user_agent, base_url, cashier_url, routes }))
    }

    /// The HTTP request of an operation.
    ///
    /// # Errors
    /// What is wrong with the operation, all of it.
    pub fn request<O: Operation>(&self, operation: &O) -> Result<Request<Vec<u8>>, ValidationError> {
        self.build(O::NAME, operation.wire()?)
    }

    /// The reply of an operation.
    ///
    /// # Errors
    /// Another status than 2xx, or a body that the operation cannot mean.
    pub fn reply<O: Operation>(&self, response: Response<Vec<u8>>) -> Result<O::Reply, GatewayError> {
        self.read(O::NAME, &response, O::reply)
    }

    /// The HTTP request of the operation `name`, read from JSON: the gateway's own body, or for the two that read,
    /// `{"id"}` (or the id alone) and `{"from"?, "to"?}`.
    ///
    /// # Errors
    /// What is wrong with the request, all of it.
    pub fn request_for(&self, name: OperationName, value: &Value) -> Result<Request<Vec<u8>>, ValidationError> {
        let wire = match name {
            OperationName::HostedDeposit => HostedDeposit::read(value)?.wire(),
            _ => HostedDeposit::read(value)?.wire(),
        }?;
        self.build(name, wire)
    }

    /// The reply of the operation `name`, as JSON.
    ///
    /// # Errors
    /// As [`Gateway::reply`].
    pub fn reply_for(&self, name: OperationName, response: Response<Vec<u8>>) -> Result<Value, GatewayError> {
        let read = match name {
            OperationName::HostedDeposit => written::<HostedDeposit>,
            _ => written::<HostedDeposit>,
        };
        self.read(name, &response, read)
    }

    /// The hosted cashier's address for a token, if the configuration has a template for it.
    pub fn cashier_url(&self, token: &str) -> Option<String> {
        let template = self.cashier_url.as_deref()?;
        Some(template.replace(TOKEN, &encode(token)))
    }

    /// The connection failed before a reply came. Unlike [`GatewayError::transport`] it also takes the API key out of `detail`.
    pub fn transport_error(&self, operation: OperationName, detail: &str) -> GatewayError {
        GatewayError::transport(operation, redact(detail, &[&self.api_key.0]))
    }

    fn build(&self, name: OperationName, wire: Wire) -> Result<Request<Vec<u8>>, ValidationError> {
        let Route { method, path } = self.routes.get(name);
        let mut url = [self.base_url.as_str(), &path].concat();
        let mut body = Vec::new();
        let has_body = matches!(wire, Wire::Body(_));
        match wire {
            Wire::Body(json) => body = json,
            Wire::Id(id) => url = [self.base_url.as_str(), &path.replace(ID, &encode(&id))].concat(),
            Wire::Query(parameters) => {
                for (name, value) in parameters {
                    url.push(if url.contains('?') { '&' } else { '?' });
                    url.push_str(name);
                    url.push('=');
                    url.push_str(&encode(&value));
                }
            }
        }
        let uri: Uri = url.parse().map_err(|_| Violation::new("format", "the base URL, the route and the id do not make a URL"))?;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert("x-api-key", self.key_header.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(USER_AGENT, self.user_agent.clone());
        Ok(request)
    }

    fn read<R>(&self, name: OperationName, response: &Response<Vec<u8>>, read: fn(Value) -> Result<R, Unexpected>) -> Result<R, GatewayError> {
        self.body(name, response).and_then(read).map_err(|Unexpected(problem)| {
            let secrets = [self.api_key.0.as_str()];
            GatewayError::from_reply(name, response.status().as_u16(), response.headers(), response.body(), Some(problem), &secrets)
        })
    }

    /// The JSON of a response that may be a reply.
    fn body(&self, name: OperationName, response: &Response<Vec<u8>>) -> Result<Value, Unexpected> {
        let status = response.status();
        // The reference shows no reply of `direct_payment` and calls it a redirect, so a real one is understood too.
        if name == OperationName::DirectPayment && status.is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let url = location.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
            let url = url.ok_or(Unexpected("the redirect names no address"))?;
            return Ok(Value::Object(Map::from_iter([("url".to_owned(), url.into())])));
        }
        if status.is_redirection() {
            return Err(Unexpected("a redirect is not followed: it would carry the API key elsewhere"));
        }
        if !status.is_success() {
            return Err(Unexpected("that is no success"));
        }
        let body = response.body().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(response.body());
        if body.is_empty() {
            // "No content" is a whole reply where the reference shows `{}`.
            let nothing_expected = name == OperationName::RejectPayout && status == StatusCode::NO_CONTENT;
            return if nothing_expected { Ok(Value::Object(Map::new())) } else { Err(Unexpected("the reply is empty")) };
        }
        serde_json::from_slice(body).map_err(|_| Unexpected("the reply is not JSON"))
    }
}

/// An operation's reply as JSON.
fn written<O: Operation>(value: Value) -> Result<Value, Unexpected> {
    serde_json::to_value(O::reply(value)?).map_err(|_| Unexpected("the reply cannot be written as JSON"))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Whether a URL may carry a secret: https, or http on this machine. Gives the URL's parts.
fn check_url(url: &str) -> Result<Uri, Violation> {
    let wrong = |code, message: &str| Err(Violation::new(code, message));
    let Ok(uri) = url.parse::<Uri>() else {
        return wrong("format", "not a URL; give one such as https://gateway.example/api");
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return wrong("format", "not a whole URL; it begins with https:// and a host");
    };
    if authority.as_str().contains('@') {
        return wrong("credentials", "has a user name or password; leave it out, the API key is a setting of its own");
    }
    let local = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    if scheme != "https" && !(scheme == "http" && local) {
        return wrong("insecure", "must be https: the API key and payments go over it (http is accepted for localhost alone)");
    }
    if authority.host().is_empty() {
        return wrong("format", "has no host");
    }
    Ok(uri)
}

fn check_base_url(url: &str) -> Result<(), Violation> {
    let uri = check_url(url)?;
    // `Uri` drops a fragment silently, so the text is asked.
    if url.contains('#') || uri.query().is_some() {
        return Err(Violation::new("format", "has a query or a fragment; give the address that the routes are appended to"));
    }
    if url.contains(['{', '}', '\\']) || uri.path().split('/').any(|part| part == "." || part == "..") {
        return Err(Violation::new("format", "has braces, a backslash or a `..`; give the plain address"));
    }
    Ok(())
}

fn check_cashier_url(template: &str) -> Result<(), Violation> {
    let uri = check_url(&template.replace(TOKEN, "token"))?;
    let host = template.find("://").and_then(|at| template.get(at + 3..)).map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    if uri.host().is_none() || host.is_none_or(|host| host.contains(TOKEN)) {
        return Err(Violation::new("format", "the token must not be part of the host"));
    }
    if template.matches(TOKEN).count() != 1 {
        return Err(Violation::new("format", "needs `{token}` once, where the cashier's token goes"));
    }
    Ok(())
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("base_url", &self.base_url).field("cashier_url", &self.cashier_url).field("routes", &self.routes).finish_non_exhaustive()
    }
}
