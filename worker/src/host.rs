//! What this Worker uses of its JavaScript host, bound directly.
//!
//! The crate `worker` has a Rust type for each of these. Its types can say all that the platform can (image options, caching rules, typed rows), and the code for all
//! of it would be in the upload: bound directly, they are a fifth of it.

use std::fmt;

use js_sys::futures::JsFuture;
use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStreamDefaultReader, Request, RequestInit, Response};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    /// `DurableObjectNamespace`
    #[derive(Debug)]
    pub(crate) type Namespace;
    #[wasm_bindgen(method, catch, js_name = getByName)]
    fn get_by_name(this: &Namespace, name: &str) -> Result<Stub, JsValue>;

    /// `DurableObjectStub`
    #[derive(Debug)]
    pub(crate) type Stub;
    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Stub, url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    /// `RateLimit`
    #[derive(Debug)]
    pub(crate) type RateLimiter;
    #[wasm_bindgen(method, catch)]
    fn limit(this: &RateLimiter, options: &JsValue) -> Result<Promise, JsValue>;

    /// `DurableObjectStorage`
    #[derive(Debug, Clone)]
    pub(crate) type Storage;
    #[wasm_bindgen(method, getter)]
    fn sql(this: &Storage) -> Sql;
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(this: &Storage, callback: &JsValue) -> Result<JsValue, JsValue>;

    /// `SqlStorage`
    #[derive(Debug)]
    pub(crate) type Sql;
    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &Sql, query: &str, bindings: &Array) -> Result<Cursor, JsValue>;

    /// `SqlStorageCursor`
    #[derive(Debug)]
    pub(crate) type Cursor;
    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &Cursor) -> Result<Array, JsValue>;
}

/// Something that the host refused, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<JsValue> for Failure {
    #[inline(never)]
    fn from(thrown: JsValue) -> Self {
        let words = match thrown.dyn_ref::<js_sys::Error>() {
            Some(error) => Some(String::from(error.to_string())),
            None => thrown.as_string(),
        };
        Self(words.unwrap_or_else(|| String::from("something that is no error was thrown")))
    }
}

impl From<Failure> for worker::Error {
    fn from(failure: Failure) -> Self {
        Self::RustError(failure.0)
    }
}

/// A property of a JavaScript object; `undefined` if there is none.
#[inline(never)]
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A binding of `wrangler.jsonc`. One that is missing fails when it is used.
pub(crate) fn binding<T: JsCast>(env: &JsValue, name: &str) -> Option<T> {
    let binding = property(env, name);
    (!binding.is_undefined()).then(|| binding.unchecked_into())
}

pub(crate) fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

/// Waits for a promise.
pub(crate) async fn settled(promise: Promise) -> Result<JsValue, Failure> {
    JsFuture::from(promise).await.map_err(Failure::from)
}

/// `fetch` of the host.
pub(crate) async fn fetch(url: &str, init: &RequestInit) -> Result<Response, Failure> {
    let response = settled(global_fetch(url, init)?).await?;
    Ok(response.unchecked_into())
}

/// Posts a text to a Durable Object and gives the text of its answer, which must be a 200.
pub(crate) async fn tell(namespace: Option<Namespace>, name: &str, text: &str) -> Result<String, Failure> {
    let namespace = namespace.ok_or_else(|| Failure::new("the binding of the object is missing"))?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(text));
    let promise = namespace
        .get_by_name(name)?
        .fetch("https://object.internal/", &init)?;
    let response: Response = settled(promise).await?.unchecked_into();
    if response.status() != 200 {
        return Err(Failure(format!("the object answered {}", response.status())));
    }
    let answer = settled(response.text()?).await?;
    answer
        .as_string()
        .ok_or_else(|| Failure::new("the object's answer is no text"))
}

/// Whether the rate limiter lets `key` pass.
pub(crate) async fn passes(limiter: &RateLimiter, key: &str) -> Result<bool, Failure> {
    let options = js_sys::Object::new();
    Reflect::set(&options, &JsValue::from_str("key"), &JsValue::from_str(key))?;
    let outcome = settled(limiter.limit(&options)?).await?;
    Ok(property(&outcome, "success").is_truthy())
}

/// One chunk of a body after the other; `None` at its end.
pub(crate) async fn next_chunk(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, Failure> {
    let read = settled(reader.read()).await?;
    if property(&read, "done").is_truthy() {
        return Ok(None);
    }
    Ok(Some(property(&read, "value").unchecked_into()))
}

/// Runs a statement and gives its rows, each a JavaScript object of its columns.
#[inline(never)]
pub(crate) fn query(storage: &Storage, sql: &str, bindings: &Array) -> Result<Array, Failure> {
    Ok(storage.sql().exec(sql, bindings)?.to_array()?)
}

/// [`transactionSync`](https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#transactionsync)
pub(crate) fn transaction(storage: &Storage, callback: &JsValue) -> Result<(), Failure> {
    storage.transaction_sync(callback)?;
    Ok(())
}
