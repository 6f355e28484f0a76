//! When a webhook is sent, and when again. Pure, so that every rule can be looked at by itself.

use rand::RngExt;
use rand::seq::SliceRandom;

use crate::fault::WebhookFault;
use crate::random::{Draw, seeded};
use crate::store::WebhookState;

/// The wait after the first attempt that failed; it doubles with each. A real gateway waits longer: this one is for
/// people and tests that watch.
const FIRST_WAIT_MS: i64 = 500;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 30_000;
/// After so many attempts a webhook is given up.
pub(super) const MOST_ATTEMPTS: usize = 50;
/// How long webhooks are held for others that never come, in a run without a seed.
const LONGEST_HOLD_MS: i64 = 2_000;

/// Tells how long to wait after the `attempts`-th attempt; none: not again.
pub(super) fn wait_after(attempts: usize) -> Option<i64> {
    if attempts >= MOST_ATTEMPTS {
        return None;
    }
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or_default()
        .min(16);
    Some((FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS))
}

/// What becomes of a webhook that is put into the outbox.
pub(super) struct Plan {
    pub(super) state: WebhookState,
    pub(super) next_at: Option<i64>,
    pub(super) copies: u32,
}

/// Makes the plan under a fault. `position` is the webhook's place in the run: the same seed and place draw the same. With a
/// seed no clock ends a hold, so that the same webhooks are held together however quickly they come.
pub(super) fn plan(fault: &WebhookFault, settings_seed: Option<u64>, position: i64, now: i64) -> Plan {
    let seed = fault.seed_or(settings_seed);
    let is_lost = fault.drop > 0
        || (fault.drop_percent > 0
            && seeded(seed.unwrap_or_default(), Draw::Loss, position).random_range(0..100)
                < fault.drop_percent);
    let copies = fault.duplicate.saturating_add(1);
    let delay = i64::from(fault.delay_ms);
    let (state, next_at, copies) = if is_lost {
        (WebhookState::Dropped, None, 1)
    } else if fault.reorder > 1 {
        let hold_ends = seed.is_none().then_some(now + LONGEST_HOLD_MS);
        (WebhookState::Held, hold_ends, copies)
    } else {
        (WebhookState::Queued, Some(now + delay), copies)
    };
    Plan {
        state,
        next_at,
        copies,
    }
}

/// Draws another order for held webhooks. It is never the order in which they came, unless there is only one.
pub(super) fn reorder<T: PartialEq + Clone>(held: &mut [T], seed: u64, position: i64) {
    let before = held.to_vec();
    held.shuffle(&mut seeded(seed, Draw::Order, position));
    if held == before.as_slice() {
        held.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_ATTEMPTS, plan, reorder, wait_after};
    use crate::fault::WebhookFault;
    use crate::store::WebhookState;

    #[test]
    fn waits_double_up_to_the_longest_and_end() {
        let waits: Vec<_> = (1..=8).map(wait_after).collect();
        let expected = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].map(Some);
        assert_eq!(waits, expected);
        assert_eq!(wait_after(MOST_ATTEMPTS - 1), Some(30_000));
        assert_eq!(wait_after(MOST_ATTEMPTS), None);
    }

    #[test]
    fn a_seed_draws_the_same_losses_again() {
        let fault = WebhookFault {
            drop_percent: 50,
            ..WebhookFault::default()
        };
        let draw = |seed| -> Vec<_> { (0..64).map(|at| plan(&fault, Some(seed), at, 0).state).collect() };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let lost = draw(1)
            .iter()
            .filter(|state| **state == WebhookState::Dropped)
            .count();
        assert!((16..=48).contains(&lost), "{lost} of 64");
    }

    #[test]
    fn another_order_is_another_order() {
        for seed in 0..50 {
            let mut held = [1, 2, 3];
            reorder(&mut held, seed, 0);
            assert_ne!(held, [1, 2, 3]);
            let mut again = [1, 2, 3];
            reorder(&mut again, seed, 0);
            assert_eq!(held, again);
        }
    }
}
