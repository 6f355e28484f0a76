//! Operations become HTTP requests, HTTP responses become replies. Nothing is sent here: that is the transport's part.

pub(crate) mod address;
pub(crate) mod error;
pub(crate) mod reply_headers;
pub mod retry;
pub(crate) mod routes;

use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, LOCATION, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use time::Date;

use crate::gateway::address::{Base, check_base_url, check_cashier_url, encode, fill, is_page, no_page};
use crate::gateway::error::GatewayError;
use crate::gateway::routes::{ID, Routes};
use crate::operation::name::OperationName;
use crate::operation::{self, Operation, Wire};
use crate::read::json;
use crate::read::reply::{Reply, Unexpected};
use crate::read::report::Report;
use crate::read::secret::check_secret;
use crate::read::violation::{ValidationError, Violation};
use crate::redact::REDACTED;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLIENT: &str = concat!("edge-cashier/", env!("CARGO_PKG_VERSION"));

/// The merchant's key for the gateway (merchant portal, Settings > Credentials). It prints as `[REDACTED]` and is wiped from memory when dropped.
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Takes the key as it is; nothing is trimmed.
    ///
    /// # Errors
    /// A key that is empty or the text of an unset variable (`undefined`, `null`), or has spaces, line ends or anything else that no header can carry.
    pub fn new(key: impl Into<String>) -> Result<Self, Violation> {
        let key = SecretString::from(key.into());
        let text = key.expose_secret();
        check_secret(text)?;
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
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
    /// Where the gateway is, for example `https://gateway.example/api`; the routes are appended. Only https, but for this machine (`localhost`, `127.0.0.1`,
    /// `[::1]`) and what `allow_insecure` allows.
    pub base_url: String,
    /// The hosted cashier's address with `{token}` in it, for example `https://cashier.example/?token={token}`.
    pub cashier_url: Option<String>,
    /// The gateway's paths.
    pub routes: Routes,
    /// Sent as `user-agent`; `edge-cashier/<version>` when there is none.
    pub user_agent: Option<String>,
    /// Takes `http://` for other hosts too, such as a container's or one of a local network. Whoever is on the way then reads the API key and every payment: for
    /// development alone.
    pub allow_insecure: bool,
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
///     allow_insecure: false,
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
    user_agent: HeaderValue,
    base_url: Base,
    cashier_url: Option<String>,
    routes: Routes,
}

impl Gateway {
    /// Checks the configuration.
    ///
    /// # Errors
    /// Every violation: a base URL or cashier address that is not https (see [`GatewayConfig::allow_insecure`]), has
    /// credentials, a query or a fragment where none belongs, or has no place for the token.
    pub fn new(config: GatewayConfig) -> Result<Self, ValidationError> {
        let mut report = Report::default();
        let base_url = check_base_url(&config.base_url, config.allow_insecure);
        let base_url = base_url.map_err(|violation| report.add(violation.at("base_url")));
        if let Some(template) = &config.cashier_url {
            report.check("cashier_url", check_cashier_url(template, config.allow_insecure));
        }
        let user_agent = user_agent(config.user_agent.as_deref().unwrap_or(CLIENT));
        let user_agent = user_agent.map_err(|violation| report.add(violation.at("user_agent")));
        let gateway = base_url
            .ok()
            .zip(user_agent.ok())
            .map(|(base_url, user_agent)| Gateway {
                api_key: config.api_key,
                user_agent,
                base_url,
                cashier_url: config.cashier_url,
                routes: config.routes,
            });
        report.finish(gateway)
    }

    /// The HTTP request of an operation.
    ///
    /// # Errors
    /// What is wrong with the operation, all of it.
    pub fn request<O: Operation>(&self, operation: &O) -> Result<Request<Vec<u8>>, ValidationError> {
        self.build(O::NAME, operation.checked()?.wire())
    }

