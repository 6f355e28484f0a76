//! Talking to a Durable Object: a command goes in and a reply comes back, both as JSON.

use js_sys::futures::JsFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use worker::worker_sys::DurableObject;
use worker::{Env, Error, Request, Response, ResponseBuilder, Result, web_sys};

use crate::platform;

/// Sends `command` to the object `name` of a binding and reads its reply.
pub(crate) async fn call<T: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    command: &impl Serialize,
) -> Result<T> {
    let response = send(env, binding, name, command).await?;
    Ok(serde_json::from_str(&platform::text(&response).await?)?)
}

/// Sends `command` to the object `name` of a binding; that it was done is all of the reply, so there is no body to read.
pub(crate) async fn call_without_reply(
    env: &Env,
    binding: &str,
    name: &str,
    command: &impl Serialize,
) -> Result<()> {
    send(env, binding, name, command).await.map(drop)
}

/// Sends it by the platform's own types: `worker`'s read and set every property that there is.
async fn send(env: &Env, binding: &str, name: &str, command: &impl Serialize) -> Result<web_sys::Response> {
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&serde_json::to_string(command)?.into());
    let request = web_sys::Request::new_with_str_and_init("https://object.internal/", &init)?;
    let object: DurableObject = env.durable_object(binding)?.get_by_name(name)?.into_rpc();
    let response = JsFuture::from(object.fetch_with_request(&request)?).await?;
    let response: web_sys::Response = response.dyn_into()?;
    if response.status() != 200 {
        let cause = format!("the object answered {}", response.status());
        return Err(Error::RustError(cause));
    }
    Ok(response)
}

/// Reads the command. As text: what the platform parses has lost the digits of an amount.
pub(crate) async fn command<T: DeserializeOwned>(mut request: Request) -> Result<T> {
    // Another version of the Worker may have sent it. What serde says would repeat values, perhaps a card's, and the error goes to the log.
    serde_json::from_str(&request.text().await?).map_err(|_| Error::from("the command is unreadable"))
}

/// Writes the reply.
pub(crate) fn reply(reply: &impl Serialize) -> Result<Response> {
    Ok(ResponseBuilder::new().fixed(serde_json::to_vec(reply)?))
}

/// Answers that the command was done.
pub(crate) fn done() -> Result<Response> {
    Response::empty()
}
