//! Lists of exceptions, page by page.

use std::num::NonZeroU32;

use axum::Json;
use serde::Serialize;
use worker::Env;

use crate::index::{Index, Kind, Row};
use crate::log;
use crate::problem::{Code, Problem};

/// How many entries a page has unless the query says otherwise.
const DEFAULT_LIMIT: u32 = 50;

/// More than this means this.
const MAX_LIMIT: u32 = 200;

/// A part of a list.
#[derive(Serialize)]
pub(super) struct Page<T> {
    items: Vec<T>,
    /// The query's `cursor` for what comes next; `null` at the end.
    next_cursor: Option<i64>,
}

/// Lists the open exceptions of some kinds, behind the row of the cursor.
pub(super) async fn page<T: From<Row>>(
    env: &Env,
    request_id: &str,
    kinds: &[Kind],
    cursor: Option<i64>,
    limit: Option<NonZeroU32>,
) -> Result<Json<Page<T>>, Problem> {
    let index = index(env, request_id).await?;
    let limit = limit.map_or(DEFAULT_LIMIT, |limit| limit.get().min(MAX_LIMIT));
    // One more than asked for says whether there is a next page.
    let rows = index
        .unresolved(kinds, cursor.unwrap_or_default(), limit + 1)
        .await;
    let mut rows = rows.map_err(|error| failed(request_id, &error))?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.seq);
    Ok(Json(Page {
        items: rows.into_iter().map(T::from).collect(),
        next_cursor,
    }))
}

/// The index, or a problem that names its binding.
pub(super) async fn index(env: &Env, request_id: &str) -> Result<Index, Problem> {
    let index = Index::open(env)
        .await
        .map_err(|error| failed(request_id, &error))?;
    index.ok_or_else(|| {
        let detail =
            "DB: is missing; bind a D1 database under this name in wrangler.jsonc to open this address";
        Problem::new(Code::Configuration, detail)
    })
}

/// The index failed: the cause goes to the log.
pub(super) fn failed(request_id: &str, error: &worker::Error) -> Problem {
    log::failure(request_id, "index", error);
    Problem::internal()
}
