//! The decision to send again.

use std::time::Duration;

use edge_cashier::retry::{Retry, RetryPolicy, decide};
use edge_cashier::{GatewayError, OperationName};
use http::Response;
use proptest::prelude::*;

use crate::support::gateway;

fn error(name: OperationName, status: u16, retry_after: Option<&str>) -> GatewayError {
    let gateway = gateway();
    let mut response = Response::builder().status(status);
    if let Some(value) = retry_after {
        response = response.header("retry-after", value);
    }
    gateway
        .reply_for(name, response.body(Vec::new()).unwrap())
        .unwrap_err()
}

const DEPOSIT: OperationName = OperationName::HostedDeposit;

fn wait(attempt: u32, error: &GatewayError, jitter: f64) -> Option<u128> {
    match decide(
        DEPOSIT,
        attempt,
        error,
        &RetryPolicy::with_max_retries(10),
        jitter,
    ) {
        Retry::After(duration) => Some(duration.as_millis()),
        Retry::GiveUp => None,
    }
}

#[test]
fn waits_double_up_to_the_cap_and_the_dice_decide_how_much_of_it() {
    let error = error(DEPOSIT, 503, None);
    let longest: Vec<_> = (1..=8)
        .map(|attempt| wait(attempt, &error, 1.0).unwrap())
        .collect();
    assert_eq!(longest, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    assert_eq!(wait(3, &error, 0.0), Some(0));
    assert_eq!(wait(3, &error, 0.25), Some(500));
    assert_eq!(wait(3, &error, f64::NAN), Some(1000));
    assert_eq!(wait(3, &error, -5.0), Some(1000));
}

#[test]
fn retries_end() {
    let error = error(DEPOSIT, 503, None);
    assert!(wait(10, &error, 0.5).is_some());
    assert_eq!(wait(11, &error, 0.5), None);
    assert_eq!(
        decide(DEPOSIT, 1, &error, &RetryPolicy::with_max_retries(0), 0.5),
        Retry::GiveUp
    );
    assert_eq!(
        decide(DEPOSIT, 3, &error, &RetryPolicy::default(), 0.5),
        Retry::GiveUp
    );
}

#[test]
fn the_gateway_s_own_wait_is_the_least_and_a_long_one_ends_it() {
    assert_eq!(wait(1, &error(DEPOSIT, 429, Some("5")), 0.0), Some(5000));
    assert_eq!(wait(1, &error(DEPOSIT, 429, Some("5")), 1.0), Some(5500));
    assert_eq!(wait(1, &error(DEPOSIT, 503, Some("30")), 1.0), Some(30_000));
    assert_eq!(wait(1, &error(DEPOSIT, 503, Some("31")), 0.0), None);
    assert_eq!(
        wait(1, &error(DEPOSIT, 503, Some("18446744073709551615")), 0.0),
        None
    );
}

#[test]
fn what_acts_at_once_and_what_was_refused_is_never_sent_again() {
    let policy = RetryPolicy::with_max_retries(5);
    for name in OperationName::ALL {
        let expected = name.may_be_sent_twice();
        for failure in [
            error(name, 503, None),
            error(name, 429, Some("1")),
            GatewayError::timeout(name, Duration::from_secs(15)),
            GatewayError::transport(name, "reset"),
        ] {
            assert_eq!(
                decide(name, 1, &failure, &policy, 0.5) != Retry::GiveUp,
                expected,
                "{name} {failure}"
            );
        }
        assert_eq!(
            decide(name, 1, &error(name, 422, None), &policy, 0.5),
            Retry::GiveUp
        );
    }
}

proptest! {
    /// Whatever is asked, the wait stays between what the gateway asks and the cap.
    #[test]
    fn a_wait_is_never_longer_than_the_cap(attempt in 1u32..=10, jitter in any::<f64>(), asked in 0u64..60) {
        let failure = error(DEPOSIT, 503, Some(&asked.to_string()));
        match wait(attempt, &failure, jitter) {
            Some(millis) => {
                prop_assert!(millis <= 30_000);
                prop_assert!(millis >= u128::from(asked) * 1000);
            }
            None => prop_assert!(asked > 30),
        }
    }
}
