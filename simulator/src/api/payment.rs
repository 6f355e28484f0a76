//! Opening a page for the user: the cashier for deposits and withdrawals, or one provider's own page.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use edge_cashier::{Amount, TransactionType};
use serde_json::{Value, json};

use super::fields::{Fields, Problem, customer, json_body};
use crate::clock;
use crate::reply::Reply;
use crate::settings::Settings;
use crate::store::{Checkout, NewTransaction, PageKind, Stage, Store, Transaction};

/// What the payment requests share, checked.
pub(super) struct Payment {
    /// The transaction that it starts.
    pub(super) transaction: NewTransaction,
    theme: String,
    amount_is_restricted: bool,
    deposit_limit: Option<Amount>,
    /// The user's name.
    pub(super) payer: Option<String>,
    /// `provider_id` or `routing_id`.
    pub(super) provider: u32,
}

impl Payment {
    /// Reads `request`, whose field `provider` names the provider. What only this operation has is read by `more`.
    pub(super) fn read<'a>(
        body: &'a Value,
        transaction_type: TransactionType,
        provider: Option<&str>,
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
        let provider = provider.and_then(|name| request.whole(name, true));
        let (deposit_limit, payer) = customer(&mut request);
        all.absorb(request);
        more(&mut all);
        let problems = all.into_problems();
        let (Some(user_id), Some(tracking_id), Some((amount, currency)), true) =
            (user_id, tracking_id, money, problems.is_empty())
        else {
            return Err(problems);
        };
        Ok(Self {
            transaction: NewTransaction {
                tracking_id: tracking_id.to_owned(),
                user_id: user_id.to_owned(),
                transaction_type,
                currency: currency.code().to_owned(),
                amount: amount.to_string(),
                payment_provider: String::new(),
                card_last_four: None,
                stage: Stage::Opened,
            },
            theme: theme.unwrap_or_default().to_owned(),
            amount_is_restricted: amount_is_restricted.unwrap_or(false),
            deposit_limit,
            payer,
            provider: u32::try_from(provider.unwrap_or_default()).unwrap_or(u32::MAX),
        })
    }
}

/// Answers `hosted_deposit`.
pub(crate) async fn hosted_deposit(State(store): State<Store>, body: String) -> Reply {
    let payment = Payment::read(&json_body(&body)?, TransactionType::Deposit, None, |_| ())?;
    let (_, mut checkout) = open(&store, &store.settings()?, payment.transaction, PageKind::Cashier)?;
    checkout.amount_is_locked = payment.amount_is_restricted;
    checkout.amount_limit = payment.deposit_limit.map(|limit| limit.to_string());
    checkout.theme = payment.theme;
    checkout.payer = payment.payer;
    store.add_checkout(&checkout)?;
    Ok(Json(json!({ "token": checkout.token })))
}

/// Answers `hosted_withdrawal`. The merchant has set the amount aside: it stays locked unless a setting opens it, and then
/// the user may ask for less.
pub(crate) async fn hosted_withdrawal(State(store): State<Store>, body: String) -> Reply {
    let payment = Payment::read(&json_body(&body)?, TransactionType::Withdrawal, None, |_| ())?;
    let settings = store.settings()?;
    let (transaction, mut checkout) = open(&store, &settings, payment.transaction, PageKind::Cashier)?;
    checkout.amount_is_locked = !settings.withdrawal_amount_editable;
    checkout.amount_limit = Some(transaction.amount);
    checkout.theme = payment.theme;
    checkout.payer = payment.payer;
    store.add_checkout(&checkout)?;
    Ok(Json(json!({ "token": checkout.token })))
}

/// Answers `direct_payment`. The reference does not show its reply; a redirect needs an address.
pub(crate) async fn direct_payment(State(store): State<Store>, uri: Uri, body: String) -> Reply {
    let body = json_body(&body)?;
    let mut payment = Payment::read(&body, TransactionType::Deposit, Some("provider_id"), |_| ())?;
    let settings = store.settings()?;
    payment.transaction.payment_provider = settings.provider_name(payment.provider);
    let (transaction, mut checkout) = open(&store, &settings, payment.transaction, PageKind::Provider)?;
    checkout.payer = payment.payer;
    store.add_checkout(&checkout)?;
    let url = page_url(&uri, &checkout);
    Ok(Json(
        json!({ "url": url, "transaction_status": transaction.status }),
    ))
}

/// Starts a transaction and makes a page for it, which still has to be kept.
pub(super) fn open(
    store: &Store,
    settings: &Settings,
    new: NewTransaction,
    kind: PageKind,
) -> worker::Result<(Transaction, Checkout)> {
    let mut random = store.random(settings)?;
    let now = clock::now();
    let transaction = store.add_transaction(new, &mut random, now)?;
    let expires_at = now + i64::from(settings.token_seconds) * 1000;
    let checkout = Checkout::new(random.token(), transaction.id, kind, expires_at);
    Ok((transaction, checkout))
}

/// Returns the address of a page, where the request found this simulator.
pub(super) fn page_url(request: &Uri, checkout: &Checkout) -> String {
    let scheme = request.scheme_str().unwrap_or("http");
    let authority = request.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}{}", checkout.path())
}
