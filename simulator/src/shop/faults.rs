//! The demo's faults: what goes wrong between the gateway, the Worker and this shop, and what became of a payment's webhooks.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::session::SignedIn;
use crate::fault::Wire;
use crate::query::OfPayment;
use crate::reply::{ErrorReply, Reply};
use crate::settings::Settings;
use crate::store::{Store, Webhook, WebhookState, by_event};
use crate::webhook::{Event, Outbox};

/// How many more times each webhook is sent.
const DUPLICATES: u32 = 4;
/// How many of a hundred webhooks are lost.
const LOST_PERCENT: u32 = 50;
/// How many webhooks wait for one another, to be sent in another order.
const REORDERED: u32 = 2;

/// The faults that the storefront offers. All may be on together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faults {
    /// Each webhook is sent five times.
    duplicate: bool,
    /// Half of the webhooks are lost on the way.
    lose: bool,
    /// A `pending` webhook goes with the final one, and the order is changed.
    reorder: bool,
    /// Webhooks are signed with another password.
    wrong_password: bool,
    /// Bodies are written over several lines; the signature is that of the compact form.
    pretty: bool,
    /// This shop's endpoint answers every second try with 503.
    endpoint_fails: bool,
}

impl Faults {
    fn of(settings: &Settings, endpoint_fails: bool) -> Self {
        let fault = settings.webhook_fault.clone().unwrap_or_default();
        Self {
            duplicate: fault.duplicate > 0,
            lose: fault.drop_percent > 0,
            reorder: fault.reorder > 1,
            wrong_password: fault.wrong_password,
            pretty: fault.wire == Some(Wire::Pretty),
            endpoint_fails,
        }
    }

    /// Writes them into the settings. What the control page has set beside them stays.
    fn write(self, settings: &mut Settings) {
        let before = Self::of(settings, self.endpoint_fails);
        let number = |is: bool, value: u32| if is { value } else { 0 };
        let mut fault = settings.webhook_fault.take().unwrap_or_default();
        fault.duplicate = number(self.duplicate, DUPLICATES);
        fault.drop_percent = number(self.lose, LOST_PERCENT);
        fault.reorder = number(self.reorder, REORDERED);
        fault.wrong_password = self.wrong_password;
        if self.pretty || before.pretty {
            fault.wire = self.pretty.then_some(Wire::Pretty);
        }
        if self.reorder != before.reorder {
            settings.pending_webhook = self.reorder;
        }
        settings.webhook_fault = Some(fault);
    }
}

/// What became of a payment's webhooks.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct Sent {
    /// How many different things the gateway had to report.
    events: usize,
    /// How often one of them was sent.
    sends: i64,
    /// How many webhooks were answered with 2xx.
    answered: usize,
    /// How many webhooks wait to be sent, for the first time or again.
    waiting: usize,
    /// How many webhooks were answered with 401 last.
    refused: usize,
    /// How many webhooks were lost, and never sent.
    lost: usize,
    /// How many of the events have not been answered with 2xx in any of their webhooks.
    unanswered: usize,
}

impl Sent {
    fn of(webhooks: &[Webhook]) -> Self {
        let count = |which: fn(&Webhook) -> bool| webhooks.iter().filter(|webhook| which(webhook)).count();
        let events = by_event(webhooks);
        Self {
            events: events.len(),
            sends: webhooks.iter().map(|webhook| webhook.attempts).sum(),
            answered: count(|webhook| webhook.state == WebhookState::Delivered),
            waiting: count(|webhook| matches!(webhook.state, WebhookState::Queued | WebhookState::Held)),
            refused: count(|webhook| {
                let last = webhook.answers.last();
                last.is_some_and(|answer| answer.status == Some(401))
            }),
            lost: count(|webhook| webhook.state == WebhookState::Dropped),
            unanswered: events.iter().filter(|event| !is_answered(event)).count(),
        }
    }
}

/// Tells whether any of an event's webhooks was answered with 2xx.
fn is_answered(event: &[&Webhook]) -> bool {
    event
        .iter()
        .any(|webhook| webhook.state == WebhookState::Delivered)
}

