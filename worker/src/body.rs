//! Reading bodies that strangers send: never more than a cap, whatever they announce.

use futures_util::StreamExt;
use worker::{ByteStream, Headers, Request};

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is longer than the cap. Nothing beyond the cap was kept.
    TooLarge,
    /// The connection failed while it was read.
    Broken(worker::Error),
}

/// Reads a request's body of at most `cap` bytes.
pub(crate) async fn read_request(request: &mut Request, cap: usize) -> Result<Vec<u8>, BodyError> {
    match announced_length(request.headers()) {
        Some(length) if length > cap as u64 => Err(BodyError::TooLarge),
        // HTTP itself ends a body at its Content-Length, so this one fits, and one read is cheaper than a stream.
        Some(_) => {
            let body = request.bytes().await.map_err(BodyError::Broken)?;
            if body.len() > cap {
                Err(BodyError::TooLarge)
            } else {
                Ok(body)
            }
        }
        None if request.inner().body().is_none() => Ok(Vec::new()),
        None => read(request.stream().map_err(BodyError::Broken)?, cap).await,
    }
}

fn announced_length(headers: &Headers) -> Option<u64> {
    headers.get("content-length").ok().flatten()?.trim().parse().ok()
}

/// Reads a stream of at most `cap` bytes.
pub(crate) async fn read(mut stream: ByteStream, cap: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(BodyError::Broken)?;
        if body.len() + chunk.len() > cap {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
