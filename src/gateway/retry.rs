//! Whether to send a failed request again, and after how long. A pure decision: time and randomness are arguments.

use std::time::Duration;

use crate::gateway::error::GatewayError;
use crate::operation::name::OperationName;

/// How patient to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often to send again after the first attempt. 0 is never.
    pub max_retries: u32,
    /// The longest wait after the first failure; it doubles with each further one.
    pub base: Duration,
    /// No wait is longer than this. A gateway that asks for more (`Retry-After`) is not asked again.
    pub cap: Duration,
}

/// Two retries, at most 0.5 s and 1 s apart, never more than 30 s.
impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            max_retries: 2,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// The default with another number of retries.
    pub fn with_max_retries(max_retries: u32) -> Self {
        RetryPolicy {
            max_retries,
            ..Self::default()
        }
    }
}

/// What to do with a failed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Send it again after that time.
    After(Duration),
    /// Report the error to the caller.
    GiveUp,
}

/// Decides. `attempt` counts the attempts that have failed, from 1; `jitter` is a random number from 0 up to 1.
///
/// The wait is exponential with full jitter: anywhere between nothing and `base * 2^(attempt - 1)`, so that clients that
/// failed together do not come back together. `Retry-After` is the least to wait. What acts at once is never sent again
/// ([`OperationName::may_be_sent_twice`]), and neither is what the gateway refused.
pub fn decide(
    operation: OperationName,
    attempt: u32,
    error: &GatewayError,
    policy: &RetryPolicy,
    jitter: f64,
) -> Retry {
    if !operation.may_be_sent_twice() || !error.safe_to_retry() || attempt > policy.max_retries {
        return Retry::GiveUp;
    }
    let asked = error.retry_after().unwrap_or_default();
    if asked > policy.cap {
        return Retry::GiveUp;
    }
    // Anything outside 0 to 1, and NaN, counts as the middle.
    let jitter = if (0.0..=1.0).contains(&jitter) {
        jitter
    } else {
        0.5
    };
    let doublings = attempt.saturating_sub(1).min(31);
    let longest = policy.base.saturating_mul(1 << doublings).min(policy.cap);
    // In whole milliseconds: no timer is finer.
    let wait = Duration::from_millis((longest.as_millis() as f64 * jitter) as u64);
    Retry::After(asked.saturating_add(wait).min(policy.cap.max(asked)))
}
