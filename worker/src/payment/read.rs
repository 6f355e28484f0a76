//! Reading the payment's state, at once or as soon as it changes.

use std::time::Duration;

use futures_util::future::select;
use worker::{Delay, Result};

use super::Inner;
use super::message::{Read, Reply};
use super::view::{PublicView, View};
use crate::clock;
use crate::problem::{Code, Problem};

impl Inner {
    /// Answers with the state. With a wait, the answer comes as soon as the version is not the one that the asker knows, or the payment is successful
    /// or in conflict, or the time is over. A rejected payment is waited for, since it may be tried again. Waiting holds nothing up: the object goes on with
    /// its other requests.
    pub(super) async fn read(&self, read: Read) -> Result<Reply<PublicView>> {
        let deadline = clock::now_ms().unsigned_abs() + read.wait_ms;
        let mut known = read.version;
        loop {
            let view = match self.view_for(&read.user_id)? {
                Ok(view) => view,
                Err(problem) => return Ok(Err(problem)),
            };
            let left = deadline.saturating_sub(clock::now_ms().unsigned_abs());
            let changed = *known.get_or_insert(view.version()) != view.version();
            if changed || !view.may_change() || left == 0 {
                return Ok(Ok(view.public()));
            }
            // No await since the rows were read, so no change can fall between the reading and the joining.
            let Some(change) = self.waiters.join() else {
                return Ok(Ok(view.public()));
            };
            // Whichever ends first, the rows are read again: time that is over finds `left == 0`.
            select(change, Delay::from(Duration::from_millis(left))).await;
        }
    }

    /// The payment as its holder may see it.
    fn view_for(&self, user_id: &str) -> Result<Reply<View>> {
        let view = if self.store.exists()? {
            View::load(&self.store)?
        } else {
            None
        };
        Ok(match view {
            None => {
                let detail = "Open the payment first, with the same ticket: POST /v1/sessions, or POST /v1/card-payments for a card_payment.";
                Err(Problem::new(Code::SessionNotFound, detail))
            }
            Some(view) if view.belongs_to(user_id) => Ok(view),
            Some(_) => Err(Problem::new(
                Code::TicketMismatch,
                "The ticket's sub is not the user of this payment.",
            )),
        })
    }
}
