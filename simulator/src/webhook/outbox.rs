//! Sending. Every webhook is in the outbox before it is sent, and stays until it is answered.
//!
//! A webhook is sent the moment that it is queued. The object's alarm sends again whatever is due, and is also what
//! finds a webhook whose sender died: a sender holds a lease, and the alarm is set for the lease's end.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use worker::{AbortSignal, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, State, Storage};

use super::compose::{Event, signature};
use super::schedule::{plan, reorder, wait_after};
use crate::clock;
use crate::fault::WebhookFault;
use crate::settings::Settings;
use crate::store::{NewWebhook, Store, Webhook, WebhookState};

/// The longest that one attempt may take.
const ATTEMPT_MS: i64 = 10_000;
const USER_AGENT: &str = concat!("edge-cashier-simulator/", env!("CARGO_PKG_VERSION"));
/// A lease outlives its attempt, so that nothing is sent by two at once.
const LEASE_MS: i64 = ATTEMPT_MS + 5_000;

/// The way to the merchant, and the storage behind it: what handlers have for their state.
#[derive(Clone)]
pub(crate) struct Outbox {
    state: Arc<State>,
    pub(crate) store: Store,
}

/// Lets a handler that sends nothing take the storage alone.
impl FromRef<Outbox> for Store {
    fn from_ref(outbox: &Outbox) -> Self {
        outbox.store.clone()
    }
}

impl Outbox {
    /// Returns the outbox of one object.
    pub(crate) fn new(state: Arc<State>, store: Store) -> Self {
        Self { state, store }
    }

    /// Forgets everything, also what was still to be sent.
    pub(crate) async fn reset(&self) -> worker::Result<()> {
        self.store.reset()?;
        self.state.storage().delete_alarm().await
    }

    /// Signs a webhook, puts it into the outbox and, unless a fault says otherwise, sends it now.
    pub(crate) async fn queue(&self, event: &Event, settings: &Settings) -> worker::Result<()> {
        let fault = settings.webhook_fault.clone().unwrap_or_default();
        let seed = seed_of(&fault, settings);
        let now = clock::now();
        let position = self.store.next_position()?;
        let plan = plan(&fault, seed, position, now);
        if plan.state == WebhookState::Dropped && fault.drop > 0 {
            self.count_loss(settings)?;
        }

        let body = event.body(fault.wire)?;
        let mut password = settings.webhook_password.clone();
        if fault.wrong_password {
            password.push_str("-wrong");
        }
        let new = NewWebhook {
            tracking_id: event.tracking_id.clone(),
            transaction_id: event.transaction_id.clone(),
            status: event.status.clone(),
            signature: signature(&body, &password)?,
            body,
            state: plan.state,
            next_at: plan.next_at,
        };
        for _ in 0..plan.copies {
            self.store.add_webhook(new.clone(), now)?;
        }
        if plan.state == WebhookState::Held {
            self.release(&fault, seed, position, false)?;
        }
        self.send_due().await
    }

    /// Sends whatever is due, and sets the alarm for the rest. This is also what the alarm does.
    pub(crate) async fn send_due(&self) -> worker::Result<()> {
        let now = clock::now();
        let held = self.store.held_webhooks()?;
        if held
            .iter()
            .any(|webhook| webhook.next_at.is_some_and(|at| at <= now))
        {
            let settings = self.store.settings()?;
            let fault = settings.webhook_fault.clone().unwrap_or_default();
            let seed = seed_of(&fault, &settings);
            self.release(&fault, seed, self.store.next_position()?, true)?;
        }
        // Nothing is awaited between finding and leasing: two senders cannot find the same webhook.
        for webhook in self.store.due_webhooks(now)? {
            self.store.lease_webhook(webhook.id, now + LEASE_MS)?;
            self.spawn(vec![webhook]);
        }
        set_alarm(&self.state.storage(), &self.store).await
    }

