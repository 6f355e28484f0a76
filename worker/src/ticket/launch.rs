//! What a ticket asks for: the gateway operation, its request, and what the payment must turn out to be.
//!
//! Everything about money and identity is a claim. The core's own request validation checks the claims, so a ticket is refused with every violation at
//! once and under the claims' names; a claim that nobody knows is a violation too ("amuont"), or a typo would open a payment without a limit.

use edge_cashier::{Amount, Currency, Expected, Gateway, OperationName, TrackingId, TransactionType, UserId};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use time::Date;

use super::Claims;
use crate::card::CardDetails;
use crate::problem::{FieldViolation, Problem, claim_violations};

/// Claims that speak about the ticket itself (RFC 7519, 4.1) or that have another name at the gateway.
const OF_THE_TICKET: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "operation"];

/// Fields of the gateway's request that a ticket has no claim for, each with where its value comes from.
const NOT_CLAIMS: [(&str, &str); 3] = [
    ("user_id", "the user id is the claim sub"),
    ("tracking_id", "the tracking id is the claim jti"),
    ("ip", "the address is taken from the connection"),
];

/// A payment that a ticket asks for, valid in every field.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) tracking_id: TrackingId,
    pub(crate) user_id: UserId,
    pub(crate) operation: OperationName,
    /// The operation's request in the core's form, without the address of the connection.
    pub(crate) request: Value,
    pub(crate) amount: Amount,
    /// What a webhook has to say for this payment to count as paid.
    pub(crate) expected: Expected,
    /// SHA-256 over the operation and the request: two tickets with the same digest ask for the same payment. `iat`, `exp` and the other claims about the
    /// ticket are not in it, so a backend may sign a fresh ticket for the same payment (the first one expired in a sleeping tab, say) and gets the same
    /// session; nor is the buyer's address, which changes when a phone leaves the house.
    pub(crate) digest: String,
}

impl Launch {
    /// Reads the claims of a verified ticket that opens a cashier or sends the user to a provider, on that day.
    pub(crate) fn session(claims: &Claims, gateway: &Gateway, today: Date) -> Result<Self, Problem> {
        let operations = [
            OperationName::HostedDeposit,
            OperationName::HostedWithdrawal,
            OperationName::DirectPayment,
        ];
        Self::read(claims, &operations, None, gateway, today)
    }

    /// Reads the claims of a verified ticket that pays by this card, on that day. The card is checked with them and is in nothing that comes back.
    pub(crate) fn card(
        claims: &Claims,
        card_details: &CardDetails,
        gateway: &Gateway,
        today: Date,
    ) -> Result<Self, Problem> {
        Self::read(
            claims,
            &[OperationName::CardPayment],
            Some(card_details),
            gateway,
            today,
        )
    }

    fn read(
        claims: &Claims,
        operations: &[OperationName],
        card_details: Option<&CardDetails>,
        gateway: &Gateway,
        today: Date,
    ) -> Result<Self, Problem> {
        let claims = &claims.0;
        let mut violations = misplaced(claims);
        violations.extend(not_text(claims));
        let operation = match operation(claims, operations) {
            Ok(operation) => operation,
            Err(violation) => {
                violations.push(violation);
                // The claims that every operation has are checked all the same, so that one answer names everything.
                operations
                    .first()
                    .copied()
                    .unwrap_or(OperationName::HostedDeposit)
            }
        };
        let request = request(operation, claims);
        let checked = match card_details {
            Some(card_details) => gateway.request_on(today, operation, &card_details.beside(&request)),
            None => gateway.request_on(today, operation, &request),
        };
        if let Err(error) = checked {
            violations.extend(claim_violations(&error));
        }
        if !violations.is_empty() {
            return Err(Problem::invalid_request(violations));
        }
        // The core has found these four valid, so none of them is missing.
        let identified = identity(claims).zip(amount(claims).zip(currency(claims)));
        let ((tracking_id, user_id), (amount, currency)) = identified.ok_or_else(Problem::internal)?;
        // The amount binds unless the ticket says exactly this: only then may the user choose another one in the cashier.
        let user_may_choose = claims.get("amount_restricted") == Some(&Value::Bool(false));
        let expected = Expected {
            amount: (!user_may_choose).then_some(amount),
            currency,
            user_id: user_id.clone(),
            transaction_type: match operation {
                OperationName::HostedWithdrawal => TransactionType::Withdrawal,
                _ => TransactionType::Deposit,
            },
        };
        let digest = digest(operation, &request, &amount);
        Ok(Self {
            tracking_id,
            user_id,
            operation,
            request,
            amount,
            expected,
            digest,
        })
    }
}

