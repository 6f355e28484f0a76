//! Every request that the simulated API received, with card data masked, for tests and the control page to look at.

use edge_cashier::OperationName;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::Store;

/// One request, as it is kept and as the control API shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ApiRequest {
    /// Unix time in milliseconds, and RFC 3339 in JSON.
    #[serde(serialize_with = "crate::clock::serialize")]
    pub(crate) at: i64,
    pub(crate) operation: OperationName,
    pub(crate) tracking_id: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
    /// A JSON object of the headers by their lower-case names.
    #[serde(serialize_with = "as_object")]
    pub(crate) headers: String,
    pub(crate) body: String,
    pub(crate) status: i64,
    pub(crate) fault: Option<String>,
}

fn as_object<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let object: Value = serde_json::from_str(json).unwrap_or_default();
    object.serialize(serializer)
}

impl Store {
    /// Keeps a request.
    pub(crate) fn add_request(&self, request: ApiRequest) -> worker::Result<()> {
        self.run(
            "INSERT INTO api_requests (at, operation, tracking_id, method, path, headers, body, status, fault) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                request.at.into(),
                request.operation.as_str().into(),
                request.tracking_id.into(),
                request.method.into(),
                request.path.into(),
                request.headers.into(),
                request.body.into(),
                request.status.into(),
                request.fault.into(),
            ],
        )
    }

    /// Lists all requests, or those of one tracking id, oldest first.
    pub(crate) fn requests(&self, tracking_id: Option<&str>) -> worker::Result<Vec<ApiRequest>> {
        self.all(
            "SELECT * FROM api_requests WHERE ?1 IS NULL OR tracking_id = ?1 ORDER BY id",
            vec![tracking_id.into()],
        )
    }
}
