//! Reading a request the way a gateway does: from the JSON itself, without the client's own types, naming everything
//! that is missing or wrong at once.

use edge_cashier::{Amount, Currency};
use serde_json::{Map, Value};
use time::Date;
use time::macros::format_description;

use super::answer::Problem;

/// One JSON object and what was found to be wrong in it.
pub(crate) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: String,
    problems: Vec<Problem>,
}

impl<'a> Fields<'a> {
    /// The fields of the whole body.
    pub(crate) fn of_body(body: &'a Value) -> Self {
        let mut fields = Self {
            object: body.as_object(),
            path: String::new(),
            problems: Vec::new(),
        };
        if fields.object.is_none() {
            fields.problems.push(Problem {
                field: "body".to_owned(),
                problem: "must be a JSON object".to_owned(),
            });
        }
        fields
    }

    /// The fields of an object in this one. Their problems have to be [taken back](Self::absorb).
    pub(crate) fn object(&mut self, name: &str, is_required: bool) -> Fields<'a> {
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
    pub(crate) fn absorb(&mut self, inner: Fields<'_>) {
        self.problems.extend(inner.problems);
    }

    /// What is wrong, in the order in which it was found.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// A string that is not empty.
    pub(crate) fn text(&mut self, name: &str, is_required: bool) -> Option<&'a str> {
        let value = self.value(name, is_required)?;
        match value.as_str() {
            Some("") => self.wrong(name, "must not be empty"),
            Some(text) => Some(text),
            None => self.wrong(name, "must be a string"),
        }
    }

    /// A string that `is_right` accepts; `form` says which.
    pub(crate) fn formed(
        &mut self,
        name: &str,
        is_required: bool,
        form: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let text = self.text(name, is_required)?;
        if is_right(text) {
            Some(text)
        } else {
            self.wrong(name, form)
        }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name, false)?;
        match value.as_bool() {
            Some(flag) => Some(flag),
            None => self.wrong(name, "must be true or false"),
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn whole(&mut self, name: &str, is_required: bool) -> Option<u64> {
        let value = self.value(name, is_required)?;
        match value.as_u64() {
            Some(number) => Some(number),
            None => self.wrong(name, "must be a whole number"),
        }
    }

    /// A JSON number, digit for digit as it stands in the body.
    pub(crate) fn decimal(&mut self, name: &str, is_required: bool) -> Option<Amount> {
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

    /// The amount and the currency of a payment, which have to fit each other.
    pub(crate) fn money(&mut self) -> Option<(Amount, Currency)> {
        let amount = self.decimal("amount", true);
        let currency = self
            .text("currency", true)
            .and_then(|code| match Currency::parse(code) {
                Ok(currency) => Some(currency),
                Err(_) => self.wrong("currency", "must be a currency of ISO 4217"),
            });
        let (amount, currency) = (amount?, currency?);
        if amount.fits(&currency) {
            Some((amount, currency))
        } else {
            self.wrong("amount", "has more decimals than its currency")
        }
    }

    /// Reports a problem.
    pub(crate) fn wrong<T>(&mut self, name: &str, problem: &str) -> Option<T> {
        self.problems.push(Problem {
            field: self.path_of(name),
            problem: problem.to_owned(),
        });
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

/// `request.customer`, which may be missing, but not be wrong.
pub(crate) fn customer<'a>(request: &mut Fields<'a>) -> Customer<'a> {
    let mut fields = request.object("customer", false);
    let deposit_limit = fields.decimal("max_deposit_limit", false);
    let first_name = fields.text("first_name", false);
    let last_name = fields.text("last_name", false);
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
    Customer {
        first_name,
        last_name,
        deposit_limit,
    }
}

/// What the simulator uses of a customer.
pub(crate) struct Customer<'a> {
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    pub(crate) deposit_limit: Option<Amount>,
}

impl Customer<'_> {
    /// First and last name, as far as there are any.
    pub(crate) fn name(&self) -> Option<String> {
        let names: Vec<&str> = [self.first_name, self.last_name].into_iter().flatten().collect();
        (!names.is_empty()).then(|| names.join(" "))
    }
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
