//! Reading bodies that strangers send: never more than a cap, whatever they announce.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use web_sys::{ReadableStream, ReadableStreamDefaultReader, Request};

use crate::host::{Failure, header, next_chunk, settled};

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is longer than the cap. Nothing beyond the cap was kept.
    TooLarge,
    /// The connection failed while it was read.
    Broken(Failure),
}

impl From<Failure> for BodyError {
    fn from(failure: Failure) -> Self {
        Self::Broken(failure)
    }
}

/// Reads a request's body of at most `cap` bytes.
pub(crate) async fn read_request(request: &Request, cap: usize) -> Result<Vec<u8>, BodyError> {
    match announced_length(request) {
        Some(length) if length > cap as u64 => Err(BodyError::TooLarge),
        // HTTP itself ends a body at its Content-Length, so this one fits, and one read is cheaper than a stream.
        Some(_) => {
            let buffer = settled(request.array_buffer().map_err(Failure::from)?).await?;
            let body = Uint8Array::new(&buffer);
            if body.length() as usize > cap {
                Err(BodyError::TooLarge)
            } else {
                Ok(body.to_vec())
            }
        }
        None => match request.body() {
            None => Ok(Vec::new()),
            Some(stream) => read(&stream, cap).await,
        },
    }
}

fn announced_length(request: &Request) -> Option<u64> {
    header(request, "content-length")?.trim().parse().ok()
}

/// Reads a stream of at most `cap` bytes.
pub(crate) async fn read(stream: &ReadableStream, cap: usize) -> Result<Vec<u8>, BodyError> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    while let Some(chunk) = next_chunk(&reader).await? {
        if body.len() + chunk.length() as usize > cap {
            return Err(BodyError::TooLarge);
        }
        body.extend(chunk.to_vec());
    }
    Ok(body)
}
