//! Talking to a Durable Object: a command goes in and a reply comes back, both as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Env, Error, Method, Request, RequestInit, Response, ResponseBuilder, Result};

use crate::platform;

/// Sends `command` to the object `name` of a binding and reads its reply.
pub(crate) async fn ask<T: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    command: &impl Serialize,
) -> Result<T> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(serde_json::to_string(command)?.into()));
    let request = Request::new_with_init("https://object.internal/", &init)?;
    let object = env.durable_object(binding)?.get_by_name(name)?;
    let response = object.fetch_with_request(request).await?;
    if response.status_code() != 200 {
        return Err(Error::RustError(format!(
            "the object answered {}",
            response.status_code()
        )));
    }
    Ok(serde_json::from_str(&platform::text(response).await?)?)
}

/// Reads the command. As text: what the platform parses has lost the digits of an amount.
pub(crate) async fn command<T: DeserializeOwned>(mut request: Request) -> Result<T> {
    Ok(serde_json::from_str(&request.text().await?)?)
}

/// Writes the reply.
pub(crate) fn reply(reply: &impl Serialize) -> Result<Response> {
    Ok(ResponseBuilder::new().fixed(serde_json::to_vec(reply)?))
}
