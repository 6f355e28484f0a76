//! `list_transactions`: what happened between two days.

use edge_cashier::Amount;
use serde::Serialize;
use serde_json::{Number, Value};

use super::answer::Problem;
use super::{Answer, Call};
use crate::clock::{DAY_MS, day_of, start_of_day, transaction_date};
use crate::store::Transaction;

/// The most days that `from` and `to` may be apart.
const LONGEST_RANGE_DAYS: i64 = 7;

/// One row, in the order of the reference.
#[derive(Serialize)]
struct Row {
    transaction_id: String,
    gateway_transaction_id: String,
    provider_transaction_id: String,
    transaction_type: String,
    transaction_date: String,
    status: String,
    payment_provider: String,
    customer_id: Value,
    amount: Amount,
    currency: String,
    user_amount: Amount,
    user_currency: String,
    fx_amount: u8,
}

/// The operation.
pub(super) fn list(call: &Call<'_>) -> worker::Result<Answer> {
    let (from, to) = match range(&call.query, call.now) {
        Ok(range) => range,
        Err(problems) => return Ok(Answer::refused(&problems)),
    };
    let rows: Vec<Row> = call
        .store
        .transactions_between(from, to + DAY_MS)?
        .into_iter()
        .filter_map(row)
        .collect();
    Answer::json(200, &rows)
}

/// The first instants of the first and the last day.
fn range(query: &[(String, String)], now: i64) -> Result<(i64, i64), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut problem = |field: &str, problem: &str| {
        problems.push(Problem {
            field: field.to_owned(),
            problem: problem.to_owned(),
        });
    };
    let mut day = |name: &str| match query.iter().find(|(key, _)| key == name) {
        None => day_of(now),
        Some((_, text)) => start_of_day(text).unwrap_or_else(|| {
            problem(name, "must be a date, DD-MM-YYYY");
            day_of(now)
        }),
    };
    let (from, to) = (day("from"), day("to"));
    if problems.is_empty() {
        let mut problem = |problem: &str| {
            problems.push(Problem {
                field: "from".to_owned(),
                problem: problem.to_owned(),
            });
        };
        if from > to {
            problem("must not be after to");
        } else if to - from > LONGEST_RANGE_DAYS * DAY_MS {
            problem("must be at most 7 days before to");
        }
    }
    if problems.is_empty() {
        Ok((from, to))
    } else {
        Err(problems)
    }
}

fn row(transaction: Transaction) -> Option<Row> {
    let amount = Amount::parse(&transaction.amount).ok()?;
    Some(Row {
        transaction_id: transaction.transaction_id,
        gateway_transaction_id: transaction.gateway_transaction_id,
        provider_transaction_id: transaction.provider_transaction_id,
        transaction_type: transaction.transaction_type,
        transaction_date: transaction_date(transaction.created_at),
        status: transaction.status,
        payment_provider: provider(&transaction.payment_provider),
        customer_id: customer_id(&transaction.user_id),
        amount,
        currency: transaction.currency.clone(),
        user_amount: amount,
        user_currency: transaction.currency,
        fx_amount: 0,
    })
}

/// `numipay_simulator`: a provider's name as one word.
fn provider(name: &str) -> String {
    let word: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    format!("{word}_simulator")
}

/// The reference shows the user's id as a number here, though it is a string everywhere else. One that is no number
/// (or would come back as another text) stays a string.
fn customer_id(user_id: &str) -> Value {
    match user_id.parse::<u64>() {
        Ok(number) if number.to_string() == user_id && number < (1 << 53) => {
            Value::Number(Number::from(number))
        }
        _ => Value::String(user_id.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{customer_id, range};

    // 2026-11-23T10:00:00Z, by Node.
    const NOW: i64 = 1_795_428_000_000;

    fn between(from: Option<&str>, to: Option<&str>) -> Result<i64, Vec<String>> {
        let query: Vec<(String, String)> = [("from", from), ("to", to)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value.to_owned())))
            .collect();
        range(&query, NOW)
            .map(|(from, to)| (to - from) / super::DAY_MS)
            .map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn the_window_is_seven_days_and_today_by_default() {
        assert_eq!(between(None, None), Ok(0));
        assert_eq!(between(Some("16-11-2026"), None), Ok(7));
        assert_eq!(between(Some("01-08-2024"), Some("08-08-2024")), Ok(7));
        assert_eq!(
            between(Some("01-08-2024"), Some("09-08-2024")),
            Err(vec!["from".to_owned()])
        );
        assert_eq!(
            between(Some("02-08-2024"), Some("01-08-2024")),
            Err(vec!["from".to_owned()])
        );
        let both = vec!["from".to_owned(), "to".to_owned()];
        assert_eq!(between(Some("2024-08-01"), Some("32-08-2024")), Err(both));
    }

    #[test]
    fn a_user_id_comes_back_as_the_same_text() {
        assert_eq!(customer_id("123").to_string(), "123");
        assert_eq!(customer_id("0123").to_string(), "\"0123\"");
        assert_eq!(
            customer_id("9007199254740993").to_string(),
            "\"9007199254740993\""
        );
        assert_eq!(customer_id("U123").to_string(), "\"U123\"");
    }
}
