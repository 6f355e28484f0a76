//! The way from the entry to the object and back. A faulty reply is late, cut or never ending here and not in the object,
//! so that it does not hold the object up; the object says in a header which it shall be.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response as HttpResponse};
use futures_util::{StreamExt, stream};
use worker::{Delay, Env, Error, Response, ResponseBuilder};

use crate::fault::FaultKind;
use crate::reply::ErrorReply;

/// Between two bytes of a body that never ends: often enough that it looks alive.
const DRIP: Duration = Duration::from_millis(250);
/// Before a connection is cut: the first half of the body gets to the other side before the end does.
const CUT: Duration = Duration::from_millis(50);

/// The header from the object to the entry; the entry takes it off.
const HEADER: &str = "x-simulator-transport";

/// Has the entry let a reply leave late, cut or never ending, if the fault is one of those.
pub(crate) fn leave_with(reply: &mut HttpResponse<Body>, kind: FaultKind, delay_ms: Option<u32>) {
    if !matches!(kind, FaultKind::Slow | FaultKind::Hang | FaultKind::Cut) {
        return;
    }
    let value = serde_json::to_string(&(kind, delay_ms)).ok();
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        reply.headers_mut().insert(HEADER, value);
    }
}

/// Forwards a request to the object, and lets the reply leave as its fault wants it.
#[worker::send]
pub(crate) async fn forward(
    State(env): State<Env>,
    request: Request,
) -> Result<HttpResponse<Body>, ErrorReply> {
    let object = env.durable_object("GATEWAY")?.get_by_name("gateway")?;
    let response = object.fetch_with_request(request.try_into()?).await?;
    Ok(leave(response).await?.into())
}

async fn leave(mut response: Response) -> worker::Result<Response> {
    let Some(value) = response.headers().get(HEADER)? else {
        return Ok(response);
    };
    let (kind, delay_ms): (FaultKind, Option<u32>) = serde_json::from_str(&value)?;
    // The headers of a fetched response may not be changed.
    let headers = response.headers().clone();
    headers.delete(HEADER)?;
    headers.delete("content-length")?;
    // Compressed, a few bytes would wait in a buffer and nobody would see them drip.
    headers.set("content-encoding", "identity")?;
    let status = response.status_code();
    let body = response.bytes().await?;
    let builder = ResponseBuilder::new().with_status(status).with_headers(headers);
    match kind {
        FaultKind::Slow => {
            Delay::from(Duration::from_millis(delay_ms.unwrap_or_default().into())).await;
            Ok(builder.fixed(body))
        }
        FaultKind::Hang => {
            let start = stream::once(async { Ok::<_, Error>(b"{".to_vec()) });
            let drip = stream::repeat(()).then(|()| async {
                Delay::from(DRIP).await;
                Ok(b" ".to_vec())
            });
            builder.from_stream(start.chain(drip))
        }
        FaultKind::Cut => {
            let half = body.get(..body.len() / 2).unwrap_or_default().to_vec();
            let start = stream::once(async { Ok::<_, Error>(half) });
            let cut = stream::once(async {
                Delay::from(CUT).await;
                Err(Error::RustError("simulated: the connection is cut".to_owned()))
            });
            builder.from_stream(start.chain(cut))
        }
        FaultKind::Status | FaultKind::Html | FaultKind::Empty => Ok(builder.fixed(body)),
    }
}
