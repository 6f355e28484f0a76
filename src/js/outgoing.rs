//! Converts a request of the core into what JavaScript sends.

use http::{Method, Request};
use serde_json::{Map, Value, json};
use wasm_bindgen::JsValue;

/// A request in plain text, for `fetch` and for `Gateway.request`.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: String,
    /// By names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Outgoing {
    /// Converts a request; `None` if a header or the body is not text, which the core never makes.
    pub(super) fn new(request: Request<Vec<u8>>) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        Some(Outgoing {
            method: parts.method,
            url: parts.uri.to_string(),
            headers: headers.collect::<Option<_>>()?,
            body: Some(String::from_utf8(body).ok()?).filter(|body| !body.is_empty()),
        })
    }

    /// Makes what `Gateway.request` returns: `{ method, url, headers, body }`.
    pub(super) fn built(&self) -> Result<JsValue, JsValue> {
        let mut object = Map::new();
        object.insert("method".to_owned(), self.method.as_str().into());
        object.insert("url".to_owned(), self.url.as_str().into());
        self.rest(object)
    }

    /// Makes the second argument of `fetch`, apart from the signal.
    pub(super) fn init(&self) -> Result<JsValue, JsValue> {
        let mut object = Map::new();
        object.insert("method".to_owned(), self.method.as_str().into());
        // A redirect would carry the API key to wherever it points: fetch takes only `authorization` off.
        object.insert("redirect".to_owned(), "manual".into());
        self.rest(object)
    }

    fn rest(&self, mut object: Map<String, Value>) -> Result<JsValue, JsValue> {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)));
        object.insert("headers".to_owned(), Value::Object(headers.collect()));
        object.insert("body".to_owned(), json!(self.body));
        js_sys::JSON::parse(&Value::Object(object).to_string())
    }
}