fn operation(
    claims: &Map<String, Value>,
    operations: &[OperationName],
) -> Result<OperationName, FieldViolation> {
    let operation = claims
        .get("operation")
        .and_then(Value::as_str)
        .and_then(OperationName::parse);
    match operation {
        Some(operation) if operations.contains(&operation) => Ok(operation),
        _ => Err(FieldViolation {
            path: String::from("operation"),
            code: String::from(if claims.contains_key("operation") {
                "range"
            } else {
                "required"
            }),
            message: format!("must be {}", listed(operations)),
        }),
    }
}

/// `a, b or c`
fn listed(operations: &[OperationName]) -> String {
    let names: Vec<&str> = operations.iter().map(|operation| operation.as_str()).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn misplaced(claims: &Map<String, Value>) -> Vec<FieldViolation> {
    let there = NOT_CLAIMS.iter().filter(|(name, _)| claims.contains_key(*name));
    there
        .map(|(name, source)| FieldViolation {
            path: (*name).to_owned(),
            code: String::from("unknown_field"),
            message: format!("remove this claim: {source}"),
        })
        .collect()
}

/// RFC 7519 makes `sub` and `jti` strings. A number would be another text after the next JSON library.
fn not_text(claims: &Map<String, Value>) -> impl Iterator<Item = FieldViolation> {
    ["sub", "jti"]
        .into_iter()
        .filter(|name| claims.get(*name).is_some_and(Value::is_number))
        .map(|name| FieldViolation {
            path: name.to_owned(),
            code: String::from("type"),
            message: String::from("must be a string; put the number in quotes"),
        })
}

/// The core's request, as the gateway's body: the claims under the gateway's names. The outer object keeps a claim of the name "request" a claim.
fn request(operation: OperationName, claims: &Map<String, Value>) -> Value {
    let mut request = Map::new();
    for (claim, field) in [("sub", "user_id"), ("jti", "tracking_id")] {
        if let Some(value) = claims.get(claim) {
            request.insert(field.to_owned(), value.clone());
        }
    }
    for (name, value) in claims {
        let ours =
            OF_THE_TICKET.contains(&name.as_str()) || NOT_CLAIMS.iter().any(|(other, _)| other == name);
        if !ours {
            request.insert(name.clone(), value.clone());
        }
    }
    // What a webhook must say and what the cashier lets the user do are one rule: an amount that binds is locked in the cashier too, or
    // somebody could pay another one that then counts for nothing.
    if operation == OperationName::HostedDeposit && claims.get("amount_restricted").is_none_or(Value::is_null)
    {
        request.insert(String::from("amount_restricted"), Value::Bool(true));
    }
    serde_json::json!({ "request": request })
}

fn identity(claims: &Map<String, Value>) -> Option<(TrackingId, UserId)> {
    let text = |name| claims.get(name).and_then(Value::as_str);
    Some((
        TrackingId::new(text("jti")?).ok()?,
        UserId::new(text("sub")?).ok()?,
    ))
}

fn currency(claims: &Map<String, Value>) -> Option<Currency> {
    Currency::parse(claims.get("currency")?.as_str()?).ok()
}

fn amount(claims: &Map<String, Value>) -> Option<Amount> {
    // As the core reads an amount of a request: both forms are digits, and a number keeps those that were written.
    match claims.get("amount")? {
        Value::Number(number) => Amount::parse(number.as_str()).ok(),
        Value::String(text) => Amount::parse(text).ok(),
        _ => None,
    }
}

/// The order of a JSON object's members says nothing, so they are sorted; an amount is the same as a number and as a text.
fn digest(operation: OperationName, request: &Value, amount: &Amount) -> String {
    let mut contents = request.clone();
    if let Some(fields) = contents.get_mut("request").and_then(Value::as_object_mut) {
        fields.insert(String::from("amount"), Value::String(amount.to_string()));
    }
    contents.sort_all_objects();
    let mut hash = Sha256::new();
    hash.update(operation.as_str());
    hash.update([0]);
    hash.update(contents.to_string());
    hex::encode(hash.finalize())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