    /// The reply of an operation.
    ///
    /// # Errors
    /// Another status than 2xx, or a body that the operation cannot mean.
    pub fn reply<O: Operation>(&self, response: Response<Vec<u8>>) -> Result<O::Reply, GatewayError> {
        self.read(O::NAME, &response, O::Reply::read)
    }

    /// The HTTP request of the operation `name`, read from JSON: the gateway's own body, or for the two that read,
    /// `{"id"}` (or the id alone) and `{"from"?, "to"?}`. Fields that the reference does not know are given under `extra`.
    ///
    /// # Errors
    /// What is wrong with the request, all of it.
    pub fn request_for(
        &self,
        name: OperationName,
        value: &Value,
    ) -> Result<Request<Vec<u8>>, ValidationError> {
        self.build(name, operation::wire_for(name, value, None)?)
    }

    /// [`Gateway::request_for`] of a request that is made on that day, so that a date of birth in the future is refused too.
    ///
    /// # Errors
    /// As [`Gateway::request_for`].
    pub fn request_on(
        &self,
        today: Date,
        name: OperationName,
        value: &Value,
    ) -> Result<Request<Vec<u8>>, ValidationError> {
        self.build(name, operation::wire_for(name, value, Some(today))?)
    }

    /// The reply of the operation `name`, as JSON.
    ///
    /// # Errors
    /// As [`Gateway::reply`].
    pub fn reply_for(&self, name: OperationName, response: Response<Vec<u8>>) -> Result<Value, GatewayError> {
        self.read(name, &response, |value| operation::reply_for(name, value, false))
    }

    /// The reply of the operation `name`, as JSON in the form of its type: fields that this version does not know are under `extra`, and the two that open a cashier have
    /// its address as `cashier_url`, if the configuration has a template for it.
    ///
    /// # Errors
    /// As [`Gateway::reply`].
    pub fn typed_reply_for(
        &self,
        name: OperationName,
        response: Response<Vec<u8>>,
    ) -> Result<Value, GatewayError> {
        let mut reply = self.read(name, &response, |value| operation::reply_for(name, value, true))?;
        if name.opens_cashier()
            && let Some(token) = reply.get("token").and_then(Value::as_str)
            && let Some(url) = self.cashier_url(token)
            && let Some(fields) = reply.as_object_mut()
        {
            fields.insert("cashier_url".to_owned(), url.into());
        }
        Ok(reply)
    }

    /// The hosted cashier's address for a token, if the configuration has a template for it.
    pub fn cashier_url(&self, token: &str) -> Option<String> {
        self.cashier_url.as_deref().map(|template| fill(template, token))
    }

    /// The connection failed before a reply came. Unlike [`GatewayError::transport`] it also takes the API key out of `detail`.
    pub fn transport_error(&self, operation: OperationName, detail: &str) -> GatewayError {
        GatewayError::disconnected(operation, detail, &self.secrets())
    }

    /// The request could not be sent; the API key is taken out of `detail`.
    #[cfg(feature = "js")]
    pub(crate) fn unsendable(&self, operation: OperationName, detail: &str) -> GatewayError {
        GatewayError::unsendable(operation, detail, &self.secrets())
    }

    /// An answer came that this client cannot take; the API key is taken out of `detail`.
    #[cfg(feature = "js")]
    pub(crate) fn unusable_answer(&self, operation: OperationName, detail: &str) -> GatewayError {
        GatewayError::unusable_answer(operation, detail, &self.secrets())
    }

    fn secrets(&self) -> [&str; 1] {
        [self.api_key.0.expose_secret()]
    }

