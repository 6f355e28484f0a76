//! Sending. Every webhook is in the outbox before it is sent, and stays until it is answered.
//!
//! A webhook is sent the moment that it is queued. Its row says that it is being sent for as long as its sender lives, and
//! no clock ends that: a machine that stood still would make two senders of one. A sender dies with its object alone; the
//! next object frees its rows, and the alarm wakes that object.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use futures_util::future::{Either, select};
use worker::{AbortController, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, State};

use super::compose::Event;
use super::schedule::{plan, reorder, wait_after};
use crate::clock;
use crate::random::Draw;
use crate::settings::Settings;
use crate::store::{Answer, NewWebhook, SEEDED, Store, Webhook, WebhookState, by_event};

/// The longest that one attempt may take: so many ticks.
const ATTEMPT_TICKS: u32 = 20;
const TICK: Duration = Duration::from_millis(500);
const USER_AGENT: &str = concat!("edge-cashier-simulator/", env!("CARGO_PKG_VERSION"));
/// When the alarm looks after a webhook that is being sent.
const RESCUE_MS: i64 = 15_000;
/// The lane of webhooks that a fault has reordered.
const REORDERED: &str = "reordered";

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

    /// Signs webhooks, puts them into the outbox and, unless a fault says otherwise, sends them now. Nothing is awaited before
    /// all of them are kept, so that a restart loses none.
    pub(crate) async fn queue(&self, events: &[Event]) -> worker::Result<()> {
        for event in events {
            // Read anew each time: a fault that counts down changes them.
            self.keep(event, &self.store.settings()?)?;
        }
        self.send_due().await
    }

    /// Does the same as if no fault of webhooks were set.
    pub(crate) async fn queue_without_fault(&self, events: &[Event]) -> worker::Result<()> {
        let settings = Settings {
            webhook_fault: None,
            ..self.store.settings()?
        };
        for event in events {
            self.keep(event, &settings)?;
        }
        self.send_due().await
    }

    /// Signs a webhook and puts it into the outbox.
    fn keep(&self, event: &Event, settings: &Settings) -> worker::Result<()> {
        let fault = settings.webhook_fault.clone().unwrap_or_default();
        let now = clock::now();
        let position = self.store.next_position(Draw::Loss)?;
        let plan = plan(&fault, settings.seed, position, now);
        if plan.state == WebhookState::Dropped && fault.drop > 0 {
            self.count_loss(settings)?;
        }

        let mut password = settings.webhook_password.clone();
        if fault.wrong_password {
            password.push_str("-wrong");
        }
        let (body, signature) = event.signed(fault.wire, &password)?;
        let lane = match settings.seed {
            Some(_) => SEEDED.to_owned(),
            None => event.tracking_id.clone(),
        };
        let new = NewWebhook {
            tracking_id: event.tracking_id.clone(),
            transaction_id: event.transaction_id.clone(),
            status: event.status.clone(),
            turn: self.store.next_turn(&lane, &body)?,
            lane,
            signature,
            body,
            state: plan.state,
            next_at: plan.next_at,
        };
        for _ in 0..plan.copies {
            self.store.add_webhook(new.clone(), now)?;
        }
        if plan.state == WebhookState::Held {
            let held = self.store.held_webhooks()?;
            let enough = usize::try_from(fault.reorder).unwrap_or(usize::MAX);
            if by_event(&held).len() >= enough {
                self.release(&held, settings, now)?;
            }
        }
        Ok(())
    }

    /// Sends whatever is due, and sets the alarm for the rest. This is also what the alarm does, and what follows an attempt.
    pub(crate) async fn send_due(&self) -> worker::Result<()> {
        let now = clock::now();
        let is_over = |webhook: &Webhook| webhook.next_at.is_some_and(|at| at <= now);
        let held = self.store.held_webhooks()?;
        if held.iter().any(is_over) {
            self.release(&held, &self.store.settings()?, now)?;
        }
        // Nothing is awaited between finding and taking: two senders cannot find the same webhook.
        for webhook in self.store.due_webhooks(now)? {
            self.store.begin_attempt(webhook.id)?;
            self.spawn(webhook);
        }
        let storage = self.state.storage();
        match self.store.next_webhook_at(now, now + RESCUE_MS)? {
            Some(at) => {
                let wait = u64::try_from(at - now).unwrap_or_default();
                storage.set_alarm(Duration::from_millis(wait)).await
            }
            None => storage.delete_alarm().await,
        }
    }

    /// Sends what is held, whether or not more is awaited.
    pub(crate) async fn send_held(&self) -> worker::Result<()> {
        let held = self.store.held_webhooks()?;
        self.release(&held, &self.store.settings()?, clock::now())?;
        self.send_due().await
    }

    /// Lets the held webhooks be sent, one event after the other in another order.
    fn release(&self, held: &[Webhook], settings: &Settings, now: i64) -> worker::Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        let fault = settings.webhook_fault.clone().unwrap_or_default();
        let position = self.store.next_position(Draw::Order)?;
        let mut events = by_event(held);
        reorder(
            &mut events,
            fault.seed_or(settings.seed).unwrap_or_default(),
            position,
        );
        let lane = settings.seed.map_or(REORDERED, |_| SEEDED);
        let at = now + i64::from(fault.delay_ms);
        for webhook in events.into_iter().flatten() {
            let turn = self.store.next_turn(lane, &webhook.body)?;
            self.store.release_webhook(webhook.id, lane, turn, at)?;
        }
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

    /// Makes one attempt beside whatever else the object does, and then looks for what may follow it.
    fn spawn(&self, webhook: Webhook) {
        let outbox = self.clone();
        self.state.wait_until(async move {
            if let Err(error) = attempt(&outbox.store, webhook).await {
                worker::console_error!("a webhook's attempt could not be recorded: {error}");
            }
            if let Err(error) = outbox.send_due().await {
                worker::console_error!("the next webhooks could not be looked for: {error}");
            }
        });
    }
}

/// Sends one webhook once, and writes down what came of it.
async fn attempt(store: &Store, mut webhook: Webhook) -> worker::Result<()> {
    let url = store.settings()?.webhook_url;
    let answer = post(&url, &webhook).await;

    let now = clock::now();
    let (status, error) = match answer {
        Ok(status) => (Some(status), None),
        Err(error) => (None, Some(error.to_string())),
    };
    webhook.answers.push(Answer {
        at: now,
        status,
        error,
    });
    let is_answered = status.is_some_and(|status| (200..300).contains(&status));
    webhook.delivered_at = is_answered.then_some(now);
    webhook.next_at = wait_after(webhook.answers.len())
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
    let abort = AbortController::default();
    let signal = abort.signal();
    let fetch = Fetch::Request(request);
    let answer = pin!(fetch.send_with_signal(&signal));
    match select(answer, pin!(timeout())).await {
        Either::Left((response, _)) => Ok(response?.status_code()),
        Either::Right(_) => {
            abort.abort();
            let error = "no answer within 10 seconds".to_owned();
            Err(worker::Error::RustError(error))
        }
    }
}

/// Waits as long as an attempt may take. In ticks: of the time in which the machine stood still only one counts, so that
/// an answer that came meanwhile is seen first.
async fn timeout() {
    for _ in 0..ATTEMPT_TICKS {
        Delay::from(TICK).await;
    }
}
