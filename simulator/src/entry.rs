//! The Worker's entry: the variables, what needs no state, and the transport faults of replies.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::json;
use worker::{Context, Delay, Env, Method, Request, Response, ResponseBuilder, event};

use crate::config::Config;
use crate::fault::Transport;
use crate::{cashier, control, http, shop};

/// Between two bytes of a body that never ends: often enough that it looks alive.
const DRIP: Duration = Duration::from_millis(250);

/// A variable's value.
pub(crate) fn variable(env: &Env, name: &str) -> Option<String> {
    env.var(name).ok().map(|value| value.to_string())
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    let config = match Config::read(|name| variable(&env, name)) {
        Ok(config) => config,
        Err(problems) => {
            let error = "the simulator's variables are not complete";
            return http::json(503, &json!({ "error": error, "variables": problems }));
        }
    };
    let path = request.path();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method(), segments.as_slice()) {
        (Method::Get | Method::Head, ["healthz"]) => http::json(
            200,
            &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }),
        ),
        (Method::Get | Method::Head, ["assets", "cashier.css"]) => http::style_sheet(cashier::STYLE),
        (Method::Get | Method::Head, ["assets", "control.css"]) => http::style_sheet(control::STYLE),
        (_, ["shop", rest @ ..]) => shop::serve(&config.shop, rest, request).await,
        _ => {
            let object = env.durable_object("GATEWAY")?.get_by_name("gateway")?;
            let response = object.fetch_with_request(request).await?;
            leave(response).await
        }
    }
}

/// Lets a reply leave as its fault wants it.
async fn leave(response: Response) -> worker::Result<Response> {
    let Some(transport) = response.headers().get(Transport::HEADER)? else {
        return Ok(response);
    };
    // The headers of a fetched response may not be changed.
    let (status, headers) = (response.status_code(), response.headers().clone());
    headers.delete(Transport::HEADER)?;
    headers.delete("content-length")?;
    // Compressed, a few bytes would wait in a buffer and nobody would see them drip.
    headers.set("content-encoding", "identity")?;
    let mut response = response;
    let body = response.bytes().await?;
    let builder = ResponseBuilder::new().with_status(status).with_headers(headers);
    match Transport::from_header(&transport) {
        Some(Transport::Slow(milliseconds)) => {
            Delay::from(Duration::from_millis(milliseconds.into())).await;
            Ok(builder.fixed(body))
        }
        Some(Transport::Hang) => {
            let start = stream::once(async { Ok::<_, worker::Error>(b"{".to_vec()) });
            let drip = stream::repeat(()).then(|()| async {
                Delay::from(DRIP).await;
                Ok(b" ".to_vec())
            });
            builder.from_stream(start.chain(drip))
        }
        Some(Transport::Cut) => {
            let half = body.get(..body.len() / 2).unwrap_or_default().to_vec();
            let cut = async {
                // The first half gets to the other side before the end does.
                Delay::from(Duration::from_millis(50)).await;
                Err(worker::Error::RustError(
                    "simulated: the connection is cut".to_owned(),
                ))
            };
            let start = stream::once(async { Ok::<_, worker::Error>(half) });
            builder.from_stream(start.chain(stream::once(cut)))
        }
        None => Ok(builder.fixed(body)),
    }
}
