//! What was entered, as settings.

use serde_json::{Map, Value};

use super::fields::{Field, GROUPS, Kind};
use crate::config::Config;
use crate::fault::WebhookFault;
use crate::settings::{SettingProblem, Settings};

/// The form as the browser sent it.
pub(crate) struct Entered(Vec<(String, String)>);

impl From<Vec<(String, String)>> for Entered {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl Entered {
    /// Returns what was entered into a control, without the space around it.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.trim())
    }

    /// Returns the lines of the list of providers that are not empty: id, name and description.
    pub(super) fn providers(&self) -> Vec<[&str; 3]> {
        let column = |name: &'static str| {
            let cells = self.0.iter().filter(move |(key, _)| key == name);
            cells.map(|(_, value)| value.trim())
        };
        let names = column("providers.name").zip(column("providers.description"));
        column("providers.id")
            .zip(names)
            .map(|(id, (name, description))| [id, name, description])
            .filter(|line| line.iter().any(|cell| !cell.is_empty()))
            .collect()
    }
}

/// Reads the form into the settings.
///
/// # Errors
/// Every problem; nothing is changed then.
pub(crate) fn read(
    entered: &Entered,
    current: &Settings,
    config: &Config,
) -> Result<Settings, Vec<SettingProblem>> {
    let mut problems = Vec::new();
    let mut patch = Map::new();
    for field in GROUPS.iter().flat_map(|group| group.fields) {
        match value(field, entered) {
            Ok(Some(value)) => put(&mut patch, field.name, value),
            Ok(None) => {}
            Err(text) => problems.push(problem(field.name, text)),
        }
    }
    let has_no_kind = |fault: &Value| fault.get("kind").is_none();
    if patch.get("fault").is_some_and(has_no_kind) {
        let text = "choose what goes wrong, or empty the other fields of the fault";
        problems.push(problem("fault.kind", text));
        patch.remove("fault");
    }
    // Nothing entered means none, which brings the first value back.
    for member in ["seed", "fault"] {
        patch.entry(member).or_insert(Value::Null);
    }
    match current.patched(&patch, config) {
        Ok(mut settings) if problems.is_empty() => {
            settings.webhook_fault = settings.webhook_fault.and_then(WebhookFault::if_any);
            Ok(settings)
        }
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

fn problem(field: &str, problem: impl Into<String>) -> SettingProblem {
    SettingProblem {
        field: field.to_owned(),
        problem: problem.into(),
    }
}

/// Puts a value at its path.
fn put(patch: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((member, name)) = path.split_once('.') else {
        patch.insert(path.to_owned(), value);
        return;
    };
    let within = patch.entry(member).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(within) = within {
        within.insert(name.to_owned(), value);
    }
}

/// Reads one control; `None` leaves the setting as it is, or the member of a fault out.
fn value(field: &Field, entered: &Entered) -> Result<Option<Value>, String> {
    let text = entered.text(field.name).unwrap_or_default();
    match field.kind {
        Kind::Flag => Ok(Some(Value::Bool(entered.text(field.name).is_some()))),
        Kind::Text | Kind::Url => Ok(Some(text.into())),
        Kind::Secrets => {
            let lines: Vec<&str> = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            Ok((!lines.is_empty()).then(|| lines.into()))
        }
        Kind::Number => number(text, u32::MAX.into()).map(Some),
        Kind::Providers => providers(entered).map(Some),
        _ if text.is_empty() => Ok(None),
        Kind::Secret | Kind::OptionalLines | Kind::OptionalChoice(..) => Ok(Some(text.into())),
        Kind::OptionalNumber(most) => number(text, most).map(Some),
        Kind::NumberOrText => Ok(Some(number(text, u64::MAX).unwrap_or_else(|_| text.into()))),
        Kind::OptionalFlag(_) => match text {
            "yes" => Ok(Some(true.into())),
            "no" => Ok(Some(false.into())),
            _ => Err("choose yes or no, or nothing".to_owned()),
        },
    }
}

fn number(text: &str, most: u64) -> Result<Value, String> {
    match text.parse::<u64>() {
        Ok(number) if number <= most => Ok(number.into()),
        _ => Err(format!("enter a whole number from 0 to {most}")),
    }
}

fn providers(entered: &Entered) -> Result<Value, String> {
    let mut providers = Vec::new();
    for [id, name, description] in entered.providers() {
        let id = number(id, u32::MAX.into()).map_err(|_| "every provider needs a whole number".to_owned())?;
        if name.is_empty() {
            return Err(format!("provider {id} needs a name"));
        }
        providers.push(serde_json::json!({ "id": id, "name": name, "description": description }));
    }
    Ok(providers.into())
}
