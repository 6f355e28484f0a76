//! `/control/scenarios`: the scenarios, and the settings under which one runs.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::refused;
use crate::reply::{ErrorReply, Reply};
use crate::scenario::Scenario;
use crate::settings::Settings;
use crate::store::Store;

/// Answers `GET /control/scenarios`.
pub(crate) async fn scenarios() -> Reply<Vec<Scenario>> {
    Ok(Json(all()?))
}

/// Answers `PUT /control/scenarios/{name}` with the settings as they are then.
pub(crate) async fn apply_scenario(State(store): State<Store>, Path(name): Path<String>) -> Reply<Settings> {
    Ok(Json(apply(&store, &name)?))
}

pub(super) fn all() -> Result<Vec<Scenario>, ErrorReply> {
    Scenario::all().map_err(|error| ErrorReply::new(StatusCode::INTERNAL_SERVER_ERROR, error))
}

/// Sets what a scenario needs.
pub(super) fn apply(store: &Store, name: &str) -> Result<Settings, ErrorReply> {
    let all = all()?;
    let Some(scenario) = all.iter().find(|scenario| scenario.name == name) else {
        let names: Vec<&str> = all.iter().map(|scenario| scenario.name.as_str()).collect();
        let error = format!("no scenario has this name; there are {}", names.join(", "));
        return Err(ErrorReply::not_found(&error));
    };
    let settings = scenario
        .applied_to(&store.settings()?, store.config())
        .map_err(refused)?;
    store.set_settings(&settings)?;
    Ok(settings)
}
