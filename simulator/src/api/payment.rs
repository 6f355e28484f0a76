//! Opening a page for the user: the cashier for deposits and withdrawals, or one provider's own page.

use edge_cashier::{Amount, Currency, TransactionType};
use serde_json::{Value, json};

use super::answer::Problem;
use super::checks::{Fields, customer};
use super::{Answer, Call, Operation};
use crate::store::{Checkout, Kind, NewTransaction, Stage, Transaction};

/// What the payment requests share, checked.
pub(super) struct Payment {
    pub(super) tracking_id: String,
    pub(super) user_id: String,
    pub(super) amount: Amount,
    pub(super) currency: Currency,
    pub(super) theme: String,
    pub(super) amount_is_restricted: bool,
    pub(super) deposit_limit: Option<Amount>,
    pub(super) payer: Option<String>,
    /// `provider_id` or `routing_id`.
    pub(super) provider: Option<u32>,
}

impl Payment {
    /// Reads `request`. What only this operation has is read by `more`.
    pub(super) fn read<'a>(
        body: &'a Value,
        operation: Operation,
        more: impl FnOnce(&mut Fields<'a>),
    ) -> Result<Self, Vec<Problem>> {
        let mut all = Fields::of_body(body);
        let mut request = all.object("request", true);
        request.text("mode", false);
        request.object("settings", false);
        let user_id = request.text("user_id", true);
        let tracking_id = request.text("tracking_id", true);
        request.formed("ip", false, "must be an IP address", |text| {
            text.parse::<std::net::IpAddr>().is_ok()
        });
        let money = request.money();
        let theme = request.text("theme", false);
        let amount_is_restricted = request.flag("amount_restricted");
        let provider = match operation {
            Operation::DirectPayment => request.whole("provider_id", true),
            Operation::CardPayment => request.whole("routing_id", true),
            _ => None,
        };
        let customer = customer(&mut request);
        all.absorb(request);
        more(&mut all);
        let problems = all.into_problems();
        let (Some(user_id), Some(tracking_id), Some((amount, currency)), true) =
            (user_id, tracking_id, money, problems.is_empty())
        else {
            return Err(problems);
        };
        Ok(Self {
            tracking_id: tracking_id.to_owned(),
            user_id: user_id.to_owned(),
            amount,
            currency,
            theme: theme.unwrap_or_default().to_owned(),
            amount_is_restricted: amount_is_restricted.unwrap_or(false),
            deposit_limit: customer.deposit_limit,
            payer: customer.name(),
            provider: provider.map(|id| u32::try_from(id).unwrap_or(u32::MAX)),
        })
    }

    /// The transaction that this payment starts.
    pub(super) fn transaction(&self, transaction_type: TransactionType, provider: String) -> NewTransaction {
        NewTransaction {
            tracking_id: self.tracking_id.clone(),
            user_id: self.user_id.clone(),
            transaction_type,
            currency: self.currency.clone(),
            amount: self.amount,
            payment_provider: provider,
            card_last_four: None,
            stage: Stage::Opened,
        }
    }
}

/// The body as JSON, or the answer to a body that is none.
pub(super) fn json_body(call: &Call<'_>) -> Result<Value, Answer> {
    serde_json::from_str(&call.body).map_err(|_| Answer::error(400, "the body is not JSON"))
}

/// `hosted_deposit` and `hosted_withdrawal`.
pub(super) fn hosted(call: &Call<'_>, operation: Operation) -> worker::Result<Answer> {
    let body = match json_body(call) {
        Ok(body) => body,
        Err(answer) => return Ok(answer),
    };
    let payment = match Payment::read(&body, operation, |_| ()) {
        Ok(payment) => payment,
        Err(problems) => return Ok(Answer::refused(&problems)),
    };
    let is_deposit = operation == Operation::HostedDeposit;
    let transaction_type = if is_deposit {
        TransactionType::Deposit
    } else {
        TransactionType::Withdrawal
    };
    let new = payment.transaction(transaction_type, String::new());
    let (_, mut checkout) = open(call, new, Kind::Cashier)?;
    // A payout is always of the amount that the merchant set aside.
    checkout = checkout.lock_amount(!is_deposit || payment.amount_is_restricted);
    checkout.theme = payment.theme;
    checkout.deposit_limit = payment
        .deposit_limit
        .filter(|_| is_deposit)
        .map(|limit| limit.to_string());
    checkout.payer = payment.payer;
    call.store.add_checkout(&checkout)?;
    Answer::json(200, &json!({ "token": checkout.token }))
}

/// `direct_payment`. The reference does not show its reply; a redirect needs an address.
pub(super) fn direct(call: &Call<'_>) -> worker::Result<Answer> {
    let body = match json_body(call) {
        Ok(body) => body,
        Err(answer) => return Ok(answer),
    };
    let payment = match Payment::read(&body, Operation::DirectPayment, |_| ()) {
        Ok(payment) => payment,
        Err(problems) => return Ok(Answer::refused(&problems)),
    };
    let provider = call.settings.provider_name(payment.provider.unwrap_or_default());
    let new = payment.transaction(TransactionType::Deposit, provider);
    let (transaction, mut checkout) = open(call, new, Kind::Provider)?;
    checkout.payer = payment.payer;
    call.store.add_checkout(&checkout)?;
    let url = page_url(call, &checkout);
    Answer::json(
        200,
        &json!({ "url": url, "transaction_status": transaction.status }),
    )
}

/// Starts a transaction and makes a page for it, which still has to be kept.
pub(super) fn open(
    call: &Call<'_>,
    new: NewTransaction,
    kind: Kind,
) -> worker::Result<(Transaction, Checkout)> {
    let mut random = call.store.random(call.settings)?;
    let Some(transaction) = call.store.add_transaction(new, &mut random, call.now)? else {
        return Err(worker::Error::RustError(
            "the transaction was not kept".to_owned(),
        ));
    };
    let expires_at = call.now + i64::from(call.settings.token_seconds) * 1000;
    let checkout = Checkout::new(random.token()?, transaction.id, kind, expires_at);
    Ok((transaction, checkout))
}

/// Where a page is.
pub(super) fn page_url(call: &Call<'_>, checkout: &Checkout) -> String {
    format!("{}/{}/{}", call.origin, checkout.kind.segment(), checkout.token)
}
