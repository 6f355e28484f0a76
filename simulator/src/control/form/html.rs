//! The form as the page shows it: the settings as they are, or what was entered and what is wrong with it.

use maud::{Markup, html};
use serde_json::Value;

use super::fields::{Field, GROUPS, Kind};
use super::read::Entered;
use crate::json::plain_text;
use crate::settings::{Provider, SettingProblem, Settings};

/// What stands in the form.
struct Contents<'a> {
    settings: Value,
    providers: &'a [Provider],
    entered: Option<&'a Entered>,
    problems: &'a [SettingProblem],
}

/// Writes the form. `refused` is what was entered before, with its problems.
pub(in crate::control) fn form(
    settings: &Settings,
    refused: Option<(&Entered, &[SettingProblem])>,
) -> worker::Result<Markup> {
    let contents = Contents {
        settings: serde_json::to_value(settings)?,
        providers: &settings.providers,
        entered: refused.map(|(entered, _)| entered),
        problems: refused.map_or(&[], |(_, problems)| problems),
    };
    Ok(html! {
        form.settings method="post" action="/control/form" novalidate {
            @for group in &GROUPS {
                fieldset {
                    legend { (group.title) }
                    div.fields { @for field in group.fields { (contents.field(field)) } }
                }
            }
            button.primary type="submit" { "Save settings" }
        }
    })
}

/// Lists the problems of a refused form, each with a link to its field.
pub(in crate::control) fn problems(problems: &[SettingProblem]) -> Markup {
    html! {
        div.alert role="alert" {
            p { "The settings were not changed. Please look at:" }
            ul {
                @for SettingProblem { field, problem } in problems {
                    li {
                        @match label_of(field) {
                            Some(label) => { a href={ "#" (field) } { (label) } ": " (problem) }
                            None => (problem),
                        }
                    }
                }
            }
        }
    }
}

fn label_of(name: &str) -> Option<&'static str> {
    let mut fields = GROUPS.iter().flat_map(|group| group.fields);
    fields.find(|field| field.name == name).map(|field| field.label)
}

