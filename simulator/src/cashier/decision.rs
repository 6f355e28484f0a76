//! What the user decides, and what it does to the payment.

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use edge_cashier::TransactionStatus;

use super::form::{Decision, Entered};
use super::html::{REASONS, notice, page};
use super::visit::{NOT_FOUND, Visit};
use crate::clock;
use crate::reply::ErrorReply;
use crate::store::{Kind, Stage};
use crate::webhook::{Event, Outbox};

/// Takes a decision: 1. checks the form; 2. writes the new state and uses the token up; 3. queues the webhook; 4. sends
/// the user back. Nothing is awaited between reading the state and writing it, so a link that is followed in two tabs is
/// decided once; the state and the webhook are written before anything is sent.
#[worker::send]
pub(crate) async fn decide(
    State(outbox): State<Outbox>,
    Extension(kind): Extension<Kind>,
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
        return Ok(Redirect::to(&visit.return_url()).into_response());
    }
    if let Some(obstacle) = visit.obstacle() {
        return Ok(notice(&settings, obstacle, Some(&visit), None));
    }
    let decision = match form.take_into(&mut visit) {
        Ok(decision) => decision,
        Err(problem) => return Ok(page(&visit, None, Some((&problem, &form)))),
    };

    let now = clock::now();
    let decline_reason = match visit.checkout.kind {
        Kind::Challenge => "3-D Secure authentication failed",
        _ if visit.transaction.is_payout() => "Cancelled by the user",
        Kind::Cashier | Kind::Provider => {
            let asked = form.reason.as_deref();
            let known = REASONS.into_iter().find(|reason| asked == Some(reason));
            known.unwrap_or("Declined by the user")
        }
    };
    let transaction = &mut visit.transaction;
    let (status, stage) = outcome(decision, transaction.is_payout(), settings.auto_approve);
    // Told before the decision, if at all; made now, while the status is still the old one.
    let pending = (settings.pending_webhook && status.is_final()).then(|| Event::of(transaction));
    transaction.rejected_reason = (status == TransactionStatus::Rejected).then(|| decline_reason.to_owned());
    transaction.status = status.as_str().to_owned();
    transaction.stage = stage;
    store.update_transaction(transaction, now)?;
    store.use_checkout(&visit.checkout.token, now)?;
    if let Some(pending) = pending {
        outbox.queue(&pending, &settings).await?;
    }
    outbox.queue(&Event::of(transaction), &settings).await?;
    Ok(Redirect::to(&visit.return_url()).into_response())
}

/// Decides what becomes of a deposit or a payout.
fn outcome(decision: Decision, is_payout: bool, auto_approve: bool) -> (TransactionStatus, Stage) {
    match (decision, is_payout) {
        (Decision::Decline, _) => (TransactionStatus::Rejected, Stage::Settled),
        (Decision::Approve, false) => (TransactionStatus::Successful, Stage::Settled),
        (Decision::Pending, false) => (TransactionStatus::Pending, Stage::Submitted),
        (Decision::Approve, true) if auto_approve => (TransactionStatus::Successful, Stage::Settled),
        (Decision::Approve | Decision::Pending, true) => {
            (TransactionStatus::Pending, Stage::AwaitingMerchant)
        }
    }
}

#[cfg(test)]
mod tests {
    use edge_cashier::TransactionStatus;

    use super::super::form::Decision;
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
