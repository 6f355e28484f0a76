//! The operations of the gateway for JavaScript. Each method reads its arguments, calls the core and writes the result.

use std::rc::Rc;

use http::Request;
use js_sys::Set;
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use super::data::{self, Data};
use super::error::{Refused, Throw, failed};
use super::options::{self, Options};
use super::outgoing::Outgoing;
use super::transport::{Answer, Stop, Transport};
use super::{range, reply};
use crate::gateway::error::{ErrorClass, GatewayError};
use crate::gateway::retry::{Retry, decide};
use crate::operation::name::OperationName;
use crate::operation::{REQUEST, Windows, is_body};
use crate::read::json::{Wiped, parse};
use crate::read::violation::{ValidationError, Violation};

/// What is behind the package's class `Gateway`.
#[wasm_bindgen]
pub struct Gateway(Rc<Options>);

#[wasm_bindgen]
impl Gateway {
    /// Checks the options. `runtime` is named in the user agent.
    /// Throws `validation`, with everything that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, runtime: Option<String>) -> Result<Gateway, JsValue> {
        let options = options::read(options, runtime.as_deref()).map_err(Refused::throw)?;
        Ok(Self(Rc::new(options)))
    }

    /// Returns a copy of the options as they were read, from which an equal gateway can be made.
    #[must_use]
    pub fn options(&self) -> JsValue {
        self.0.copy.clone()
    }

    /// Builds the HTTP request of an operation: `{ method, url, headers, body }`.
    /// Throws `validation`.
    pub fn request(&self, operation: &JsValue, request: &JsValue) -> Result<JsValue, JsValue> {
        let operation = operation_of(operation).map_err(Violation::throw)?;
        let (outgoing, _) = build(&self.0, operation, request, Vec::new()).map_err(Refused::throw)?;
        outgoing.built()
    }

    /// Builds the HTTP request of an operation out of the text of a JSON document, whose numbers keep all their digits.
    /// Throws `validation`.
    #[wasm_bindgen(js_name = requestOfText)]
    pub fn request_of_text(&self, operation: &JsValue, json: &str) -> Result<JsValue, JsValue> {
        let operation = operation_of(operation).map_err(Violation::throw)?;
        let value = Wiped(parse(json).map_err(Throw::throw)?);
        let request = checked(&self.0, operation, &value.0).map_err(Throw::throw)?;
        outgoing_of(request).map_err(Refused::throw)?.built()
    }

    /// Reads and checks the arguments of a call at once, and returns the function that sends it: `() => Promise`. With `seen`, the transactions in it are left out of
    /// the reply, and those of the reply are added to it.
    /// Throws `validation`.
    pub fn prepare(
        &self,
        operation: &JsValue,
        request: &JsValue,
        call_options: &JsValue,
        seen: Option<Set>,
    ) -> Result<JsValue, JsValue> {
        let options = Rc::clone(&self.0);
        let operation = operation_of(operation).map_err(Violation::throw)?;
        let (signal, wrong) = match options::signal(call_options) {
            Ok(signal) => (signal, None),
            Err(refused) => (None, Some(refused)),
        };
        let mut refused = wrong.unwrap_or_default();
        let built = build(&options, operation, request, refused.violations);
        let (outgoing, data) = built.map_err(|mut wrong| {
            wrong.cause = wrong.cause.or(refused.cause.take());
            wrong.throw()
        })?;
        let mut secrets = card_in(&data.0);
        secrets.push(options.api_key.clone());
        let call = Call {
            operation,
            id: id_in(&data.0).to_owned(),
            outgoing,
            transport: Transport::new(options.fetch.clone(), options.timeout, signal, secrets)?,
            options,
            seen,
        };
        Ok(Closure::once_into_js(move || future_to_promise(call.run())))
    }
}

/// Lists the names of the operations.
#[wasm_bindgen]
#[must_use]
pub fn operations() -> Vec<String> {
    OperationName::ALL.map(|name| name.as_str().to_owned()).into()
}

/// Splits the range of `transactions()` into requests: `{ windows, signal }`.
#[wasm_bindgen(js_name = splitRange)]
pub fn split_range(range: &JsValue) -> Result<JsValue, JsValue> {
    range::read(range).map_err(Refused::throw)
}