impl Contents<'_> {
    fn field(&self, field: &Field) -> Markup {
        let name = field.name;
        let problems: Vec<&str> = self
            .problems
            .iter()
            .filter(|problem| problem.field == name)
            .map(|problem| problem.problem.as_str())
            .collect();
        let hint_id = format!("{name}-hint");
        let problem_id = format!("{name}-problem");
        let described = match (field.hint.is_empty(), problems.is_empty()) {
            (true, true) => None,
            (false, true) => Some(hint_id.clone()),
            (true, false) => Some(problem_id.clone()),
            (false, false) => Some(format!("{hint_id} {problem_id}")),
        };
        let about = About {
            name,
            described: described.as_deref(),
            invalid: (!problems.is_empty()).then_some("true"),
        };
        let notes = html! {
            @if !field.hint.is_empty() { small id=(hint_id) { (field.hint) } }
            @if !problems.is_empty() { p.problem id=(problem_id) { (problems.join("; ")) } }
        };
        match field.kind {
            Kind::Flag => html! {
                div.field {
                    label.flag {
                        input type="checkbox" id=(name) name=(name) value="on" checked[self.is_ticked(name)];
                        span { (field.label) }
                    }
                    (notes)
                }
            },
            Kind::Providers => html! {
                fieldset.field.wide id=(name) aria-describedby=[about.described] {
                    legend { (field.label) }
                    (self.providers())
                    (notes)
                }
            },
            kind => html! {
                div class=(if matches!(kind, Kind::OptionalLines | Kind::Secrets) { "field wide" } else { "field" }) {
                    label for=(name) { (field.label) }
                    (self.control(&about, kind))
                    (notes)
                }
            },
        }
    }

    fn control(&self, about: &About<'_>, kind: Kind) -> Markup {
        let value = self.value(about.name);
        let kept = matches!(kind, Kind::Secret | Kind::Secrets);
        let value = if kept { self.entered(about.name) } else { value };
        match kind {
            Kind::OptionalChoice(words, nothing) => {
                let words = words.iter().map(|word| (*word, word.replace('_', " ")));
                about.select(nothing, words, &value)
            }
            Kind::OptionalFlag(nothing) => {
                let value = match value.as_str() {
                    "true" => "yes",
                    "false" => "no",
                    other => other,
                };
                let words = ["yes", "no"].map(|word| (word, word.to_owned()));
                about.select(nothing, words.into_iter(), value)
            }
            Kind::OptionalLines | Kind::Secrets => html! {
                textarea id=(about.name) name=(about.name) rows="2" spellcheck="false"
                    aria-describedby=[about.described] aria-invalid=[about.invalid] { (value) }
            },
            _ => {
                let (input_type, input_mode) = match kind {
                    Kind::Secret => ("password", None),
                    Kind::Url => ("url", None),
                    Kind::Number | Kind::OptionalNumber(_) => ("text", Some("numeric")),
                    _ => ("text", None),
                };
                html! {
                    input type=(input_type) id=(about.name) name=(about.name) value=(value) autocomplete="off" spellcheck="false"
                        inputmode=[input_mode] aria-describedby=[about.described] aria-invalid=[about.invalid];
                }
            }
        }
    }

    /// Three columns, with an empty line at the end.
    fn providers(&self) -> Markup {
        let line = |provider: &Provider| {
            [
                provider.id.to_string(),
                provider.name.clone(),
                provider.description.clone(),
            ]
        };
        let mut lines: Vec<[String; 3]> = match self.entered {
            Some(entered) => {
                let lines = entered.providers().into_iter();
                lines.map(|line| line.map(str::to_owned)).collect()
            }
            None => self.providers.iter().map(line).collect(),
        };
        lines.push(<[String; 3]>::default());
        html! {
            @for (at, [id, name, description]) in (1..).zip(&lines) {
                div.provider {
                    input type="text" inputmode="numeric" name="providers.id" value=(id) placeholder="number"
                        aria-label={ "Number of provider " (at) };
                    input type="text" name="providers.name" value=(name) placeholder="name" aria-label={ "Name of provider " (at) };
                    input type="text" name="providers.description" value=(description) placeholder="description"
                        aria-label={ "Description of provider " (at) };
                }
            }
        }
    }

    /// What stands in a control: what was entered, else the setting.
    fn value(&self, path: &str) -> String {
        if self.entered.is_some() {
            return self.entered(path);
        }
        let value = self.setting(path).filter(|value| !value.is_null());
        value.map(plain_text).unwrap_or_default()
    }

    fn entered(&self, path: &str) -> String {
        let text = self.entered.and_then(|entered| entered.text(path));
        text.unwrap_or_default().to_owned()
    }

    fn is_ticked(&self, path: &str) -> bool {
        match self.entered {
            Some(entered) => entered.text(path).is_some(),
            None => self.setting(path).and_then(Value::as_bool).unwrap_or_default(),
        }
    }

    fn setting(&self, path: &str) -> Option<&Value> {
        let pointer = format!("/{}", path.replace('.', "/"));
        self.settings.pointer(&pointer)
    }
}

/// What every control of a field has.
struct About<'a> {
    name: &'a str,
    described: Option<&'a str>,
    invalid: Option<&'a str>,
}

impl About<'_> {
    fn select<'a>(
        &self,
        nothing: &str,
        words: impl Iterator<Item = (&'a str, String)>,
        value: &str,
    ) -> Markup {
        html! {
            select id=(self.name) name=(self.name) aria-describedby=[self.described] aria-invalid=[self.invalid] {
                option value="" { (nothing) }
                @for (word, label) in words {
                    option value=(word) selected[word == value] { (label) }
                }
            }
        }
    }
}
