//! The object's alarm: it delivers what waits, brings the index of exceptions up to date, and at the end of the retention time it deletes the payment.
//!
//! A message is sent until the merchant's endpoint answers 2xx, and marked afterwards: if the object stops in between, it is sent again under the same id. Nothing
//! here is kept in memory.

use edge_cashier::TransactionStatus;
use worker::Result;

use super::Inner;
use super::message::{DeliveryRecord, FindDelivery, Replay, Reply};
use super::outbox::{End, Waiting};
use super::store::PaymentRow;
use super::view;
use crate::config::{Config, environment};
use crate::delivery::Answer;
use crate::gateway;
use crate::problem::{Code, Problem};
use crate::{analytics, clock, log};

/// How many messages one alarm sends at most; the next alarm goes on.
const MAX_SENT: usize = 16;

/// When the alarm looks again after an error of the runtime's own.
pub(super) const RETRY_MS: i64 = 60_000;

const NO_MESSAGE: &str = "The payment has no message of this id.";

/// How long the gateway may deny a success of the only attempt before the message is withheld.
const DENIED_MS: i64 = 10 * 60_000;

/// The same while there are other attempts: long enough for the hourly reconciliation, whose list names attempts and so can confirm it.
const DENIED_OF_SEVERAL_MS: i64 = 3 * 60 * 60_000;

/// The log's word for what no request caused.
pub(super) const ALARM: &str = "alarm";

/// What the gateway says about a success that is to be delivered.
enum Confirmation {
    Agrees,
    /// It cannot be asked, or has not decided: later.
    NotYet(&'static str),
    Denies(String),
}

impl Inner {
    /// Does what is due, and sets the next alarm. What is an error here has set none: the runtime tries the same alarm again.
    pub(super) async fn alarm(&self) -> Result<()> {
        self.store.alarm_has_come();
        let done = match environment::config(&self.env) {
            Ok(config) => self.work(&config).await,
            Err(error) => Err(error.into()),
        };
        let Err(error) = done else {
            return Ok(());
        };
        log::failure(ALARM, "delivery", &error);
        let again = self.store.set_alarm(clock::now_ms() + RETRY_MS).await;
        again.inspect_err(|error| log::failure(ALARM, "alarm", error))
    }

    /// Reads the record of a message.
    pub(super) fn delivery(&self, find: &FindDelivery) -> Result<Reply<DeliveryRecord>> {
        let found = match self.store.exists()? {
            true => self.store.delivery(&find.id)?,
            false => None,
        };
        Ok(found.ok_or_else(|| Problem::new(Code::DeliveryNotFound, NO_MESSAGE)))
    }

    /// Sends a message once more, from the start of its waits.
    pub(super) async fn replay(&self, replay: Replay) -> Result<Reply<()>> {
        let config = environment::config(&self.env)?;
        if !self.store.exists()? || !self.store.requeue(&replay.id, clock::now_ms())? {
            return Ok(Err(Problem::new(Code::DeliveryNotFound, NO_MESSAGE)));
        }
        self.schedule(&config).await?;
        Ok(Ok(()))
    }

    async fn work(&self, config: &Config) -> Result<()> {
        self.store.migrate()?;
        for _ in 0..MAX_SENT {
            match self.store.first_waiting()? {
                Some(waiting) if waiting.next_at <= clock::now_ms() => self.deliver(config, &waiting).await?,
                _ => break,
            }
        }
        self.index().await?;
        let mut payment = self.store.payment()?;
        if is_over(config, &payment) {
            self.leave_index().await?;
            payment = self.store.payment()?;
            if is_over(config, &payment) {
                return self.store.delete_all().await;
            }
            // A webhook came meanwhile: the payment goes on, and has to be written to the index anew.
            self.store.note_change(clock::now_ms())?;
            payment = self.store.payment()?;
        }
        self.schedule_for(config, &payment).await
    }

    /// Sets the alarm for the next thing that is due. Called after every write that may have changed what that is.
    pub(super) async fn schedule(&self, config: &Config) -> Result<()> {
        self.schedule_for(config, &self.store.payment()?).await
    }

