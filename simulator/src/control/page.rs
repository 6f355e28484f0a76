//! The control page: a window into the simulator. Everything on it works without a script.

use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::buttons::{FAULTS, button};
use super::form::{Entered, form, problems};
use super::tables::{requests, transactions, webhooks};
use crate::fault::WebhookFault;
use crate::json::plain_text;
use crate::scenario::{Recorded, Scenario};
use crate::settings::{SettingProblem, Settings};
use crate::store::Store;

/// What the page shows beside the state.
#[derive(Default)]
pub(super) struct Shown<'a> {
    /// Only what has this tracking id.
    pub(super) tracking_id: Option<&'a str>,
    /// What has just been done.
    pub(super) done: Option<Markup>,
    /// The scenario that has just been applied.
    pub(super) applied: Option<&'a str>,
    /// A form that was refused.
    pub(super) refused: Option<(&'a Entered, &'a [SettingProblem])>,
}

/// The sections, by their ids.
const SECTIONS: [(&str, &str); 6] = [
    ("faults", "Faults"),
    ("webhooks", "Webhooks"),
    ("transactions", "Transactions"),
    ("requests", "Requests"),
    ("scenarios", "Scenarios"),
    ("settings", "Settings"),
];

/// Writes the page.
pub(super) fn control(store: &Store, all: &[Scenario], shown: &Shown<'_>) -> worker::Result<Markup> {
    let settings = store.settings()?;
    let of = shown.tracking_id;
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Simulated gateway" }
                link rel="stylesheet" href="/assets/control.css";
                script src="/assets/control.js" defer {}
            }
            body {
                header {
                    h1 { "Simulated gateway" }
                    p { "What the merchant asked, what was sent to the merchant, and what shall go wrong." }
                    nav aria-label="Sections" {
                        @for (id, title) in SECTIONS { a href={ "#" (id) } { (title) } }
                    }
                    div.bar {
                        (search(of))
                        div.buttons {
                            a.button href="/control" { "Refresh" }
                            (button("reset", "", "Forget everything"))
                        }
                        label.flag data-refresh hidden { input type="checkbox" checked; " Refresh by itself" }
                    }
                    @if let Some(done) = &shown.done { p.done role="status" { (done) } }
                    @if let Some((_, found)) = shown.refused { (problems(found)) }
                }
                main {
                    (section("faults", true, faults(&settings)?))
                    (section("webhooks", true, webhooks(store.webhooks(of)?)))
                    (section("transactions", true, transactions(store.transactions(of)?)))
                    (section("requests", true, requests(store.requests(of)?)))
                    (section("scenarios", false, scenarios(all, shown.applied)))
                    (section("settings", false, form(&settings, shown.refused)?))
                }
            }
        }
    })
}

/// Writes a section; a live one is what the script keeps up to date.
fn section(id: &str, live: bool, contents: Markup) -> Markup {
    let title = SECTIONS
        .into_iter()
        .find(|(known, _)| *known == id)
        .map(|(_, title)| title);
    let heading = format!("{id}-title");
    html! {
        section id=(id) data-live[live] aria-labelledby=(heading) {
            h2 id=(heading) { (title.unwrap_or_default()) }
            (contents)
        }
    }
}

fn search(of: Option<&str>) -> Markup {
    html! {
        form.search method="get" action="/control" role="search" {
            label for="tracking_id" { "Tracking id" }
            input type="search" id="tracking_id" name="tracking_id" value=[of] placeholder="all" autocomplete="off" spellcheck="false";
            button type="submit" { "Show" }
        }
    }
}

fn faults(settings: &Settings) -> worker::Result<Markup> {
    let api = settings.fault.as_ref().map(serde_json::to_value).transpose()?;
    let webhooks = settings.webhook_fault.clone().and_then(WebhookFault::if_any);
    let webhooks = webhooks.map(serde_json::to_value).transpose()?;
    Ok(html! {
        @if api.is_none() && webhooks.is_none() { p { "None: all is well." } }
        @if let Some(fault) = api { p.warning { "API replies: " (members(&fault)) } }
        @if let Some(fault) = webhooks { p.warning { "Webhooks: " (members(&fault)) } }
        div.buttons {
            @for (name, label, _) in FAULTS { (button("fault", name, label)) }
        }
        p.hint { "Every other fault is in the " a href="#settings" { "settings" } "." }
    })
}

/// Lists what is set of a fault.
fn members(fault: &Value) -> String {
    let off = |value: &Value| value.is_null() || value == &Value::Bool(false) || value.as_u64() == Some(0);
    let one = |(name, value): (&String, &Value)| match value {
        Value::Bool(_) => name.clone(),
        other => format!("{name} {}", plain_text(other)),
    };
    let members = fault.as_object().into_iter().flatten();
    let set: Vec<String> = members.filter(|(_, value)| !off(value)).map(one).collect();
    set.join(", ").replace('_', " ")
}

fn scenarios(all: &[Scenario], applied: Option<&str>) -> Markup {
    html! {
        p { "Apply sets what a scenario needs; then do its steps. " code { "cargo xtask scenario NAME" } " does them by itself." }
        // Folded: the settings come after a list this long.
        details open[applied.is_some()] {
            summary { "All " (all.len()) " scenarios" }
            ul.scenarios { @for one in all { (scenario(one, applied == Some(one.name.as_str()))) } }
        }
    }
}

fn scenario(one: &Scenario, is_applied: bool) -> Markup {
    html! {
        li class=[is_applied.then_some("applied")] {
            details open[is_applied] {
                summary { code { (one.name) } " " (one.title) }
                p { (one.description) }
                @if let Some(by_hand) = &one.by_hand { p.warning { "By hand: " (by_hand) } }
                ol { @for step in &one.steps { li { (step.text) } } }
                p { (end_of(one)) }
            }
            (button("scenario", &one.name, "Apply"))
        }
    }
}

fn end_of(scenario: &Scenario) -> Markup {
    let expected = &scenario.expected;
    let recorded = |one: &Recorded| {
        let times = if one.received > 1 {
            format!(", {} times", one.received)
        } else {
            String::new()
        };
        format!("{} ({}{times})", one.status, one.outcome)
    };
    let list = |items: Vec<String>| {
        if items.is_empty() {
            "none".to_owned()
        } else {
            items.join(", ")
        }
    };
    html! {
        "Ends " strong { (expected.state) } ". Webhooks recorded: " (list(expected.webhooks.iter().map(recorded).collect()))
        ". Messages to the merchant: " (list(expected.deliveries.clone())) "."
    }
}