/// The faults, and the payment's webhooks if one was named.
#[derive(Serialize)]
pub(crate) struct Shown {
    faults: Faults,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhooks: Option<Sent>,
}

/// Answers `GET /shop/faults`.
pub(crate) async fn show(
    _: SignedIn,
    State(store): State<Store>,
    Query(of): Query<OfPayment>,
) -> Reply<Shown> {
    let webhooks = of.tracking_id.map(|id| store.webhooks(Some(&id))).transpose()?;
    Ok(Json(Shown {
        faults: Faults::of(&store.settings()?, store.endpoint_fails()?),
        webhooks: webhooks.as_deref().map(Sent::of),
    }))
}

/// Answers `PUT /shop/faults`.
pub(crate) async fn change(_: SignedIn, State(store): State<Store>, body: String) -> Reply<Shown> {
    let faults: Faults =
        serde_json::from_str(&body).map_err(|error| ErrorReply::unprocessable(error.to_string()))?;
    let mut settings = store.settings()?;
    faults.write(&mut settings);
    store.set_settings(&settings)?;
    store.set_endpoint_fails(faults.endpoint_fails)?;
    Ok(Json(Shown {
        faults,
        webhooks: None,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    tracking_id: String,
}

/// Answers `POST /shop/faults/resend`: has the gateway send, without a fault, whatever of a payment has not been answered.
#[worker::send]
pub(crate) async fn resend(
    _: SignedIn,
    State(outbox): State<Outbox>,
    body: String,
) -> Result<StatusCode, ErrorReply> {
    let Resend { tracking_id } =
        serde_json::from_str(&body).map_err(|error| ErrorReply::unprocessable(error.to_string()))?;
    let webhooks = outbox.store.webhooks(Some(&tracking_id))?;
    let unanswered = by_event(&webhooks)
        .into_iter()
        .filter(|event| !is_answered(event));
    let events: Vec<Event> = unanswered
        .filter_map(|event| event.into_iter().next())
        .map(|webhook| Event::read(&webhook.body))
        .collect::<Result<_, _>>()?;
    outbox.queue_without_fault(&events).await?;
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::{Faults, Sent};
    use crate::store::{Answer, Webhook, WebhookState};

    fn webhook(status: &str, state: WebhookState, answers: &[u16]) -> Webhook {
        let answer = |status: &u16| Answer {
            at: 0,
            status: Some(*status),
            error: None,
        };
        Webhook {
            id: 1,
            tracking_id: "t".to_owned(),
            transaction_id: "a".to_owned(),
            status: status.to_owned(),
            body: String::new(),
            signature: String::new(),
            state,
            lane: String::new(),
            turn: 0,
            attempts: i64::try_from(answers.len()).unwrap_or_default(),
            answers: answers.iter().map(answer).collect(),
            created_at: 0,
            delivered_at: None,
            next_at: None,
        }
    }

    #[test]
    fn copies_are_one_event_and_a_lost_one_counts_as_unanswered_until_it_is_sent_again() {
        let mut webhooks = vec![
            webhook("successful", WebhookState::Delivered, &[500, 204]),
            webhook("successful", WebhookState::Delivered, &[204]),
            webhook("pending", WebhookState::Dropped, &[]),
            webhook("rejected", WebhookState::Queued, &[500, 500, 401]),
        ];
        let sent = Sent {
            events: 3,
            sends: 6,
            answered: 2,
            waiting: 1,
            refused: 1,
            lost: 1,
            unanswered: 2,
        };
        assert_eq!(Sent::of(&webhooks), sent);
        webhooks.push(webhook("pending", WebhookState::Delivered, &[204]));
        assert_eq!(Sent::of(&webhooks).unanswered, 1);
        assert_eq!(Sent::of(&[]), Sent::default());
    }

    #[test]
    fn every_fault_is_named() {
        assert!(serde_json::from_str::<Faults>(r#"{"duplicate":true}"#).is_err());
        assert!(serde_json::from_str::<Faults>(r#"{"duplicate":true,"lose":false,"reorder":false,"wrong_password":false,"pretty":false,"endpoint_fails":false,"other":true}"#).is_err());
    }
}