/// Builds the request of an operation, and returns it with the data it was made of. `found` is what is wrong with the other arguments.
fn build(
    options: &Options,
    operation: OperationName,
    request: &JsValue,
    mut found: Vec<Violation>,
) -> Result<(Outgoing, Wiped), Refused> {
    let mut data = data::read(request, "");
    if data.value.is_none() && data.is_exact() {
        let message = format!("is missing; give an object with the fields of {operation}");
        found.insert(0, Violation::new("required", message).at(REQUEST));
        return Err(Refused {
            violations: found,
            cause: None,
        });
    }
    let root = root_of(operation, &data);
    let value = Wiped(data.value.take().unwrap_or_default());
    match checked(options, operation, &value.0) {
        Ok(request) if found.is_empty() && data.is_exact() => Ok((outgoing_of(request)?, value)),
        checked => {
            let violations = checked.err().map(ValidationError::into_violations);
            found.splice(0..0, violations.unwrap_or_default());
            Err(data.refuse(root, found))
        }
    }
}

fn checked(
    options: &Options,
    operation: OperationName,
    value: &Value,
) -> Result<Request<Vec<u8>>, ValidationError> {
    match range::today() {
        Some(today) => options.gateway.request_on(today, operation, value),
        None => options.gateway.request_for(operation, value),
    }
}

/// One call, ready to be sent.
struct Call {
    options: Rc<Options>,
    operation: OperationName,
    /// The id of the payment that it is about.
    id: String,
    outgoing: Outgoing,
    transport: Transport,
    /// The ids of the transactions that the caller has already.
    seen: Option<Set>,
}

impl Call {
    /// Sends the request, again where that is harmless, and returns the reply.
    async fn run(mut self) -> Result<JsValue, JsValue> {
        let operation = self.operation;
        loop {
            let answer = self.transport.send(&self.outgoing).await;
            let error = match self.understand(answer) {
                Ok(reply) => return reply::write(self.without_seen(reply)),
                Err(error) => error,
            };
            let sent = self.transport.sent();
            if error.class() != ErrorClass::Aborted
                && let Retry::After(wait) = decide(
                    operation,
                    sent,
                    &error,
                    &self.options.retries,
                    js_sys::Math::random(),
                )
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
            Answer::Received(response) => self.options.gateway.typed_reply_for(operation, response),
            Answer::Statusless => Err(GatewayError::without_status(operation)),
            Answer::Stopped(Stop::Timeout) => Err(GatewayError::timeout(operation, self.options.timeout)),
            Answer::Stopped(Stop::Aborted) => {
                Err(GatewayError::aborted(operation, None, self.transport.sent() > 0))
            }
            Answer::Unsendable(detail) => Err(self.options.gateway.unsendable(operation, &detail)),
            Answer::Unusable(detail) => Err(self.options.gateway.unusable_answer(operation, &detail)),
            Answer::Failed(detail) => Err(self.options.gateway.transport_error(operation, &detail)),
        }
    }

    fn without_seen(&self, mut reply: Value) -> Value {
        if let (Some(seen), Value::Array(rows)) = (&self.seen, &mut reply) {
            Windows::keep_new(rows, |id| {
                let size = seen.size();
                seen.add(&id.into()).size() > size
            });
        }
        reply
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

/// Returns the first part of the paths of violations: a payment may be given as the gateway's whole body or as the object in it alone.
fn root_of(operation: OperationName, data: &Data) -> &'static str {
    if operation.has_request_object() && !data.value.as_ref().is_some_and(is_body) {
        REQUEST
    } else {
        ""
    }
}

/// Finds the id in a request: of the payment that it opens, or of the one that it is about.
fn id_in(request: &Value) -> &str {
    let fields = request.get(REQUEST).unwrap_or(request);
    let ids = ["tracking_id", "transaction_id", "id"];
    let id = ids.into_iter().find_map(|name| fields.get(name)?.as_str());
    id.or_else(|| request.as_str()).unwrap_or_default()
}

/// Finds a card's number, as it was given and as it is sent.
fn card_in(request: &Value) -> Vec<String> {
    let number = request
        .get("card_details")
        .and_then(|card| card.get("card_number"))
        .and_then(Value::as_str);
    let plain = |number: &str| number.chars().filter(char::is_ascii_digit).collect();
    number.map_or_else(Vec::new, |number| vec![number.to_owned(), plain(number)])
}
