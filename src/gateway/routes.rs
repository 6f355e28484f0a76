//! Which path of the gateway serves which operation.
//!
//! The gateway publishes no paths: the defaults are placeholders, every one of them can be set to what the merchant portal shows.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::gateway::address::{LEADS_AWAY, leads_away};
use crate::operation::name::OperationName;
use crate::read::fields::{Fields, Place, Read};
use crate::read::report::Report;
use crate::read::text::Verbatim;
use crate::read::violation::{ValidationError, Violation};

/// Where the id goes in the route of `transaction_status`.
pub(crate) const ID: &str = "{id}";

/// The paths, each with its method. In JSON: an object from operation name to `"/path"` or `"METHOD /path"`; what is not named keeps its default.
///
/// ```
/// let routes: edge_cashier::Routes = serde_json::from_str(r#"{"approve_payout": "PUT /v2/payouts/approve"}"#)?;
/// assert!(serde_json::to_string(&routes)?.contains(r#""hosted_deposit":"POST /cashier/deposit""#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    changed: Vec<(OperationName, Route)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: String,
}

impl Routes {
    /// Reads overrides from JSON.
    ///
    /// # Errors
    /// Every violation: a name that is no operation, a value that is no route.
    pub fn from_value(value: &Value) -> Result<Self, ValidationError> {
        let mut report = Report::default();
        let routes = Routes::read(value, &Place::field("routes"), &mut report);
        report.finish(routes)
    }

    /// Sets one route: `/path`, or `METHOD /path` when the method is another one too.
    ///
    /// # Errors
    /// A path that does not begin with `/`, has white space, a fragment or a `..`, or misses (or has no use for) `{id}`; `GET` for an operation with a body.
    pub fn set(&mut self, operation: OperationName, route: &str) -> Result<(), Violation> {
        let route = read_route(operation, route)?;
        self.changed.retain(|(name, _)| *name != operation);
        self.changed.push((operation, route));
        Ok(())
    }

    pub(crate) fn get(&self, operation: OperationName) -> Route {
        self.changed
            .iter()
            .find(|(name, _)| *name == operation)
            .map_or_else(
                || {
                    let (method, path) = operation.default_route();
                    Route {
                        method,
                        path: path.to_owned(),
                    }
                },
                |(_, route)| route.clone(),
            )
    }
}

impl Read for Routes {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let mut routes = Routes::default();
        for operation in OperationName::ALL {
            if let Some(Verbatim(route)) = fields.optional(operation.as_str()) {
                let set = routes.set(operation, &route);
                fields.check(operation.as_str(), set);
            }
        }
        fields.finish();
        Some(routes)
    }
}

fn read_route(operation: OperationName, route: &str) -> Result<Route, Violation> {
    let (method, path) = match route.split_once(' ') {
        None => (operation.default_route().0, route),
        Some((method, path)) => match method {
            "GET" => ("GET", path),
            "POST" => ("POST", path),
            "PUT" => ("PUT", path),
            "PATCH" => ("PATCH", path),
            "DELETE" => ("DELETE", path),
            _ => {
                return Err(Violation::new(
                    "format",
                    "the method must be GET, POST, PUT, PATCH or DELETE",
                ));
            }
        },
    };
    if method == "GET" && operation.has_body() {
        return Err(Violation::new(
            "format",
            "the method must be POST, PUT, PATCH or DELETE: a GET request has no body, which this operation needs",
        ));
    }
    let legal =
        |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '\\' | '"' | '<' | '>' | '^' | '`' | '|');
    if !path.starts_with('/') || path.starts_with("//") || !path.chars().all(legal) {
        return Err(Violation::new(
            "format",
            "a route is a path that begins with one `/`, for example /cashier/deposit; the host belongs to the base URL",
        ));
    }
    if leads_away(path) {
        return Err(Violation::new("format", LEADS_AWAY));
    }
    let takes_id = operation == OperationName::TransactionStatus;
    let id = path.split_once(ID).filter(|_| takes_id);
    let without_id = id.map_or_else(|| path.to_owned(), |(before, behind)| format!("{before}{behind}"));
    if without_id.contains(['{', '}']) || (takes_id && id.is_none()) {
        let message = if takes_id {
            "needs `{id}` once, where the transaction's id goes"
        } else {
            "has braces; this route takes no id"
        };
        return Err(Violation::new("format", message));
    }
    Ok(Route {
        method,
        path: path.to_owned(),
    })
}

impl Serialize for Routes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Map::new();
        for operation in OperationName::ALL {
            let Route { method, path } = self.get(operation);
            map.insert(operation.as_str().to_owned(), format!("{method} {path}").into());
        }
        map.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Routes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Routes::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
