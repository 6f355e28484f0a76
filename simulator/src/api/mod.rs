//! The Payments API: eight operations, each behind an API key, each recorded, and each with the faults that were asked for.

mod answer;
mod card;
mod checks;
mod listing;
mod mask;
mod payment;
mod payout;
mod status;

pub(crate) use answer::Answer;

use serde_json::{Map, Value};
use worker::{Method, Request, Response, State};

use crate::clock;
use crate::fault::{Fault, FaultKind, Transport};
use crate::settings::Settings;
use crate::store::{NewRequest, Store};
use crate::webhook::Outbox;

/// The operations, with the routes that are placeholders for what the merchant portal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    HostedDeposit,
    HostedWithdrawal,
    DirectPayment,
    CardPayment,
    RejectPayout,
    ApprovePayout,
    TransactionStatus,
    ListTransactions,
}

/// All of them.
pub(crate) const OPERATIONS: [Operation; 8] = [
    Operation::HostedDeposit,
    Operation::HostedWithdrawal,
    Operation::DirectPayment,
    Operation::CardPayment,
    Operation::RejectPayout,
    Operation::ApprovePayout,
    Operation::TransactionStatus,
    Operation::ListTransactions,
];

impl Operation {
    /// The operation's name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::HostedDeposit => "hosted_deposit",
            Self::HostedWithdrawal => "hosted_withdrawal",
            Self::DirectPayment => "direct_payment",
            Self::CardPayment => "card_payment",
            Self::RejectPayout => "reject_payout",
            Self::ApprovePayout => "approve_payout",
            Self::TransactionStatus => "transaction_status",
            Self::ListTransactions => "list_transactions",
        }
    }

    /// The operation of a path, and the method that it wants.
    pub(crate) fn of_path(segments: &[&str]) -> Option<(Self, Method)> {
        Some(match segments {
            ["cashier", "deposit"] => (Self::HostedDeposit, Method::Post),
            ["cashier", "withdrawal"] => (Self::HostedWithdrawal, Method::Post),
            ["payments", "direct"] => (Self::DirectPayment, Method::Post),
            ["payments", "card"] => (Self::CardPayment, Method::Post),
            ["payouts", "reject"] => (Self::RejectPayout, Method::Post),
            ["payouts", "approve"] => (Self::ApprovePayout, Method::Post),
            ["transactions"] => (Self::ListTransactions, Method::Get),
            ["transactions", _] => (Self::TransactionStatus, Method::Get),
            _ => return None,
        })
    }
}

/// What an operation works with.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) store: &'a Store,
    pub(crate) settings: &'a Settings,
    /// Where this simulator is reached, without a closing slash.
    pub(crate) origin: String,
    /// The last segment of the path, decoded.
    pub(crate) id: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) now: i64,
}

impl Call<'_> {
    /// Where webhooks go.
    pub(crate) fn outbox(&self) -> Outbox<'_> {
        Outbox::new(self.state, self.store)
    }
}