    fn build(&self, name: OperationName, wire: Wire) -> Result<Request<Vec<u8>>, ValidationError> {
        let route = self.routes.get(name);
        let (path, query, body) = match wire {
            Wire::Body(json) => (route.path.clone(), Vec::new(), Some(json)),
            Wire::Id(id) => (route.path.replace(ID, &encode(&id)), Vec::new(), None),
            Wire::Query(parameters) => (route.path.clone(), parameters, None),
        };
        let mut url = format!("{}{path}", self.base_url.as_str());
        for (name, value) in query {
            let separator = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{separator}{name}={}", encode(&value)));
        }
        let no_url = || Violation::new("format", "the base URL, the route and the id do not make a URL");
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::from_bytes(route.method.as_bytes()).map_err(|_| no_url())?;
        *request.uri_mut() = url.parse::<Uri>().map_err(|_| no_url())?;
        let headers = request.headers_mut();
        let mut api_key = HeaderValue::from_str(self.api_key.0.expose_secret()).map_err(|_| no_url())?;
        api_key.set_sensitive(true);
        headers.insert(API_KEY, api_key);
        headers.insert(ACCEPT, JSON);
        headers.insert(USER_AGENT, self.user_agent.clone());
        if let Some(json) = body {
            headers.insert(CONTENT_TYPE, JSON);
            *request.body_mut() = json;
        }
        Ok(request)
    }

    fn read<R>(
        &self,
        name: OperationName,
        response: &Response<Vec<u8>>,
        read: impl FnOnce(Value) -> Result<R, Unexpected>,
    ) -> Result<R, GatewayError> {
        let reply = reply_value(name, &self.base_url, response).and_then(read);
        reply.map_err(|Unexpected(problem)| {
            GatewayError::from_reply(name, response, Some(problem), &self.secrets())
        })
    }
}

fn user_agent(text: &str) -> Result<HeaderValue, Violation> {
    let printable = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    let value = HeaderValue::from_str(text).ok().filter(|_| printable);
    value.ok_or_else(|| Violation::new("format", "cannot be sent as a header; use printable ASCII"))
}

/// What a reply says, if it may be what the operation means.
fn reply_value(
    name: OperationName,
    base_url: &Base,
    response: &Response<Vec<u8>>,
) -> Result<Value, Unexpected> {
    let status = response.status();
    if status.is_redirection() {
        // The reference shows no reply of `direct_payment` and calls it a redirect, so a real one is understood too.
        return if name == OperationName::DirectPayment {
            provider_page(base_url, response)
        } else {
            Err(Unexpected(
                "a redirect is not followed: it would carry the API key elsewhere",
            ))
        };
    }
    if !status.is_success() {
        return Err(Unexpected("that is no success"));
    }
    const NOT_JSON: Unexpected = Unexpected("the reply is not JSON");
    let text = str::from_utf8(response.body()).map_err(|_| NOT_JSON)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.is_empty() {
        // "No content" is a whole reply where the reference shows `{}`.
        return if name == OperationName::RejectPayout && status == StatusCode::NO_CONTENT {
            Ok(json!({}))
        } else {
            Err(Unexpected("the reply is empty"))
        };
    }
    let reply = json::lenient(text).map_err(|_| NOT_JSON)?;
    // A page that the user is redirected to, by the merchant's own redirect.
    let url = reply.get("url").and_then(Value::as_str).unwrap_or_default();
    if name.has_page() && !url.is_empty() && !is_page(url, base_url) {
        return Err(Unexpected("its `url` is no https address of a page"));
    }
    Ok(reply)
}

/// The page of a provider that a redirect leads to.
fn provider_page(base_url: &Base, response: &Response<Vec<u8>>) -> Result<Value, Unexpected> {
    if !matches!(response.status(), StatusCode::FOUND | StatusCode::SEE_OTHER) {
        return Err(Unexpected("only 302 or 303 sends a user to a provider's page"));
    }
    let location = response.headers().get(LOCATION);
    let url = location.and_then(|value| value.to_str().ok()).unwrap_or_default();
    match no_page(url, base_url) {
        Some(problem) => Err(Unexpected(problem)),
        None => Ok(json!({ "url": url })),
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("base_url", &self.base_url.as_str())
            .field("cashier_url", &self.cashier_url)
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}