    /// Sends held webhooks one after the other in another order, once enough of them wait or the wait is over.
    fn release(&self, fault: &WebhookFault, seed: u64, position: i64, is_over: bool) -> worker::Result<()> {
        let mut held = self.store.held_webhooks()?;
        let enough = usize::try_from(fault.reorder).unwrap_or(usize::MAX);
        if held.is_empty() || (held.len() < enough && !is_over) {
            return Ok(());
        }
        reorder(&mut held, seed, position);
        let leases = i64::try_from(held.len()).unwrap_or(1).saturating_mul(LEASE_MS);
        for webhook in &held {
            self.store.lease_webhook(webhook.id, clock::now() + leases)?;
        }
        self.spawn(held);
        Ok(())
    }

    /// Counts one lost webhook less to lose.
    fn count_loss(&self, settings: &Settings) -> worker::Result<()> {
        let mut settings = settings.clone();
        if let Some(fault) = &mut settings.webhook_fault {
            fault.drop = fault.drop.saturating_sub(1);
        }
        self.store.set_settings(&settings)
    }

    /// Sends leased webhooks one after the other, beside whatever else the object does.
    fn spawn(&self, webhooks: Vec<Webhook>) {
        let store = self.store.clone();
        let storage = self.state.storage();
        self.state.wait_until(async move {
            for webhook in webhooks {
                if let Err(error) = attempt(&store, webhook).await {
                    worker::console_error!("a webhook's attempt could not be recorded: {error}");
                }
            }
            if let Err(error) = set_alarm(&storage, &store).await {
                worker::console_error!("the alarm for the next webhook could not be set: {error}");
            }
        });
    }
}

fn seed_of(fault: &WebhookFault, settings: &Settings) -> u64 {
    fault.seed.or(settings.seed).unwrap_or_default()
}

async fn set_alarm(storage: &Storage, store: &Store) -> worker::Result<()> {
    match store.next_webhook_at()? {
        Some(at) => {
            let wait = u64::try_from(at - clock::now()).unwrap_or_default();
            storage.set_alarm(Duration::from_millis(wait)).await
        }
        None => storage.delete_alarm().await,
    }
}

/// Sends one webhook once, and writes down what came of it.
async fn attempt(store: &Store, webhook: Webhook) -> worker::Result<()> {
    // The row may be gone since (the state was reset): then there is nothing to send.
    let Some(mut webhook) = store.webhook(webhook.id)? else {
        return Ok(());
    };
    let url = store.settings()?.webhook_url;
    let answer = post(&url, &webhook).await;

    webhook.attempts += 1;
    let is_answered = match answer {
        Ok(status) => {
            webhook.last_status = Some(status.into());
            webhook.last_error = None;
            (200..300).contains(&status)
        }
        Err(error) => {
            webhook.last_status = None;
            webhook.last_error = Some(error.to_string());
            false
        }
    };
    let now = clock::now();
    webhook.delivered_at = is_answered.then_some(now);
    webhook.next_at = wait_after(webhook.attempts)
        .filter(|_| !is_answered)
        .map(|wait| now + wait);
    webhook.state = match webhook.next_at {
        _ if is_answered => WebhookState::Delivered,
        Some(_) => WebhookState::Queued,
        None => WebhookState::Failed,
    };
    store.end_attempt(&webhook)
}

async fn post(url: &str, webhook: &Webhook) -> worker::Result<u16> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("user-agent", USER_AGENT)?;
    headers.set("x-signature", &webhook.signature)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        // A webhook is for the address that the merchant named, and for no other.
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(webhook.body.as_str().into()));
    let request = Request::new_with_init(url, &init)?;
    let timeout = u32::try_from(ATTEMPT_MS).unwrap_or(u32::MAX);
    let signal = AbortSignal::from(worker::web_sys::AbortSignal::timeout_with_u32(timeout));
    let response = Fetch::Request(request).send_with_signal(&signal).await?;
    Ok(response.status_code())
}
