//! Counts for Workers Analytics Engine, when the binding `EVENTS` is there: one data point for each recorded webhook and each try of a delivery. Nobody's data is in them.

use edge_cashier::{Outcome, WebhookEvent};
use worker::{AnalyticsEngineDataPointBuilder, Env};

/// Counts a webhook: `index1` webhook, `blob1` its outcome, `blob2` its status, `blob3` its type, `blob4` its currency.
pub(crate) fn webhook(env: &Env, event: &WebhookEvent, outcome: Outcome) {
    let (status, kind) = (event.status.as_str(), event.transaction_type.as_str());
    write(
        env,
        "webhook",
        &[outcome.as_str(), status, kind, event.currency.code()],
        1.0,
    );
}

/// Counts a try of a delivery: `index1` delivery, `blob1` what became of it, `double1` the message's age in seconds.
pub(crate) fn delivery(env: &Env, result: &str, age_ms: i64) {
    write(env, "delivery", &[result], age_ms as f64 / 1000.0);
}

/// A count that cannot be written is lost; nothing may fail for it.
fn write(env: &Env, index: &str, blobs: &[&str], double: f64) {
    let Ok(dataset) = env.analytics_engine("EVENTS") else {
        return;
    };
    let point = AnalyticsEngineDataPointBuilder::new()
        .indexes([index])
        .blobs(blobs.iter().copied())
        .add_double(double);
    point.write_to(&dataset).ok();
}
