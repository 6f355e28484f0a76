//! Reads what `fetch` answered by what it has: `status`, `headers.get`, and a stream, `arrayBuffer()` or `text()`.

use http::{HeaderValue, Response, StatusCode};
use js_sys::{ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

use super::host::{property, tag};
use super::promise::settled;
use crate::gateway::reply_headers::reply_headers;

#[wasm_bindgen]
extern "C" {
    /// The reader of a stream, and whatever else has methods without arguments.
    type Host;

    #[wasm_bindgen(catch, method, js_name = arrayBuffer)]
    fn array_buffer(this: &Host) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, method)]
    fn text(this: &Host) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, method, js_name = getReader)]
    fn get_reader(this: &Host) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, method)]
    fn read(this: &Host) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, method)]
    fn cancel(this: &Host) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, method)]
    fn get(this: &Host, name: &str) -> Result<JsValue, JsValue>;
}

/// A week of transactions is some megabytes; an answer that never ends must end here.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// Why an exchange gave no answer.
pub(super) enum Problem {
    /// JavaScript code threw it.
    Thrown(JsValue),
    Found(String),
}

impl From<JsValue> for Problem {
    fn from(thrown: JsValue) -> Self {
        Problem::Thrown(thrown)
    }
}

/// Reads a whole answer; `None` for one without a status.
pub(super) async fn read(response: &JsValue) -> Result<Option<Response<Vec<u8>>>, Problem> {
    let body = body_of(response).await?;
    let status = property(response, "status")
        .as_f64()
        .filter(|status| status.fract() == 0.0 && (100.0..1000.0).contains(status))
        .and_then(|status| StatusCode::from_u16(status as u16).ok());
    let Some(status) = status else {
        return Ok(None);
    };
    let mut received = Response::new(body);
    *received.status_mut() = status;
    let headers = property(response, "headers");
    for name in reply_headers() {
        let value = headers
            .unchecked_ref::<Host>()
            .get(name.as_str())
            .ok()
            .and_then(|value| value.as_string());
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            received.headers_mut().insert(name, value);
        }
    }
    Ok(Some(received))
}

/// Reads the bytes of an answer by whichever of the three ways it has.
async fn body_of(response: &JsValue) -> Result<Vec<u8>, Problem> {
    let stream = property(response, "body");
    if stream.is_object() && property(&stream, "getReader").is_function() {
        return body_of_stream(stream.unchecked_ref()).await;
    }
    let host: &Host = response.unchecked_ref();
    let promise = if property(response, "arrayBuffer").is_function() {
        host.array_buffer()?
    } else if property(response, "text").is_function() {
        host.text()?
    } else {
        return Err(Problem::Found(
            "fetch gave an answer that has neither arrayBuffer() nor text()".to_owned(),
        ));
    };
    let mut body = Vec::new();
    append(&mut body, &settled(&promise).await?)?;
    Ok(body)
}

async fn body_of_stream(stream: &Host) -> Result<Vec<u8>, Problem> {
    let reader = stream.get_reader()?;
    let reader: &Host = reader.unchecked_ref();
    let mut body = Vec::new();
    loop {
        let chunk = settled(&reader.read()?).await?;
        if property(&chunk, "done").is_truthy() {
            return Ok(body);
        }
        if let Err(problem) = append(&mut body, &property(&chunk, "value")) {
            // Cancelling may itself never end, and may fail.
            if let Ok(cancelled) = reader.cancel() {
                drop(settled(&cancelled));
            }
            return Err(problem);
        }
    }
}

/// Appends a part of an answer: binary data of any kind and realm, or text.
fn append(body: &mut Vec<u8>, part: &JsValue) -> Result<(), Problem> {
    let bytes = if ArrayBuffer::is_view(part) {
        let number = |name| property(part, name).as_f64().unwrap_or_default();
        let (offset, length) = (number("byteOffset"), number("byteLength"));
        check_length(body, length)?;
        Uint8Array::new_with_byte_offset_and_length(&property(part, "buffer"), offset as u32, length as u32)
    } else if tag(part).is_ok_and(|tag| tag == "[object ArrayBuffer]") {
        check_length(body, property(part, "byteLength").as_f64().unwrap_or_default())?;
        Uint8Array::new(part)
    } else if part.is_string() {
        let text: &JsString = part.unchecked_ref();
        check_length(body, f64::from(text.length()))?;
        body.extend(String::from(text).into_bytes());
        return Ok(());
    } else {
        return Err(Problem::Found(
            "fetch gave an answer without bytes or text".to_owned(),
        ));
    };
    body.extend(bytes.to_vec());
    Ok(())
}

fn check_length(body: &[u8], more: f64) -> Result<(), Problem> {
    if body.len() as f64 + more > MAX_ANSWER as f64 {
        return Err(Problem::Found(format!(
            "the answer is longer than {MAX_ANSWER} bytes"
        )));
    }
    Ok(())
}