/// Answers one call of the API.
pub(crate) async fn serve(
    state: &State,
    store: &Store,
    operation: Operation,
    method: Method,
    mut request: Request,
) -> worker::Result<Response> {
    let settings = store.settings()?;
    let url = request.url()?;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let id = url.path_segments().and_then(Iterator::last).unwrap_or_default();
    let call = Call {
        state,
        store,
        settings: &settings,
        origin: url.origin().ascii_serialization(),
        id: crate::http::percent_decoded(id),
        query: url.query_pairs().into_owned().collect(),
        body: request.text().await?,
        now: clock::now(),
    };
    let headers: Map<String, Value> = request
        .headers()
        .entries()
        .map(|(name, value)| (name, value.into()))
        .collect();

    let fault = settings
        .fault
        .clone()
        .filter(|fault| fault.concerns(operation.as_str()));
    if let Some(fault) = &fault {
        let mut next = store.settings()?;
        next.fault = fault.clone().after_one_call();
        store.set_settings(&next)?;
    }

    let tracking_id = tracking_id(operation, &call)?;
    let is_executed = fault.as_ref().is_none_or(Fault::is_executed);
    let mut answer = if request.method() != method {
        Answer::error(405, "this address takes another method").header("allow", method.as_ref())
    } else if !has_key(&settings, &request)? {
        Answer::error(401, "x-api-key is missing or not a key of this merchant")
    } else if is_executed {
        execute(operation, &call).await?
    } else {
        Answer::error(500, "simulated fault")
    };
    // Who has no key does not get so far as to meet a fault.
    let fault = fault.filter(|_| !matches!(answer.status, 401 | 405));
    if let Some(fault) = &fault {
        answer = faulty(answer, fault);
    }

    store.add_request(NewRequest {
        at: call.now,
        operation: operation.as_str(),
        tracking_id,
        method: request.method().to_string(),
        path,
        headers: Value::Object(headers).to_string(),
        body: mask::without_card_data(&call.body, operation == Operation::CardPayment),
        status: answer.status,
        fault: fault
            .as_ref()
            .and_then(|fault| serde_json::to_value(fault.kind).ok())
            .and_then(|kind| kind.as_str().map(str::to_owned)),
    })?;
    answer.into_response()
}

fn has_key(settings: &Settings, request: &Request) -> worker::Result<bool> {
    let key = request.headers().get("x-api-key")?;
    Ok(key.is_some_and(|key| settings.api_keys.contains(&key)))
}

async fn execute(operation: Operation, call: &Call<'_>) -> worker::Result<Answer> {
    match operation {
        Operation::HostedDeposit | Operation::HostedWithdrawal => payment::hosted(call, operation),
        Operation::DirectPayment => payment::direct(call),
        Operation::CardPayment => card::pay(call).await,
        Operation::RejectPayout => payout::reject(call).await,
        Operation::ApprovePayout => payout::approve(call).await,
        Operation::TransactionStatus => status::latest(call),
        Operation::ListTransactions => listing::list(call),
    }
}

/// The merchant's id that a request is about, also where it names the gateway's.
fn tracking_id(operation: Operation, call: &Call<'_>) -> worker::Result<Option<String>> {
    let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(match operation {
        Operation::TransactionStatus => Some(call.id.clone()),
        Operation::ListTransactions => None,
        Operation::ApprovePayout => body.get("transaction_id").and_then(text),
        Operation::RejectPayout => match body.get("transaction_id").and_then(text) {
            Some(id) => call
                .store
                .transaction_by_gateway_id(&id)?
                .map(|found| found.tracking_id),
            None => None,
        },
        _ => body.pointer("/request/tracking_id").and_then(text),
    })
}

/// The answer as the fault spoils it.
fn faulty(answer: Answer, fault: &Fault) -> Answer {
    let mut spoiled = match fault.kind {
        FaultKind::Status => {
            let body = fault
                .body
                .clone()
                .unwrap_or_else(|| r#"{"error":"simulated fault"}"#.to_owned());
            Answer::text(fault.status.unwrap_or(500), "application/json", body)
        }
        FaultKind::Html => {
            let page = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>";
            let body = fault.body.clone().unwrap_or_else(|| page.to_owned());
            Answer::text(fault.status.unwrap_or(502), "text/html; charset=utf-8", body)
        }
        FaultKind::Empty => Answer::text(fault.status.unwrap_or(200), "application/json", String::new()),
        FaultKind::Slow | FaultKind::Hang | FaultKind::Cut => {
            let mut answer = answer;
            answer.status = fault.status.unwrap_or(answer.status);
            answer
        }
    };
    if let Some(value) = fault.retry_after_header() {
        spoiled = spoiled.header("retry-after", &value);
    }
    if let Some(transport) = Transport::of(fault) {
        spoiled = spoiled.header(Transport::HEADER, &transport.to_header());
    }
    spoiled
}
