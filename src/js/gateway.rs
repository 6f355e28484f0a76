//! The class behind the package's `Gateway`. Each method reads its arguments, calls the core and writes the result.

use std::time::Duration;

use http::{Request, Response};
use js_sys::Promise;
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use super::data::{self, Data};
use super::error::{Refused, Throw, failed};
use super::options::{self, Options};
use super::outgoing::Outgoing;
use super::transport::{Answer, Stop, Transport};
use super::{range, reply};
use crate::gateway::error::{ErrorClass, GatewayError};
use crate::gateway::retry::{Retry, RetryPolicy, decide};
use crate::operation::name::OperationName;
use crate::read::violation::{ValidationError, Violation};

const REQUEST: &str = "request";

/// The gateway's operations for JavaScript. Options, requests and replies are those of the package's class `Gateway`.
#[wasm_bindgen]
pub struct Gateway(Options);

#[wasm_bindgen]
impl Gateway {
    /// Checks the options. `runtime` is named in the user agent.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, runtime: Option<String>) -> Result<Gateway, JsValue> {
        let options = options::read(options, runtime.as_deref()).map_err(Refused::throw)?;
        Ok(Gateway(options))
    }

    /// The options that were read, for making the same `Gateway` in another instance of the module.
    #[wasm_bindgen(getter)]
    pub fn options(&self) -> JsValue {
        self.0.copy.clone()
    }

    /// The HTTP request of an operation: `{ method, url, headers, body }`.
    pub fn request(&self, operation: &JsValue, request: &JsValue) -> Result<JsValue, JsValue> {
        let operation = operation_of(operation).map_err(Throw::throw)?;
        let (outgoing, _) = self
            .build(operation, request, Vec::new())
            .map_err(Refused::throw)?;
        outgoing.built()
    }

    /// Reads and checks the arguments of a call at once; [`Call::send`] sends it.
    pub fn call(&self, operation: &JsValue, request: &JsValue, options: &JsValue) -> Result<Call, JsValue> {
        let operation = operation_of(operation).map_err(Throw::throw)?;
        let signal = options::signal(options);
        let (signal, wrong_options) = match signal {
            Ok(signal) => (signal, Vec::new()),
            Err(refused) => (None, refused.violations),
        };
        let (outgoing, data) = self
            .build(operation, request, wrong_options)
            .map_err(Refused::throw)?;
        let mut secrets = card_in(&data);
        secrets.push(self.0.api_key.clone());
        let Options {
            gateway,
            timeout,
            retries,
            fetch,
            ..
        } = &self.0;
        Ok(Call {
            gateway: gateway.clone(),
            operation,
            id: id_in(&data).to_owned(),
            outgoing,
            timeout: *timeout,
            retries: *retries,
            transport: Transport::new(fetch.clone(), *timeout, signal, secrets)?,
        })
    }

    /// Splits the range of `transactions()` into requests.
    pub fn windows(&self, range: &JsValue) -> Result<JsValue, JsValue> {
        range::read(range).map_err(Refused::throw)
    }

    fn build(
        &self,
        operation: OperationName,
        request: &JsValue,
        mut found: Vec<Violation>,
    ) -> Result<(Outgoing, Value), Refused> {
        let mut data = data::read(request, "");
        if data.value.is_none() && data.violations.is_empty() {
            data.violations.push(Violation::new("required", "is missing"));
        }
        let root = root_of(operation, &data);
        let value = data.value.take().unwrap_or_default();
        match self.0.gateway.request_for(operation, &value) {
            Ok(request) if found.is_empty() && data.violations.is_empty() => {
                Ok((outgoing_of(request)?, value))
            }
            checked => {
                let violations = checked.err().map(ValidationError::into_violations);
                found.splice(0..0, violations.unwrap_or_default());
                Err(data.refuse(root, found))
            }
        }
    }
}

/// One call, ready to be sent.
#[wasm_bindgen]
pub struct Call {
    gateway: crate::Gateway,
    operation: OperationName,
    /// The id of the payment that it is about.
    id: String,
    outgoing: Outgoing,
    timeout: Duration,
    retries: RetryPolicy,
    transport: Transport,
}

#[wasm_bindgen]
impl Call {
    /// Sends it, again where that is harmless, and gives the reply.
    pub fn send(self) -> Promise {
        future_to_promise(self.run())
    }

