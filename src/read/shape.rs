//! What a request may look like: one table for each object of it, and one function that holds a request to its tables and collects every violation,
//! and one that writes it.
//!
//! A request is checked and written as JSON text, whoever made it: a file, another service, or a Rust value. So every rule stands once in Rust, and the
//! Worker's wasm has no second form of a request in it. No crate does it: `deserr`, which was made for many violations at once, turns each number into an integer or a
//! float before its owner sees it, and an amount must be read from its text.
//!
//! In JavaScript a field that is `null` mostly means one that is not there, so `null` is read as absent.

use crate::card::number::CardNumber;
use crate::money::currency::minor_units;
use crate::money::plain_decimal::{AmountError, Plain};
use crate::read::json_read::Node;
use crate::read::json_text::push_string;
use crate::read::validate::{EXTRA, Report, join, known_twice, unknown, wrong_type};
use crate::read::violation::Violation;
use crate::redact::redact;

/// What an object may hold.
pub(crate) struct Shape {
    /// Its fields, in the order of the reference.
    pub(crate) fields: &'static [Field],
    /// What is to be seen only from several fields. It gets the object, and the path of it.
    pub(crate) also: fn(&Node<'_>, &str, &mut Report),
}

/// A field, and what may stand in it.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    /// What to do when it is missing, for a field that has to be there.
    pub(crate) needed: Option<&'static str>,
}

/// What may stand in a field.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// A string that says something.
    Words,
    /// A string that passes a check.
    Text(fn(&str) -> Result<(), Violation>),
    /// `true` or `false`.
    Flag,
    /// A whole number from 1 to this.
    Count(u64),
    /// A decimal, as a number or as a string; written as a number.
    Amount,
    /// The same in the currency beside it: written without the zeros that the currency has no place for.
    Price,
    /// An object of this shape.
    Object(&'static Shape),
    /// A free object, written also when there is none.
    Settings,
    /// An object of fields that nobody here knows, written beside the known ones.
    Extra,
    /// A card's number; written as its digits alone.
    CardNumber,
    /// A string that passes a check for the field of that name, which it gets first.
    Named(fn(&str, &str) -> Result<(), Violation>),
}

impl Field {
    pub(crate) const fn new(name: &'static str, rule: Rule) -> Self {
        Field {
            name,
            rule,
            needed: None,
        }
    }

    pub(crate) const fn needed(name: &'static str, rule: Rule, remedy: &'static str) -> Self {
        Field {
            name,
            rule,
            needed: Some(remedy),
        }
    }
}

/// A longer name is not told: it is none, and looking through it for what must not be told takes quadratic time.
const LONGEST_NAME: usize = 40;

/// An unknown field's name for the eyes of people.
fn told(name: &str) -> String {
    if name.len() > LONGEST_NAME {
        return format!("[a name of {} bytes]", name.len());
    }
    redact(name, &[])
}

/// The fields under which a caller gives what the reference does not know.
pub(crate) const EXTRA_FIELDS: Field = Field::new(EXTRA, Rule::Extra);

