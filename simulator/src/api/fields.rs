//! Reading a request the way a gateway does: from the JSON itself, without the client's own types, naming everything
//! that is missing or wrong at once.

use axum::http::StatusCode;
use edge_cashier::{Amount, Currency};
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::Date;
use time::macros::format_description;

use crate::reply::ErrorReply;

/// Reads a body as JSON.
pub(super) fn json_body(body: &str) -> Result<Value, ErrorReply> {
    let refused = |_| ErrorReply::new(StatusCode::BAD_REQUEST, "the body is not JSON");
    serde_json::from_str(body).map_err(refused)
}

/// One field of a request that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// Its path, `request.customer.email`.
    pub(super) field: String,
    /// What is wrong with it, without its value.
    pub(super) problem: String,
}

impl Problem {
    pub(super) fn new(field: impl Into<String>, problem: &str) -> Self {
        let (field, problem) = (field.into(), problem.to_owned());
        Self { field, problem }
    }
}

/// Refuses a request, naming all that is wrong with it.
impl From<Vec<Problem>> for ErrorReply {
    fn from(problems: Vec<Problem>) -> Self {
        let names: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        let error = format!("missing or invalid: {}", names.join(", "));
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: json!({ "error": error, "fields": problems }),
        }
    }
}

/// One JSON object and what was found to be wrong in it.
pub(super) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: String,
    problems: Vec<Problem>,
}

impl<'a> Fields<'a> {
    /// Takes the whole body.
    pub(super) fn of_body(body: &'a Value) -> Self {
        let object = body.as_object();
        let problem = object
            .is_none()
            .then(|| Problem::new("body", "must be a JSON object"));
        Self {
            object,
            path: String::new(),
            problems: problem.into_iter().collect(),
        }
    }

    /// Takes an object in this one. Its problems have to be [taken back](Self::absorb).
    pub(super) fn object(&mut self, name: &str, is_required: bool) -> Fields<'a> {
        let value = self.value(name, is_required);
        let object = value.and_then(Value::as_object);
        if value.is_some() && object.is_none() {
            self.wrong::<()>(name, "must be an object");
        }
        Fields {
            object,
            path: self.path_of(name),
            problems: Vec::new(),
        }
    }

    /// Adds the problems of an inner object.
    pub(super) fn absorb(&mut self, inner: Fields<'_>) {
        self.problems.extend(inner.problems);
    }

    /// Returns what is wrong, in the order in which it was found.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Reads a string that is not empty.
    pub(super) fn text(&mut self, name: &str, is_required: bool) -> Option<&'a str> {
        let value = self.value(name, is_required)?;
        match value.as_str() {
            Some("") => self.wrong(name, "must not be empty"),
            Some(text) => Some(text),
            None => self.wrong(name, "must be a string"),
        }
    }

    /// Reads a string that `is_right` accepts; `form` says which.
    pub(super) fn formed(
        &mut self,
        name: &str,
        is_required: bool,
        form: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let text = self.text(name, is_required)?;
        Some(text)
            .filter(|text| is_right(text))
            .or_else(|| self.wrong(name, form))
    }

    /// Reads `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name, false)?;
        value
            .as_bool()
            .or_else(|| self.wrong(name, "must be true or false"))
    }

    /// Reads a whole number that is not negative.
    pub(super) fn whole(&mut self, name: &str, is_required: bool) -> Option<u64> {
        let value = self.value(name, is_required)?;
        value
            .as_u64()
            .or_else(|| self.wrong(name, "must be a whole number"))
    }

    /// Reads a JSON number, digit for digit as it stands in the body.
    pub(super) fn decimal(&mut self, name: &str, is_required: bool) -> Option<Amount> {
        let value = self.value(name, is_required)?;
        let Value::Number(number) = value else {
            return self.wrong(name, "must be a number");
        };
        match Amount::parse(&number.to_string()) {
            Ok(amount) if amount.is_positive() => Some(amount),
            Ok(_) => self.wrong(name, "must be more than zero"),
            Err(_) => self.wrong(name, "must be a plain decimal number"),
        }
    }

    /// Reads the amount and the currency of a payment, which have to fit each other.
    pub(super) fn money(&mut self) -> Option<(Amount, Currency)> {
        let amount = self.decimal("amount", true);
        let code = self.formed("currency", true, "must be a currency of ISO 4217", |code| {
            Currency::parse(code).is_ok()
        });
        let currency = code.and_then(|code| Currency::parse(code).ok());
        let (amount, currency) = (amount?, currency?);
        let fits = amount.fits(&currency);
        Some((amount, currency))
            .filter(|_| fits)
            .or_else(|| self.wrong("amount", "has more decimals than its currency"))
    }

    /// Reports a problem.
    pub(super) fn wrong<T>(&mut self, name: &str, problem: &str) -> Option<T> {
        self.problems.push(Problem::new(self.path_of(name), problem));
        None
    }

    fn value(&mut self, name: &str, is_required: bool) -> Option<&'a Value> {
        // Of an object that is missing itself, only the object is reported.
        let object = self.object?;
        match object.get(name) {
            Some(Value::Null) | None if is_required => self.wrong(name, "is required"),
            Some(Value::Null) | None => None,
            present => present,
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

/// Reads `request.customer`, which may be missing, but not be wrong: the limit of deposits and the name.
pub(super) fn customer(request: &mut Fields<'_>) -> (Option<Amount>, Option<String>) {
    let mut fields = request.object("customer", false);
    let deposit_limit = fields.decimal("max_deposit_limit", false);
    let names = ["first_name", "last_name"].map(|name| fields.text(name, false));
    for name in ["kyc_status", "zip_code", "address", "city"] {
        fields.text(name, false);
    }
    fields.formed("email", false, "must be an e-mail address", |text| {
        text.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
    });
    fields.formed("dob", false, "must be a date, DD/MM/YYYY", |text| {
        text.len() == 10 && Date::parse(text, format_description!("[day]/[month]/[year]")).is_ok()
    });
    fields.formed("country_code", false, "must be two capital letters", is_country);
    let mut phone = fields.object("phone", false);
    phone.formed("country", false, "must be two capital letters", is_country);
    phone.whole("number", false);
    phone.whole("prefix", false);
    fields.absorb(phone);
    request.absorb(fields);
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (deposit_limit, Some(name).filter(|name| !name.is_empty()))
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
