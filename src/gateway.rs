//! Operations become HTTP requests, HTTP responses become replies. Nothing is sent here: that is the transport's part.

use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::address::{TOKEN, check_base_url, check_cashier_url, encode};
use crate::error::{ValidationError, Violation};
use crate::gateway_error::GatewayError;
use crate::operation::{
    ApprovePayout, CardPayment, DirectPayment, HostedDeposit, HostedWithdrawal, ListTransactions, Operation,
    RejectPayout, TransactionStatusQuery, Wire,
};
use crate::operation_name::OperationName;
use crate::redact::{REDACTED, redact};
use crate::reply::Unexpected;
use crate::routes::{ID, Route, Routes};
use crate::validate::Report;

/// A constant: a name that is parsed at run time brings a table of every standard header into the wasm.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A generic function, for the operation of that name.
macro_rules! by_name {
    ($name:expr, $function:ident) => {
        match $name {
            OperationName::HostedDeposit => $function::<HostedDeposit>,
            OperationName::HostedWithdrawal => $function::<HostedWithdrawal>,
            OperationName::DirectPayment => $function::<DirectPayment>,
            OperationName::CardPayment => $function::<CardPayment>,
            OperationName::RejectPayout => $function::<RejectPayout>,
            OperationName::ApprovePayout => $function::<ApprovePayout>,
            OperationName::TransactionStatus => $function::<TransactionStatusQuery>,
            OperationName::ListTransactions => $function::<ListTransactions>,
        }
    };
}

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
            return Err(Violation::new(
                "required",
                "the API key is empty; give the key from the merchant portal (Settings > Credentials)",
            ));
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Violation::new(
                "format",
                "the API key has a space, a line end or a character that no key has; copy it again, alone",
            ));
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
        let GatewayConfig {
            api_key,
            base_url,
            cashier_url,
            routes,
            user_agent,
        } = config;
        let mut report = Report::default();
        report.keep("base_url".to_owned(), check_base_url(&base_url));
        if let Some(template) = &cashier_url {
            report.keep("cashier_url".to_owned(), check_cashier_url(template));
        }
        let agent = user_agent
            .as_deref()
            .unwrap_or(concat!("edge-cashier/", env!("CARGO_PKG_VERSION")));
        let header = |path: &str, text: &str, report: &mut Report| {
            let value = HeaderValue::from_str(text)
                .map_err(|_| Violation::new("format", "cannot be sent as a header; use printable ASCII"));
            report.keep(path.to_owned(), value)
        };
        let user_agent = header("user_agent", agent, &mut report);
        let key_header = header("api_key", &api_key.0, &mut report).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        let base_url = base_url.trim_end_matches('/').to_owned();
        let parts = user_agent.zip(key_header);
        report.finish(parts.map(|(user_agent, key_header)| Gateway {
            api_key,
            key_header,
            user_agent,
            base_url,
            cashier_url,
            routes,
        }))
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
    pub fn request_for(
        &self,
        name: OperationName,
        value: &Value,
    ) -> Result<Request<Vec<u8>>, ValidationError> {
        fn wire<O: Operation>(value: &Value) -> Result<Wire, ValidationError> {
            O::read(value)?.wire()
        }
        self.build(name, by_name!(name, wire)(value)?)
    }

    /// The reply of the operation `name`, as JSON.
    ///
    /// # Errors
    /// As [`Gateway::reply`].
    pub fn reply_for(&self, name: OperationName, response: Response<Vec<u8>>) -> Result<Value, GatewayError> {
        self.read(name, &response, by_name!(name, written))
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
        let uri: Uri = url
            .parse()
            .map_err(|_| Violation::new("format", "the base URL, the route and the id do not make a URL"))?;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(API_KEY, self.key_header.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(USER_AGENT, self.user_agent.clone());
        Ok(request)
    }

    fn read<R>(
        &self,
        name: OperationName,
        response: &Response<Vec<u8>>,
        read: fn(Value) -> Result<R, Unexpected>,
    ) -> Result<R, GatewayError> {
        self.body(name, response)
            .and_then(read)
            .map_err(|Unexpected(problem)| {
                let secrets = [self.api_key.0.as_str()];
                GatewayError::from_reply(
                    name,
                    response.status().as_u16(),
                    response.headers(),
                    response.body(),
                    Some(problem),
                    &secrets,
                )
            })
    }

    /// The JSON of a response that may be a reply.
    fn body(&self, name: OperationName, response: &Response<Vec<u8>>) -> Result<Value, Unexpected> {
        let status = response.status();
        // The reference shows no reply of `direct_payment` and calls it a redirect, so a real one is understood too.
        if name == OperationName::DirectPayment && status.is_redirection() {
            let location = response
                .headers()
                .get(LOCATION)
                .and_then(|value| value.to_str().ok());
            let url = location.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
            let url = url.ok_or(Unexpected("the redirect names no address"))?;
            return Ok(Value::Object(Map::from_iter([("url".to_owned(), url.into())])));
        }
        if status.is_redirection() {
            return Err(Unexpected(
                "a redirect is not followed: it would carry the API key elsewhere",
            ));
        }
        if !status.is_success() {
            return Err(Unexpected("that is no success"));
        }
        let body = response
            .body()
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(response.body());
        if body.is_empty() {
            // "No content" is a whole reply where the reference shows `{}`.
            let nothing_expected = name == OperationName::RejectPayout && status == StatusCode::NO_CONTENT;
            return if nothing_expected {
                Ok(Value::Object(Map::new()))
            } else {
                Err(Unexpected("the reply is empty"))
            };
        }
        serde_json::from_slice(body).map_err(|_| Unexpected("the reply is not JSON"))
    }
}

/// An operation's reply as JSON.
fn written<O: Operation>(value: Value) -> Result<Value, Unexpected> {
    O::reply(value).map(|reply| O::written(&reply))
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("base_url", &self.base_url)
            .field("cashier_url", &self.cashier_url)
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}
