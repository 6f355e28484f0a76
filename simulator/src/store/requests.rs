//! Every request that the simulated API received, with card data masked, for tests and the control page to look at.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Store;

/// What is kept of one request.
pub(crate) struct NewRequest {
    pub(crate) at: i64,
    pub(crate) operation: &'static str,
    pub(crate) tracking_id: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
    /// A JSON object of the headers by their lower-case names.
    pub(crate) headers: String,
    pub(crate) body: String,
    pub(crate) status: u16,
    pub(crate) fault: Option<String>,
}

/// One recorded request, as the control API shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ApiRequest {
    /// RFC 3339, UTC.
    pub(crate) at: String,
    pub(crate) operation: String,
    pub(crate) tracking_id: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Value,
    pub(crate) body: String,
    pub(crate) status: i64,
    pub(crate) fault: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    at: i64,
    operation: String,
    tracking_id: Option<String>,
    method: String,
    path: String,
    headers: String,
    body: String,
    status: i64,
    fault: Option<String>,
}

impl From<Row> for ApiRequest {
    fn from(row: Row) -> Self {
        Self {
            at: crate::clock::rfc3339(row.at),
            operation: row.operation,
            tracking_id: row.tracking_id,
            method: row.method,
            path: row.path,
            headers: serde_json::from_str(&row.headers).unwrap_or_default(),
            body: row.body,
            status: row.status,
            fault: row.fault,
        }
    }
}

impl Store {
    /// Keeps a request.
    pub(crate) fn add_request(&self, request: NewRequest) -> worker::Result<()> {
        self.run(
            "INSERT INTO api_requests (at, operation, tracking_id, method, path, headers, body, status, fault) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                request.at.into(),
                request.operation.into(),
                request.tracking_id.into(),
                request.method.into(),
                request.path.into(),
                request.headers.into(),
                request.body.into(),
                i64::from(request.status).into(),
                request.fault.into(),
            ],
        )
    }

    /// All requests, or those of one tracking id, oldest first.
    pub(crate) fn requests(&self, tracking_id: Option<&str>) -> worker::Result<Vec<ApiRequest>> {
        let rows: Vec<Row> = self.all(
            "SELECT * FROM api_requests WHERE ?1 IS NULL OR tracking_id = ?1 ORDER BY id",
            vec![tracking_id.into()],
        )?;
        Ok(rows.into_iter().map(ApiRequest::from).collect())
    }
}
