//! The Worker's entry: it reads the variables and answers what needs no state.

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;
use tower_service::Service;
use worker::{Context, Env, HttpRequest, event};

use crate::config::Config;
use crate::reply::ErrorReply;
use crate::routes;

#[event(fetch)]
async fn fetch(request: HttpRequest, env: Env, _context: Context) -> worker::Result<Response<Body>> {
    let mut router: Router = match Config::of(&env) {
        Ok(config) => routes::entry(config.shop, env),
        Err(problems) => {
            let body =
                json!({ "error": "the simulator's variables are not complete", "variables": problems });
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Ok(ErrorReply { status, body }.into_response());
        }
    };
    Ok(router.call(request).await?)
}
