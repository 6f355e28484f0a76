//! Reading: one transaction's state (`transaction_status`), and what happened between two days (`list_transactions`).

use axum::Json;
use axum::extract::{Path, Query, State};
use edge_cashier::{Amount, TransactionStatus, TransactionType};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use serde_with::skip_serializing_none;
use time::{Date, Duration};

use super::fields::Problem;
use crate::clock;
use crate::reply::{ErrorReply, Reply};
use crate::store::{Store, Transaction};

/// How far `from` and `to` may be apart.
const LONGEST_RANGE: Duration = Duration::days(7);

/// One row, in the order of the reference.
#[derive(Serialize)]
pub(crate) struct Row {
    transaction_id: String,
    gateway_transaction_id: String,
    provider_transaction_id: String,
    transaction_type: TransactionType,
    transaction_date: String,
    status: TransactionStatus,
    payment_provider: String,
    customer_id: Value,
    amount: Amount,
    currency: String,
    user_amount: Amount,
    user_currency: String,
    fx_amount: u8,
}

/// What `transaction_status` answers.
#[skip_serializing_none]
#[derive(Serialize)]
pub(crate) struct Status {
    transaction_status: TransactionStatus,
    rejected_reason: Option<String>,
}

/// Answers `transaction_status`: the latest state of one transaction, by the merchant's id.
pub(crate) async fn transaction_status(State(store): State<Store>, Path(id): Path<String>) -> Reply<Status> {
    let found = store.transaction_by_tracking_id(&id)?;
    let found = found.ok_or_else(|| ErrorReply::not_found("no transaction has this id"))?;
    Ok(Json(Status {
        transaction_status: found.status,
        rejected_reason: found.rejected_reason,
    }))
}

/// The query: days, first and last.
#[derive(Deserialize)]
pub(crate) struct Window {
    from: Option<String>,
    to: Option<String>,
}

/// Answers `list_transactions`.
pub(crate) async fn list_transactions(
    State(store): State<Store>,
    Query(window): Query<Window>,
) -> Reply<Vec<Row>> {
    let (from, to) = days(&window, clock::today())?;
    let end = to.saturating_add(Duration::DAY);
    let found = store.transactions_between(clock::midnight(from), clock::midnight(end))?;
    Ok(Json(found.into_iter().filter_map(row).collect()))
}

/// Reads the first and the last day.
fn days(window: &Window, today: Date) -> Result<(Date, Date), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut problem = |field: &str, problem: &str| problems.push(Problem::new(field, problem));
    let mut day = |name: &str, text: &Option<String>| match text.as_deref().map(clock::parse_day) {
        Some(None) => {
            problem(name, "must be a date, DD-MM-YYYY");
            None
        }
        Some(day) => day,
        None => Some(today),
    };
    let (from, to) = (day("from", &window.from), day("to", &window.to));
    if let (Some(from), Some(to)) = (from, to) {
        if from > to {
            problem("from", "must not be after to");
        } else if to - from > LONGEST_RANGE {
            problem("from", "must be at most 7 days before to");
        } else {
            return Ok((from, to));
        }
    }
    Err(problems)
}

fn row(transaction: Transaction) -> Option<Row> {
    let amount = Amount::parse(&transaction.amount).ok()?;
    Some(Row {
        transaction_id: transaction.transaction_id,
        gateway_transaction_id: transaction.gateway_transaction_id,
        provider_transaction_id: transaction.provider_transaction_id,
        transaction_type: transaction.transaction_type,
        transaction_date: clock::transaction_date(transaction.created_at),
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

/// Writes a provider's name as one word: `numipay_simulator`.
fn provider(name: &str) -> String {
    let word = name
        .to_ascii_lowercase()
        .replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    format!("{word}_simulator")
}

/// Writes the user's id as a number, as the reference does here and nowhere else. One that is no number (or would come
/// back as another text) stays a string.
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
    use time::macros::date;

    use super::{Window, customer_id, days};

    fn between(from: Option<&str>, to: Option<&str>) -> Result<i64, Vec<String>> {
        let window = Window {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        days(&window, date!(2026 - 11 - 23))
            .map(|(from, to)| (to - from).whole_days())
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
