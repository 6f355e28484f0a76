//! What the user decides, and what it does to the payment.

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use edge_cashier::TransactionStatus;

use super::button::Decision;
use super::form::Entered;
use super::html::{notice, page};
use super::visit::{NOT_FOUND, Visit};
use crate::cards::reasons;
use crate::clock;
use crate::reply::ErrorReply;
use crate::store::{Checkout, NewTransaction, PageKind, Stage, Store};
use crate::webhook::{Event, Outbox};

/// Takes a decision: 1. checks the form; 2. writes the new state, and uses the token up unless the user may try again;
/// 3. queues the webhooks; 4. sends the user on. Nothing is awaited between reading the state and writing it, so a link that
/// is followed in two tabs is decided once; the state and the webhooks are written before anything is sent.
#[worker::send]
pub(crate) async fn decide(
    State(outbox): State<Outbox>,
    Extension(kind): Extension<PageKind>,
    Path(token): Path<String>,
    Form(form): Form<Entered>,
) -> Result<Response, ErrorReply> {
    let store = &outbox.store;
    let settings = store.settings()?;
    let Some(mut visit) = Visit::find(store, &settings, kind, &token)? else {
        return Ok(notice(&settings, NOT_FOUND, None, None));
    };
    // Who sends the form twice is sent on twice, and nothing else happens.
    if visit.is_used() {
        return Ok(Redirect::to(&visit.onward(store)?).into_response());
    }
    if let Some(obstacle) = visit.obstacle() {
        return Ok(notice(&settings, obstacle, Some(&visit), None));
    }
    if form.is_outdated(&visit) {
        return Ok(Redirect::to(&visit.checkout.path()).into_response());
    }
    let decision = match form.take_into(&mut visit) {
        Ok(decision) => decision,
        Err(problem) => return Ok(page(&visit, None, Some((&problem, &form)))),
    };

    let now = clock::now();
    if visit.is_retry() {
        let mut random = store.random(&settings)?;
        let retry = NewTransaction::retry(&visit.transaction);
        visit.transaction = store.add_transaction(retry, &mut random, now)?;
    }
    let reason = decline_reason(&visit, decision, form.reason.as_deref());
    let transaction = &mut visit.transaction;
    let (status, stage) = outcome(decision, transaction.is_payout(), settings.auto_approve);
    // Told before the decision, if at all; made now, while the status is still the old one.
    let pending = (settings.pending_webhook && status.is_final()).then(|| Event::of(transaction));
    transaction.rejected_reason = (status == TransactionStatus::Rejected).then(|| reason.to_owned());
    transaction.status = status;
    transaction.stage = stage;
    store.update_transaction(transaction, now)?;
    let onward = update_page(&mut visit, store, decision, reason, now)?;

    let decided = (decision != Decision::Challenge).then(|| Event::of(&visit.transaction));
    let events: Vec<Event> = pending.into_iter().chain(decided).collect();
    outbox.queue(&events).await?;
    Ok(Redirect::to(&onward).into_response())
}

/// Says why an attempt is declined, if it is.
fn decline_reason(visit: &Visit<'_>, decision: Decision, asked: Option<&str>) -> &'static str {
    match visit.checkout.kind {
        PageKind::Challenge => "3-D Secure authentication failed",
        _ if visit.transaction.is_payout() => match decision {
            Decision::Retry => "Refused by the payout provider",
            _ => "Cancelled by the user",
        },
        PageKind::Cashier | PageKind::Provider => {
            let known = reasons().find(|reason| asked == Some(*reason));
            known.unwrap_or("Declined by the user")
        }
    }
}

/// Writes what the decision does to the page, and returns where the user goes.
fn update_page(
    visit: &mut Visit<'_>,
    store: &Store,
    decision: Decision,
    reason: &'static str,
    now: i64,
) -> worker::Result<String> {
    visit.checkout.transaction_row = visit.transaction.id;
    visit.checkout.declined_reason = None;
    let onward = match decision {
        Decision::Retry => {
            visit.checkout.attempt += 1;
            visit.checkout.declined_reason = Some(reason.to_owned());
            visit.checkout.path()
        }
        Decision::Challenge => {
            visit.checkout.used_at = Some(now);
            let expires_at = now + i64::from(visit.settings.token_seconds) * 1000;
            let token = store.random(visit.settings)?.token();
            let mut challenge = Checkout::new(token, visit.transaction.id, PageKind::Challenge, expires_at);
            challenge.theme.clone_from(&visit.checkout.theme);
            challenge.payer.clone_from(&visit.checkout.payer);
            store.add_checkout(&challenge)?;
            challenge.path()
        }
        Decision::Approve | Decision::Decline | Decision::Pending => {
            visit.checkout.used_at = Some(now);
            visit.return_url()
        }
    };
    store.update_checkout(&visit.checkout)?;
    Ok(onward)
}

/// Decides what becomes of a deposit or a payout.
fn outcome(decision: Decision, is_payout: bool, auto_approve: bool) -> (TransactionStatus, Stage) {
    match (decision, is_payout) {
        (Decision::Decline | Decision::Retry, _) => (TransactionStatus::Rejected, Stage::Settled),
        (Decision::Approve, false) => (TransactionStatus::Successful, Stage::Settled),
        (Decision::Pending | Decision::Challenge, false) => (TransactionStatus::Pending, Stage::Submitted),
        (Decision::Approve, true) if auto_approve => (TransactionStatus::Successful, Stage::Settled),
        (Decision::Approve | Decision::Pending | Decision::Challenge, true) => {
            (TransactionStatus::Pending, Stage::AwaitingMerchant)
        }
    }
}

#[cfg(test)]
mod tests {
    use edge_cashier::TransactionStatus;

    use super::super::button::Decision;
    use super::outcome;
    use crate::store::Stage;

    #[test]
    fn a_payout_waits_for_the_merchant_and_a_deposit_does_not() {
        let (status, stage) = outcome(Decision::Approve, false, false);
        assert!(status == TransactionStatus::Successful && stage == Stage::Settled);
        let (status, stage) = outcome(Decision::Approve, true, false);
        assert!(status == TransactionStatus::Pending && stage == Stage::AwaitingMerchant);
        let (status, stage) = outcome(Decision::Approve, true, true);
        assert!(status == TransactionStatus::Successful && stage == Stage::Settled);
        let (status, stage) = outcome(Decision::Decline, true, true);
        assert!(status == TransactionStatus::Rejected && stage == Stage::Settled);
    }
}