    /// The same for who has the row. While a message waits the payment is kept, however short the retention is.
    pub(super) async fn schedule_for(&self, config: &Config, payment: &PaymentRow) -> Result<()> {
        let at = payment
            .deliver_at
            .unwrap_or_else(|| retained_until(config, payment));
        let at = payment.index_at().map_or(at, |index_at| index_at.min(at));
        self.store.set_alarm(at).await
    }

    /// Tries the message once: the gateway's word first where it is needed, then the merchant's endpoint.
    async fn deliver(&self, config: &Config, waiting: &Waiting) -> Result<()> {
        if waiting.awaits_confirmation() {
            match self.confirmation(config).await? {
                Confirmation::Agrees => self.store.confirmed(waiting.seq, clock::now_ms())?,
                Confirmation::NotYet(why) => return self.failed(waiting, why),
                Confirmation::Denies(why) if self.may_still_agree(waiting)? => {
                    return self.failed(waiting, &why);
                }
                Confirmation::Denies(why) => {
                    log::Line::Withheld {
                        delivery_id: &waiting.id,
                        answer: &why,
                    }
                    .write();
                    return self.end(waiting, End::Withheld, &why);
                }
            }
        }
        let Some(endpoint) = &config.endpoint else {
            return self.failed(waiting, "MERCHANT_WEBHOOK_URL is not set");
        };
        match endpoint.send(&waiting.id, &waiting.body, clock::now_s()).await {
            Answer::Accepted => self.end(waiting, End::Delivered, "accepted"),
            Answer::Gone => {
                log::Line::Undelivered {
                    delivery_id: &waiting.id,
                    answer: "answered 410",
                }
                .write();
                self.end(waiting, End::Parked, "answered 410")
            }
            Answer::Failed(why) => self.failed(waiting, &why),
        }
    }

    /// Whether the gateway's denial may be about something else than this success. It is asked about the payment and not about an attempt, so it may be behind its own
    /// webhook, or speak of another attempt: a declined card before this one, or one after it.
    fn may_still_agree(&self, waiting: &Waiting) -> Result<bool> {
        let has_others = view::ledger(&self.store)?.attempts().len() > 1;
        let patience = if has_others {
            DENIED_OF_SEVERAL_MS
        } else {
            DENIED_MS
        };
        Ok(clock::now_ms() < waiting.created_at.saturating_add(patience))
    }

    fn end(&self, waiting: &Waiting, end: End, answer: &str) -> Result<()> {
        let now = clock::now_ms();
        analytics::delivery(&self.env, end.as_str(), now - waiting.created_at);
        self.store.ended(waiting, end, answer, now)
    }

    /// Tries again later. It is in the log, also when it was the gateway that could not confirm: after three days this was the last word.
    fn failed(&self, waiting: &Waiting, why: &str) -> Result<()> {
        log::Line::Undelivered {
            delivery_id: &waiting.id,
            answer: why,
        }
        .write();
        let now = clock::now_ms();
        analytics::delivery(&self.env, "failed", now - waiting.created_at);
        self.store.failed(waiting, why, now, js_sys::Math::random())
    }

    /// Asks the gateway for the payment's latest state: a webhook's signature has no time in it, and who knows the password could have made it.
    async fn confirmation(&self, config: &Config) -> Result<Confirmation> {
        let payment = self.store.payment()?;
        let status = gateway::transaction_status(config, payment.tracking_id()?, ALARM).await;
        Ok(match status {
            Ok(TransactionStatus::Successful) => Confirmation::Agrees,
            Ok(status) if status.is_final() => {
                Confirmation::Denies(format!("the gateway says {}", status.as_str()))
            }
            Ok(_) => Confirmation::NotYet("the gateway has not decided"),
            Err(why) => Confirmation::NotYet(why),
        })
    }
}

/// Whether nothing waits and the payment need not be kept any longer.
fn is_over(config: &Config, payment: &PaymentRow) -> bool {
    payment.deliver_at.is_none() && retained_until(config, payment) <= clock::now_ms()
}

/// Until when the payment is kept. As long again while a message can only be had by a replay, or the index could not be brought up to date.
fn retained_until(config: &Config, payment: &PaymentRow) -> i64 {
    let times = if payment.is_unfinished() { 2 } else { 1 };
    payment.touched_at.saturating_add(config.retention_ms * times)
}
