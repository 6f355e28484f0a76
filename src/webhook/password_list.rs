//! Reads signature passwords from a configuration: one text, or a list of `{ id, password, not_after? }` while they are rotated.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::password::{Password, check_list};
use crate::read::fields::{Fields, Place, Read, read_from_text};
use crate::read::report::Report;
use crate::read::violation::{ValidationError, Violation};

const WHERE: &str = "must be text: merchant portal, Settings, Credentials. Is the environment variable set?";

impl Password {
    /// Reads passwords from JSON: a string is one password; a list has objects `{"id", "password", "not_after"?}`, of which the first one signs.
    ///
    /// `not_after` is the last moment at which the password is accepted: milliseconds since 1970, or an RFC 3339 text such as `2030-01-31T00:00:00Z`.
    ///
    /// ```
    /// use edge_cashier::{Password, Webhook};
    ///
    /// let list = serde_json::json!([
    ///     {"id": "2030", "password": "spg_test_new"},
    ///     {"id": "2029", "password": "spg_test_old", "not_after": "2030-01-31T00:00:00Z"},
    /// ]);
    /// let webhook = Webhook::with_passwords(Password::list_from_value(&list)?)?;
    ///
    /// let slip = serde_json::json!([{"id": "2030", "password": "spg_test_new", "notAfter": 0}]);
    /// assert!(Password::list_from_value(&slip).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every violation: an empty list, an unknown name, a secret that is none, two passwords of one id, an end that is no moment. No message has a secret in it.
    pub fn list_from_value(value: &Value) -> Result<Vec<Self>, ValidationError> {
        let mut report = Report::default();
        let passwords = read_list(value, "", "not_after", &mut report);
        report.finish(Some(passwords))
    }
}

/// Reads the passwords given at `path`; `end` is the name of the field for the last moment.
pub(crate) fn read_list(value: &Value, path: &str, end: &'static str, report: &mut Report) -> Vec<Password> {
    let list = match value {
        Value::Array(list) => list,
        Value::Object(_) => {
            let message = format!("must be text, or a list of objects {{ id, password, {end}? }}");
            report.add(Violation::new("type", message).at(path));
            return Vec::new();
        }
        _ => {
            let at = Place::field(path);
            return Password::read(value, &at, report).into_iter().collect();
        }
    };
    let mut passwords = Vec::new();
    let mut names = Vec::new();
    for (place, value) in list.iter().enumerate() {
        let (name, password) = read_entry(value, &format!("{path}[{place}]"), end, report);
        passwords.extend(password);
        names.push(name);
    }
    let names: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
    for (place, error) in check_list(&names) {
        let (code, path) = match place {
            None => ("required", path.to_owned()),
            Some(place) => ("duplicate", format!("{path}[{place}].id")),
        };
        report.add(Violation::new(code, error.to_string()).at(path));
    }
    passwords
}

/// Reads one entry of a list: its id, and the password if all of it can be used.
fn read_entry(
    value: &Value,
    path: &str,
    end: &'static str,
    report: &mut Report,
) -> (Option<String>, Option<Password>) {
    let at = Place::field(path);
    if !value.is_object() {
        at.wrong_type(
            &format!("an object {{ id, password, {end}? }}"),
            value,
            "",
            report,
        );
        return (None, None);
    }
    let Some(mut fields) = Fields::of(value, &at, report) else {
        return (None, None);
    };
    let id = fields
        .required("id", "give each password a name")
        .map(|Name(name)| name);
    let password: Option<Password> = fields.required("password", WHERE);
    let until = fields.optional(end).map(|Moment(moment)| moment);
    fields.finish();
    let password = password.map(|password| match until {
        Some(until) => password.until(until),
        None => password,
    });
    let named = id.clone().zip(password).map(|(id, password)| password.named(id));
    (id, named)
}

impl Read for Password {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let password = match value {
            Value::String(secret) => Password::checked(secret.as_bytes()),
            Value::Null => Err(Violation::new("required", WHERE)),
            _ => Err(Violation::new("type", WHERE)),
        };
        password.map_err(|violation| at.refuse(violation, report)).ok()
    }
}

/// The name of a password; it is no secret.
struct Name(String);

read_from_text!(Name, |name: &str| {
    if name.is_empty() {
        let message = "is empty; give the name by which a verified event says which password it was";
        return Err(Violation::new("required", message));
    }
    Ok(Name(name.to_owned()))
});

/// Milliseconds since 1970.
struct Moment(u64);

impl Read for Moment {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let moment = match value {
            Value::Number(milliseconds) => milliseconds.as_u64(),
            Value::String(text) => rfc3339(text),
            _ => None,
        };
        if moment.is_none() {
            let message = "must be milliseconds since 1970, or an RFC 3339 text such as 2030-01-31T00:00:00Z (in JavaScript also a Date)";
            at.refuse(Violation::new("format", message), report);
        }
        moment.map(Moment)
    }
}

fn rfc3339(text: &str) -> Option<u64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}
