//! The call that is under way in this object: whoever asks for the same meanwhile waits for its outcome.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use worker::State;

use super::message::Reply;

/// The outcome of a call, for everybody who waits for it.
pub(super) type Outcome<T> = Shared<LocalBoxFuture<'static, Reply<T>>>;

/// The call that is under way, if one is, and what it is about. It is in memory only: a reset ends it, and SQLite knows that it was under way.
pub(super) struct InFlight<About, T: Clone>(RefCell<Option<(About, Outcome<T>)>>);

impl<About, T: Clone> Default for InFlight<About, T> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<About: Clone + 'static, T: Clone + 'static> InFlight<About, T> {
    pub(super) fn get(&self) -> Option<(About, Outcome<T>)> {
        self.0.borrow().clone()
    }

    /// Begins a call while none is under way.
    pub(super) fn begin(
        self: &Rc<Self>,
        state: &State,
        about: About,
        call: impl Future<Output = Reply<T>> + 'static,
    ) -> Outcome<T> {
        let in_flight = Rc::clone(self);
        let call = async move {
            let outcome = call.await;
            in_flight.0.take();
            outcome
        };
        let outcome = call.boxed_local().shared();
        *self.0.borrow_mut() = Some((about, outcome.clone()));
        // It goes on even if everybody who waits for it goes away: its outcome must reach the disk.
        state.wait_until(outcome.clone().map(drop));
        outcome
    }
}
