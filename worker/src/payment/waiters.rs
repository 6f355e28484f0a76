//! Those who wait for a change of the payment: woken by the change itself, or by nothing (their own time limit ends the wait).

use std::cell::RefCell;

use futures_channel::oneshot::{self, Receiver, Sender};

/// One payment is watched by one or two browser tabs. Whoever comes after this many is answered at once and may ask again.
const MAX_WAITERS: usize = 16;

/// The long polls of one payment. They are in memory only: a reset ends them, and their browsers ask again.
#[derive(Debug, Default)]
pub(super) struct Waiters(RefCell<Vec<Sender<()>>>);

impl Waiters {
    /// A place among those who wait, or `None` when all are taken. Giving up is dropping the receiver.
    pub(super) fn join(&self) -> Option<Receiver<()>> {
        let mut waiting = self.0.borrow_mut();
        waiting.retain(|sender| !sender.is_canceled());
        if waiting.len() >= MAX_WAITERS {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        waiting.push(sender);
        Some(receiver)
    }

    /// Wakes all of them. Each reads the rows again, so an extra wake-up harms nobody.
    pub(super) fn wake(&self) {
        for sender in self.0.borrow_mut().drain(..) {
            // One that gave up in the meantime needs no waking.
            let _ = sender.send(());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_reaches_everybody_once() {
        let waiters = Waiters::default();
        let mut first = waiters.join().unwrap();
        let mut second = waiters.join().unwrap();
        assert_eq!(first.try_recv(), Ok(None));
        waiters.wake();
        assert_eq!(
            (first.try_recv(), second.try_recv()),
            (Ok(Some(())), Ok(Some(())))
        );
    }

    #[test]
    fn places_are_limited_and_given_back() {
        let waiters = Waiters::default();
        let mut taken: Vec<_> = (0..MAX_WAITERS).map(|_| waiters.join().unwrap()).collect();
        assert!(waiters.join().is_none());
        drop(taken.pop());
        assert!(waiters.join().is_some());
    }
}
