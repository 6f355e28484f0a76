//! Time and the network for one call: one deadline over all tries and over reading the answers, the caller's abort signal, and `fetch`. What is sent, what an
//! answer means and whether to send again is decided elsewhere.
//!
//! The platform's `fetch` gets a request that gloo-net builds. It is not sent by gloo-net: its `send` panics when the answer is no `Response` of this realm or
//! the error none of this realm's `Error` (so it is in Jest, and with a `fetch` that another program has replaced), lets what `fetch` throws at once end the
//! process, and keeps of an error only its message, where Node has the reason in its `cause`. For the same reason the answer is read like that
//! of a caller's own `fetch`.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use gloo_net::http::RequestBuilder;
use http::Response;
use js_sys::{Date, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{AbortController, RequestRedirect};

use super::answer::{self, Problem};
use super::host::{define, property};
use super::outgoing::Outgoing;
use super::promise::{Listening, Timer, settled};
use super::secrets::mentions;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn platform_fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// An answer, or why no whole one came.
pub(super) enum Answer {
    Received(Response<Vec<u8>>),
    /// An answer without a status.
    Statusless,
    Stopped(Stop),
    /// What the transport says went wrong.
    Failed(String),
    /// The request cannot be sent: nothing was.
    Unsendable(String),
    /// The answer cannot be read, and neither could the next one.
    Unusable(String),
}

/// Why a call was stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Timeout,
    Aborted,
}

/// One call.
pub(super) struct Transport {
    fetch: Option<Function>,
    /// The API key, and a card's number: an error that mentions one is not passed on.
    secrets: Vec<String>,
    controller: AbortController,
    /// The caller's.
    signal: Option<JsValue>,
    listening: Option<Listening>,
    deadline: f64,
    timer: Timer,
    stopped: Option<Stop>,
    sent: u32,
    cause: Option<JsValue>,
}

impl Transport {
    /// Begins a call: the deadline runs from here. Fails when the host has no timers or the signal throws.
    pub(super) fn new(
        fetch: Option<Function>,
        timeout: Duration,
        signal: Option<JsValue>,
        secrets: Vec<String>,
    ) -> Result<Self, JsValue> {
        let milliseconds = timeout.as_millis() as f64;
        let aborted = signal.as_ref().is_some_and(is_aborted);
        let listening = match &signal {
            Some(signal) if !aborted => Some(Listening::to(signal)?),
            _ => None,
        };
        Ok(Transport {
            fetch,
            secrets,
            controller: AbortController::new()?,
            signal,
            listening,
            deadline: Date::now() + milliseconds,
            timer: Timer::after(milliseconds)?,
            stopped: aborted.then_some(Stop::Aborted),
            sent: 0,
            cause: None,
        })
    }

    /// Returns why the call was stopped, if it was.
    pub(super) fn stopped(&self) -> Option<Stop> {
        let aborted = self.signal.as_ref().is_some_and(is_aborted);
        self.stopped.or(aborted.then_some(Stop::Aborted))
    }

    /// Returns how often the request was sent.
    pub(super) fn sent(&self) -> u32 {
        self.sent
    }

    /// Returns what went wrong last, for the error's `cause`.
    pub(super) fn cause(&self) -> Option<JsValue> {
        match (self.stopped(), &self.signal) {
            (Some(Stop::Aborted), Some(signal)) => Some(property(signal, "reason")),
            _ => self.cause.clone(),
        }
    }

    /// Waits; returns false at once when the deadline would come first, or the call was stopped.
    pub(super) async fn wait(&mut self, time: Duration) -> bool {
        let milliseconds = time.as_millis() as f64;
        if self.stopped.is_some() || Date::now() + milliseconds >= self.deadline {
            // Lets whoever is aborting at this moment do so.
            let _ = settled(&JsValue::UNDEFINED).await;
            return false;
        }
        let Ok(pause) = Timer::after(milliseconds) else {
            return false;
        };
        let stop = pin!(stop(&self.timer, self.listening.as_ref()));
        match select(pause.fired(), stop).await {
            Either::Left(_) => true,
            Either::Right((why, _)) => {
                self.stopped = Some(why);
                false
            }
        }
    }