impl Shape {
    /// A shape whose fields have nothing to do with one another.
    pub(crate) const fn of(fields: &'static [Field]) -> Self {
        Shape {
            fields,
            also: |_, _, _| {},
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Reports everything that is wrong with an object that stands at `path`.
    pub(crate) fn check(&self, object: &Node<'_>, path: &str, report: &mut Report) {
        if !matches!(object, Node::Object(..)) {
            report.add(path.to_owned(), "type", wrong_type("an object", object));
            return;
        }
        for (name, _) in object.members() {
            if !self.knows(name) {
                let known: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
                report.add(join(path, &told(name)), "unknown_field", unknown(name, &known));
            }
        }
        for field in self.fields {
            match (present(object, field.name), field.needed) {
                (Some(value), _) => self.check_field(field, value, path, report),
                (None, Some(remedy)) => {
                    report.add(join(path, field.name), "required", format!("missing; {remedy}"))
                }
                (None, None) => {}
            }
        }
        (self.also)(object, path, report);
    }

    fn check_field(&self, field: &Field, value: &Node<'_>, path: &str, report: &mut Report) {
        let at = || join(path, field.name);
        let (wanted, remedy) = match (field.rule, value) {
            (Rule::Words, Node::Text(text)) => {
                if text.trim().is_empty() {
                    report.add(
                        at(),
                        "empty",
                        "is empty; leave the field out when its value is not known",
                    );
                }
                return;
            }
            (Rule::Text(check), Node::Text(text)) => {
                report.keep(at, check(text));
                return;
            }
            (Rule::CardNumber, Node::Text(text)) => {
                report.keep(at, CardNumber::parse(text).map(drop));
                return;
            }
            (Rule::Named(check), Node::Text(text)) => {
                report.keep(at, check(field.name, text));
                return;
            }
            (Rule::Flag, Node::Bool(_)) => return,
            (Rule::Count(most), Node::Number(_)) => {
                if !value.as_count().is_some_and(|count| (1..=most).contains(&count)) {
                    let message =
                        format!("must be a whole number from 1 to {most}, written without point or exponent");
                    report.add(at(), "range", message);
                }
                return;
            }
            (Rule::Amount | Rule::Price, Node::Number(_) | Node::Text(_)) => {
                if let Some(Err(error)) = decimal(value) {
                    report.keep(at, Err(error.into()));
                }
                return;
            }
            (Rule::Object(shape), _) => return shape.check(value, &at(), report),
            (Rule::Settings, Node::Object(..)) => return,
            (Rule::Extra, Node::Object(_, members)) => {
                for (name, _) in members {
                    // What is there is merged into the body, so it must not write over what is there already.
                    if self.knows(name) {
                        report.add(join(&at(), name), "known_field", known_twice(name));
                    }
                }
                return;
            }
            (Rule::Words | Rule::Text(_) | Rule::CardNumber | Rule::Named(_), Node::Number(_)) => {
                ("a string", "; put it in quotes")
            }
            (Rule::Words | Rule::Text(_) | Rule::CardNumber | Rule::Named(_), _) => ("a string", ""),
            (Rule::Flag, _) => ("true or false", ""),
            (Rule::Count(_), Node::Text(_)) => (
                "a whole number",
                "; write it without quotes, spaces, `+` or leading zeros",
            ),
            (Rule::Count(_), _) => ("a whole number", ""),
            (Rule::Amount | Rule::Price, _) => ("a number or a decimal string", ""),
            (Rule::Settings | Rule::Extra, _) => ("an object", ""),
        };
        report.add(at(), "type", wrong_type(wanted, value) + remedy);
    }

    /// Writes an object that has been checked, in the order of the fields.
    pub(crate) fn write(&self, object: &Node<'_>, out: &mut String) {
        let mut before = '{';
        let mut name = |name: &str, out: &mut String| {
            out.push(before);
            before = ',';
            push_string(out, name);
            out.push(':');
        };
        for field in self.fields {
            let value = present(object, field.name);
            match (field.rule, value) {
                (Rule::Extra, value) => {
                    for (known, value) in value.map_or(&[][..], Node::members) {
                        name(known, out);
                        push(value, out);
                    }
                }
                (Rule::Settings, None) => {
                    name(field.name, out);
                    out.push_str("{}");
                }
                (_, None) => {}
                (rule, Some(value)) => {
                    name(field.name, out);
                    match rule {
                        Rule::Object(shape) => shape.write(value, out),
                        Rule::Amount | Rule::Price => {
                            let units = match rule {
                                Rule::Price => object.text("currency").and_then(minor_units),
                                _ => None,
                            };
                            if let Some(Ok(plain)) = decimal(value) {
                                plain.push(out, units);
                            }
                        }
                        Rule::CardNumber => {
                            out.push('"');
                            out.extend(
                                value
                                    .as_text()
                                    .unwrap_or_default()
                                    .chars()
                                    .filter(char::is_ascii_digit),
                            );
                            out.push('"');
                        }
                        _ => push(value, out),
                    }
                }
            }
        }
        if before == '{' {
            out.push('{');
        }
        out.push('}');
    }
}

/// A field's value; `null` counts as absent.
pub(crate) fn present<'n, 't>(object: &'n Node<'t>, name: &str) -> Option<&'n Node<'t>> {
    object.get(name).filter(|value| !matches!(value, Node::Null))
}

/// The exact decimal that a number or a string is; nothing for anything else.
pub(crate) fn decimal<'n>(value: &'n Node<'_>) -> Option<Result<Plain<'n>, AmountError>> {
    match value {
        Node::Number(text) => Some(Plain::parse(text)),
        Node::Text(text) => Some(Plain::parse(text)),
        _ => None,
    }
}

/// Adds a value as JSON.
pub(crate) fn push(value: &Node<'_>, out: &mut String) {
    match value {
        Node::Null => out.push_str("null"),
        Node::Bool(true) => out.push_str("true"),
        Node::Bool(false) => out.push_str("false"),
        Node::Text(text) => push_string(out, text),
        Node::Number(written) | Node::List(written, _) | Node::Object(written, _) => out.push_str(written),
    }
}
