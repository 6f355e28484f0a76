//! The scenarios: named runs with a documented end. Each is one file of `simulator/scenarios`, and all of them come with the build.

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::Config;
use crate::settings::{SettingProblem, Settings};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The settings that connect the simulator with a merchant. A scenario changes none of them, so it can be applied wherever the simulator runs.
const CONNECTION: [&str; 7] = [
    "return_url",
    "webhook_url",
    "webhook_password",
    "api_keys",
    "merchant_name",
    "providers",
    "frame_ancestors",
];

/// One scenario, as its file writes it and `GET /control/scenarios` shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) title: String,
    /// What it shows, for people.
    pub(crate) description: String,
    /// What it takes in the demo beside the storefront and the control page, or why it cannot be done there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_hand: Option<String>,
    /// Members of the settings, as `PUT /control/settings` takes them.
    pub(crate) settings: Map<String, Value>,
    pub(crate) steps: Vec<Step>,
    pub(crate) expected: Expected,
}

/// What somebody does: a sentence for people, and what the runner (`tests/support/scenario.mjs`) needs to do it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) text: String,
    #[serde(flatten)]
    action: Map<String, Value>,
}

/// How it ends, seen from the merchant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The Worker's state of the payment.
    pub(crate) state: String,
    /// The state of each attempt, in the order of their first webhooks.
    pub(crate) attempts: Vec<String>,
    /// The webhooks that the Worker recorded, in the order of their arrival.
    pub(crate) webhooks: Vec<Recorded>,
    /// The types of the messages to the merchant, in their order.
    pub(crate) deliveries: Vec<String>,
}

/// A webhook that the Worker recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recorded {
    pub(crate) status: String,
    /// What the Worker made of it: `first`, `duplicate`, `stale` or `conflict`.
    pub(crate) outcome: String,
    /// How often it came.
    pub(crate) received: u32,
}

impl Scenario {
    /// Reads every scenario, by name.
    ///
    /// # Errors
    /// A file that is not a scenario. A test reads all of them, so no build has one.
    pub(crate) fn all() -> Result<Vec<Self>, String> {
        let mut files: Vec<_> = FILES.files().collect();
        files.sort_by_key(|file| file.path());
        let read = |file: &include_dir::File<'_>| {
            serde_json::from_slice(file.contents())
                .map_err(|error| format!("{}: {error}", file.path().display()))
        };
        files.into_iter().map(read).collect()
    }

    /// Returns the settings under which it runs: how the simulator is connected stays as it is, everything else is as at the start or as
    /// the scenario says.
    ///
    /// # Errors
    /// Every setting of the scenario that is wrong.
    pub(crate) fn applied_to(
        &self,
        settings: &Settings,
        config: &Config,
    ) -> Result<Settings, Vec<SettingProblem>> {
        let members = serde_json::to_value(settings).unwrap_or_default();
        let names = members.as_object().into_iter().flat_map(Map::keys);
        let mut patch: Map<String, Value> = names
            .filter(|name| !CONNECTION.contains(&name.as_str()))
            .map(|name| (name.clone(), Value::Null))
            .collect();
        patch.extend(self.settings.clone());
        settings.patched(&patch, config)
    }
}

#[cfg(test)]
mod tests {
    use super::{CONNECTION, FILES, Scenario};
    use crate::config::{Config, ShopConfig};
    use crate::settings::Settings;

    fn config() -> Config {
        Config {
            api_keys: vec!["key".to_owned()],
            webhook_url: "http://localhost/webhooks".to_owned(),
            webhook_password: "password".to_owned(),
            return_url: "http://localhost/".to_owned(),
            seed: Some(7),
            shop: ShopConfig::default(),
        }
    }

    #[test]
    fn every_file_is_a_scenario_of_its_name_whose_settings_can_be_applied() -> Result<(), String> {
        let first = Settings::new(&config());
        for scenario in Scenario::all()? {
            let file = format!("{}.json", scenario.name);
            assert!(FILES.get_file(&file).is_some(), "{file} is not its file's name");
            scenario
                .applied_to(&first, &config())
                .map_err(|problems| format!("{file}: {problems:?}"))?;
            for name in CONNECTION {
                assert!(!scenario.settings.contains_key(name), "{file} changes {name}");
            }
            assert!(!scenario.steps.is_empty(), "{file} has no step");
        }
        Ok(())
    }

    #[test]
    fn applying_keeps_the_connection_and_ends_what_was_set_before() -> Result<(), String> {
        let before = r#"{"webhook_url":"http://localhost/other","auto_approve":true,"fault":{"kind":"html"},"seed":1}"#;
        let patch = serde_json::from_str(before).map_err(|error| error.to_string())?;
        let shown = |problems| format!("{problems:?}");
        let before = Settings::new(&config())
            .patched(&patch, &config())
            .map_err(shown)?;
        let all = Scenario::all()?;
        let scenario = all.iter().find(|scenario| scenario.name == "duplicate-webhooks");
        let scenario = scenario.ok_or("there is no scenario duplicate-webhooks")?;
        let after = scenario.applied_to(&before, &config()).map_err(shown)?;
        assert_eq!(after.webhook_url, "http://localhost/other");
        assert!(!after.auto_approve && after.fault.is_none());
        assert_eq!(after.seed, Some(7));
        assert_eq!(after.webhook_fault.map(|fault| fault.duplicate), Some(2));
        Ok(())
    }
}