    async fn run(mut self) -> Result<JsValue, JsValue> {
        let operation = self.operation;
        loop {
            let answer = self.transport.send(&self.outgoing).await;
            let error = match self.understand(answer) {
                Ok(reply) => return reply::write(operation, reply),
                Err(error) => error,
            };
            let sent = self.transport.sent();
            if error.class() != ErrorClass::Aborted
                && let Retry::After(wait) =
                    decide(operation, sent, &error, &self.retries, js_sys::Math::random())
                && self.transport.wait(wait).await
            {
                continue;
            }
            return Err(self.fail(error));
        }
    }

    fn understand(&self, answer: Answer) -> Result<Value, GatewayError> {
        let operation = self.operation;
        match answer {
            Answer::Received(response) => self.reply(response),
            Answer::Statusless => Err(GatewayError::without_status(operation)),
            Answer::Stopped(Stop::Timeout) => Err(GatewayError::timeout(operation, self.timeout)),
            Answer::Stopped(Stop::Aborted) => {
                Err(GatewayError::aborted(operation, None, self.transport.sent() > 0))
            }
            Answer::Failed(detail) => Err(self.gateway.transport_error(operation, &detail)),
        }
    }

    fn reply(&self, response: Response<Vec<u8>>) -> Result<Value, GatewayError> {
        let mut reply = self.gateway.reply_for(self.operation, response)?;
        let hosted = matches!(
            self.operation,
            OperationName::HostedDeposit | OperationName::HostedWithdrawal
        );
        if hosted
            && let Some(token) = reply.get("token").and_then(Value::as_str)
            && let Some(url) = self.gateway.cashier_url(token)
            && let Some(fields) = reply.as_object_mut()
        {
            fields.insert("cashier_url".to_owned(), url.into());
        }
        Ok(reply)
    }

    fn fail(&self, error: GatewayError) -> JsValue {
        let sent = self.transport.sent();
        let error = if self.transport.stopped() == Some(Stop::Aborted) {
            GatewayError::aborted(self.operation, Some(error), sent > 0)
        } else {
            error
        };
        let time = String::from(js_sys::Date::new_0().to_iso_string());
        let error = error
            .about(&self.id, self.outgoing.method.as_str(), &self.outgoing.url)
            .after_attempts(sent, &time);
        failed(&error, sent, self.transport.cause().as_ref())
    }
}

fn operation_of(name: &JsValue) -> Result<OperationName, Violation> {
    let operation = match name.as_string() {
        Some(name) => name.parse(),
        None => {
            let message = "must be the name of an operation, for example \"hosted_deposit\"";
            Err(Violation::new("type", message))
        }
    };
    operation.map_err(|violation| violation.at("operation"))
}

fn outgoing_of(request: Request<Vec<u8>>) -> Result<Outgoing, Refused> {
    let outgoing = Outgoing::new(request);
    outgoing.ok_or_else(|| Violation::new("format", "the request cannot be written as text").into())
}

/// What the whole is called in the paths of violations: a payment may be given as the gateway's whole body or as the object in it alone.
fn root_of(operation: OperationName, data: &Data) -> &'static str {
    let wrapped = matches!(
        operation,
        OperationName::HostedDeposit | OperationName::HostedWithdrawal | OperationName::DirectPayment
    );
    if wrapped && !data.names.iter().any(|name| name == REQUEST) {
        REQUEST
    } else {
        ""
    }
}

/// The id in a request: of the payment that it opens, or of the one that it is about.
fn id_in(request: &Value) -> &str {
    let fields = request.get(REQUEST).unwrap_or(request);
    let ids = ["tracking_id", "transaction_id", "id"];
    let id = ids.into_iter().find_map(|name| fields.get(name)?.as_str());
    id.or_else(|| request.as_str()).unwrap_or_default()
}

/// A card's number, as it was given and as it is sent.
fn card_in(request: &Value) -> Vec<String> {
    let number = request
        .get("card_details")
        .and_then(|card| card.get("card_number"))
        .and_then(Value::as_str);
    let plain = |number: &str| number.chars().filter(char::is_ascii_digit).collect();
    number.map_or_else(Vec::new, |number| vec![number.to_owned(), plain(number)])
}