    /// Sends the request and reads its answer.
    pub(super) async fn send(&mut self, request: &Outgoing) -> Answer {
        if let Some(why) = self.stopped {
            return Answer::Stopped(why);
        }
        let prepared = match Prepared::new(self.fetch.as_ref(), request, &self.controller) {
            Ok(prepared) => prepared,
            Err(Problem::Found(detail)) => {
                self.cause = None;
                return Answer::Unsendable(detail);
            }
            Err(Problem::Thrown(error)) => return Answer::Unsendable(self.keep(error)),
        };
        self.sent += 1;
        let outcome = {
            let exchange = pin!(exchange(prepared));
            let stop = pin!(stop(&self.timer, self.listening.as_ref()));
            // A replaced fetch may pay no attention to the signal; then its answer is left alone.
            match select(stop, exchange).await {
                Either::Left((why, _)) => Err(why),
                Either::Right((outcome, _)) => Ok(outcome),
            }
        };
        match outcome {
            Err(why) => {
                self.stopped = Some(why);
                self.controller.abort();
                Answer::Stopped(why)
            }
            Ok(Ok(answer)) => answer,
            Ok(Err(Problem::Found(detail))) => {
                self.cause = None;
                Answer::Unusable(detail)
            }
            Ok(Err(Problem::Thrown(error))) => Answer::Failed(self.keep(error)),
        }
    }

    /// Keeps what JavaScript code threw as the cause, unless it mentions a secret, and returns its description.
    fn keep(&mut self, error: JsValue) -> String {
        let detail = describe(&error);
        self.cause = Some(error).filter(|error| !mentions(error, &self.secrets));
        detail
    }
}

fn is_aborted(signal: &JsValue) -> bool {
    property(signal, "aborted").is_truthy()
}

async fn stop(timer: &Timer, listening: Option<&Listening>) -> Stop {
    let Some(listening) = listening else {
        let _ = timer.fired().await;
        return Stop::Timeout;
    };
    match select(listening.aborted(), timer.fired()).await {
        Either::Left(_) => Stop::Aborted,
        Either::Right(_) => Stop::Timeout,
    }
}

/// A request with the `fetch` that is to send it. What can be found wrong before it leaves was looked for.
enum Prepared<'f> {
    /// The caller's own, with its two arguments.
    Own(&'f Function, JsValue, JsValue),
    Platform(web_sys::Request),
}

impl<'f> Prepared<'f> {
    fn new(
        fetch: Option<&'f Function>,
        request: &Outgoing,
        controller: &AbortController,
    ) -> Result<Self, Problem> {
        let Some(fetch) = fetch else {
            return platform_request(request, controller).map(Prepared::Platform);
        };
        let init = request.init()?;
        define(&init, "signal", &controller.signal());
        Ok(Prepared::Own(fetch, request.url.as_str().into(), init))
    }

    fn send(&self) -> Result<JsValue, JsValue> {
        match self {
            Prepared::Own(fetch, url, init) => fetch.call2(&JsValue::UNDEFINED, url, init),
            Prepared::Platform(request) => platform_fetch(request),
        }
    }
}

async fn exchange(prepared: Prepared<'_>) -> Result<Answer, Problem> {
    let response = settled(&prepared.send()?).await?;
    if !response.is_object() {
        return Err(Problem::Found("fetch gave no answer".to_owned()));
    }
    Ok(answer::read(&response)
        .await?
        .map_or(Answer::Statusless, Answer::Received))
}

/// Builds the request for the platform's `fetch`. What gloo-net would panic on is checked first.
fn platform_request(request: &Outgoing, controller: &AbortController) -> Result<web_sys::Request, Problem> {
    let global = js_sys::global();
    for name in ["fetch", "Request", "Headers", "URL"] {
        if !property(&global, name).is_function() {
            let message = format!("this runtime has no `{name}`; give a fetch by the option `fetch`");
            return Err(Problem::Found(message));
        }
    }
    web_sys::Url::new(&request.url)?;
    let builder = request.headers.iter().fold(
        RequestBuilder::new(&request.url)
            .method(request.method.clone())
            // A redirect would carry the API key to wherever it points: fetch takes only `authorization` off.
            .redirect(RequestRedirect::Manual)
            .abort_signal(Some(&controller.signal())),
        |builder, (name, value)| builder.header(name, value),
    );
    // Without a body it is `null`: a missing one would be looked for in `Object.prototype`.
    let body = request.body.as_deref().map_or(JsValue::NULL, JsValue::from);
    match builder.body(body) {
        Ok(built) => Ok(built.into()),
        Err(error) => Err(Problem::Found(error.to_string())),
    }
}

/// Describes an error with the reason below it: Node's own message is only `fetch failed`.
fn describe(error: &JsValue) -> String {
    if let Some(text) = error.as_string() {
        return text;
    }
    let Some(message) = message_of(error) else {
        return "fetch threw what is no error".to_owned();
    };
    let cause = property(error, "cause");
    let code = property(&cause, "code").as_string();
    match code
        .or_else(|| message_of(&cause))
        .filter(|deeper| !deeper.is_empty())
    {
        Some(deeper) => format!("{message} ({deeper})"),
        None => message,
    }
}

fn message_of(error: &JsValue) -> Option<String> {
    property(error, "message").as_string()
}
