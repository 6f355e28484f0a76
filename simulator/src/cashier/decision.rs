//! What the user decides, and what it does to the payment.

use edge_cashier::{Amount, Currency, TransactionStatus};
use worker::{Request, Response, State};

use super::page::{FormProblem, REASONS};
use super::{Visit, show};
use crate::clock;
use crate::http;
use crate::store::{Kind, Stage, Store};
use crate::webhook::{Event, Outbox};

/// The buttons of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Approve,
    Decline,
    Pending,
}

impl Decision {
    fn from_form(value: &str) -> Option<Self> {
        match value {
            "approve" => Some(Self::Approve),
            "decline" => Some(Self::Decline),
            "pending" => Some(Self::Pending),
            _ => None,
        }
    }
}

/// The form, as it was sent.
#[derive(Default)]
struct Form {
    decision: String,
    amount: Option<String>,
    provider: Option<String>,
    reason: Option<String>,
}

impl Form {
    fn read(body: &str) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body.as_bytes()) {
            let value = value.trim().to_owned();
            match name.as_ref() {
                "decision" => form.decision = value,
                "amount" => form.amount = Some(value),
                "provider" => form.provider = Some(value),
                "reason" => form.reason = Some(value),
                _ => {}
            }
        }
        form
    }
}

/// Takes a decision: 1. checks the form; 2. writes the new state and uses the token up; 3. queues the webhook; 4. sends
/// the user back. The state and the webhook are written before anything is sent.
pub(super) async fn take(
    state: &State,
    store: &Store,
    mut visit: Visit<'_>,
    mut request: Request,
) -> worker::Result<Response> {
    let form = Form::read(&request.text().await?);
    // The page may have been decided in another tab while the form was read: what was known before it was read is old.
    let is_used = store
        .checkout(&visit.checkout.token)?
        .is_none_or(|checkout| checkout.used_at.is_some());
    if let Some(transaction) = store.transaction(visit.checkout.transaction_row)? {
        visit.transaction = transaction;
    }
    if is_used {
        return http::see_other(&visit.return_url());
    }
    let Some(decision) = Decision::from_form(&form.decision) else {
        let problem = FormProblem::general("Choose one of the buttons.").keep(form.amount, form.provider);
        return show(&visit, 422, None, Some(&problem));
    };
    if let Err(problem) = fill_in(&mut visit, &form) {
        let problem = problem.keep(form.amount, form.provider);
        return show(&visit, 422, None, Some(&problem));
    }

    let now = clock::now();
    let settings = visit.settings;
    let decline_reason = match visit.checkout.kind {
        Kind::Challenge => "3-D Secure authentication failed",
        _ if visit.transaction.is_payout() => "Cancelled by the user",
        Kind::Cashier | Kind::Provider => form
            .reason
            .as_deref()
            .and_then(|asked| REASONS.iter().find(|reason| **reason == asked))
            .unwrap_or(&"Declined by the user"),
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
    let outbox = Outbox::new(state, store);
    if let Some(pending) = pending {
        outbox.queue(&pending, settings).await?;
    }
    outbox.queue(&Event::of(transaction), settings).await?;
    http::see_other(&visit.return_url())
}

/// What a decision makes of a deposit or a payout.
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

/// Takes the provider and the amount from the form, if the user may choose them.
fn fill_in(visit: &mut Visit<'_>, form: &Form) -> Result<(), FormProblem> {
    if visit.checkout.kind == Kind::Cashier {
        let providers = &visit.settings.providers;
        let chosen = match &form.provider {
            None => providers.first(),
            Some(id) => providers.iter().find(|provider| provider.id.to_string() == *id),
        };
        let Some(provider) = chosen else {
            return Err(FormProblem::general("Choose one of the ways to pay."));
        };
        visit.transaction.payment_provider = provider.name.clone();
    }
    let Some(text) = &form.amount else {
        return Ok(());
    };
    let asked = Amount::parse(text).ok();
    let fixed = Amount::parse(&visit.transaction.amount).ok();
    if visit.checkout.amount_is_locked() {
        // The page does not let it be changed, so whoever sends another amount did not use the page.
        return if asked.is_some() && asked == fixed {
            Ok(())
        } else {
            Err(FormProblem::amount(
                "The merchant has fixed this amount. It cannot be changed here.",
            ))
        };
    }
    let Some(amount) = asked.filter(Amount::is_positive) else {
        return Err(FormProblem::amount(
            "Enter an amount in digits, for example 10.05.",
        ));
    };
    if let Ok(currency) = Currency::parse(&visit.transaction.currency)
        && !amount.fits(&currency)
    {
        let decimals = currency.minor_units().unwrap_or_default();
        return Err(FormProblem::amount(&format!(
            "{currency} has at most {decimals} decimals."
        )));
    }
    let limit = visit
        .checkout
        .deposit_limit
        .as_deref()
        .and_then(|limit| Amount::parse(limit).ok());
    if let Some(limit) = limit
        && amount > limit
    {
        return Err(FormProblem::amount(&format!(
            "Your limit is {limit} {}.",
            visit.transaction.currency
        )));
    }
    visit.transaction.amount = amount.to_string();
    Ok(())
}

#[cfg(test)]
mod tests {
    use edge_cashier::TransactionStatus;

    use super::{Decision, Form, outcome};
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

    #[test]
    fn a_form_is_decoded() {
        let form = Form::read("decision=approve&amount=+10.05+&reason=Do+not+honour&x=%26");
        assert_eq!(form.decision, "approve");
        assert_eq!(form.amount.as_deref(), Some("10.05"));
        assert_eq!(form.reason.as_deref(), Some("Do not honour"));
        assert_eq!(form.provider, None);
    }
}
