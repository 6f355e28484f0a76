//! Which payout a decision is about, and whether it may be decided at all.

use edge_cashier::{
    Amount, Attempt, Currency, Ledger, OperationName, PaymentState, PayoutCheck, TransactionType,
};
use worker::{Error, Result};

use crate::payment::message::{Decision, Reply};
use crate::payment::store::{SessionRow, SessionStatus};
use crate::problem::{Code, Problem};

/// The payout that waits for a decision.
#[derive(Debug, PartialEq)]
pub(super) struct Subject {
    /// The gateway's id; `None` before the first webhook.
    pub(super) transaction_id: Option<String>,
    pub(super) amount: Amount,
    pub(super) currency: Currency,
}

/// What the session was opened for, as far as it matters here.
struct OpenedFor {
    is_withdrawal: bool,
    amount: Amount,
    currency: Currency,
}

/// Finds the payout, or says why there is none to decide on.
pub(super) fn find(
    session: Option<&SessionRow>,
    ledger: &Ledger,
    decision: Decision,
    check: &PayoutCheck,
) -> Result<Reply<Subject>> {
    let opened = session.filter(|session| session.status != SessionStatus::Opening);
    Ok(choose(opened.map(read).transpose()?, ledger, decision, check))
}

fn read(session: &SessionRow) -> Result<OpenedFor> {
    Ok(OpenedFor {
        is_withdrawal: session.operation == OperationName::HostedWithdrawal,
        amount: Amount::parse(&session.amount).map_err(|error| Error::RustError(error.to_string()))?,
        currency: session.expected()?.currency,
    })
}

fn choose(
    opened: Option<OpenedFor>,
    ledger: &Ledger,
    decision: Decision,
    check: &PayoutCheck,
) -> Reply<Subject> {
    if opened.as_ref().is_some_and(|opened| !opened.is_withdrawal) {
        return Err(not_found());
    }
    // Without a webhook the session alone says what is to be paid, and not what the user has asked for in the cashier. Rejecting needs the gateway's id, which only a
    // webhook has.
    if ledger.events().is_empty() {
        let opened = opened.ok_or_else(not_found)?;
        return match decision {
            Decision::Approved if check.compares() => Err(Problem::new(
                Code::PayoutNotPending,
                "No webhook has reported the payout yet, so there is no amount to compare with the expected one. Wait for the webhook, or leave expected_amount and expected_currency out.",
            )),
            Decision::Approved => Ok(Subject {
                transaction_id: None,
                amount: opened.amount,
                currency: opened.currency,
            }),
            Decision::Rejected => Err(not_pending(&ledger.state())),
        };
    }
    if !ledger
        .events()
        .iter()
        .any(|event| event.transaction_type == TransactionType::Withdrawal)
    {
        return Err(not_found());
    }
    if ledger.success().is_some() {
        return Err(not_pending(&PaymentState::Successful));
    }
    // Approving names no attempt, so that nothing of the payment may be contradicted.
    if decision == Decision::Approved && !ledger.conflicts().is_empty() {
        return Err(not_pending(&PaymentState::Conflict));
    }
    let attempts = ledger.attempts();
    let mut pending = attempts.iter().filter(|attempt| waits(attempt));
    match (pending.next(), pending.next()) {
        (Some(attempt), None) => subject(attempt, check),
        (None, _) => Err(not_pending(&ledger.state())),
        (Some(_), Some(_)) => Err(Problem::new(
            Code::PayoutNotPending,
            "Several attempts at this payout are pending, and a decision is about one: decide in the merchant portal.",
        )),
    }
}

fn waits(attempt: &Attempt<'_>) -> bool {
    let mut events = attempt.events.iter();
    attempt.state == PaymentState::Pending
        && events.all(|event| event.transaction_type == TransactionType::Withdrawal)
}

/// Every webhook of the attempt must be about the amount that the merchant means.
fn subject(attempt: &Attempt<'_>, check: &PayoutCheck) -> Reply<Subject> {
    let mut events = attempt.events.iter();
    if !events.all(|event| check.agrees(&event.amount, &event.currency)) {
        return Err(mismatch());
    }
    // An attempt has at least one event.
    let event = attempt.events.last().ok_or_else(not_found)?;
    Ok(Subject {
        transaction_id: Some(attempt.transaction_id.as_str().to_owned()),
        amount: event.amount,
        currency: event.currency.clone(),
    })
}

pub(super) fn not_found() -> Problem {
    Problem::new(
        Code::PayoutNotFound,
        "No withdrawal was opened here with this tracking id, and no webhook has reported one.",
    )
}

fn not_pending(state: &PaymentState) -> Problem {
    let detail = match state {
        PaymentState::Opened => String::from(
            "No webhook has reported a pending payout yet, and rejecting needs the gateway's id from it.",
        ),
        PaymentState::Conflict => String::from(
            "Webhooks contradict the session or one another: a person has to look, and decide in the merchant portal.",
        ),
        state => format!("Its state is {state}."),
    };
    Problem::new(Code::PayoutNotPending, detail)
}

/// The amounts are not in it: the request has the one, and GET /v1/sessions/{tracking_id} the other.
fn mismatch() -> Problem {
    Problem::new(
        Code::AmountMismatch,
        "The payout's amount or currency is not the expected one. Nothing was sent to the gateway.",
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
