//! The query that lists have in common.

use serde::Deserialize;

/// The payment that a list is about; none: every payment.
#[derive(Deserialize)]
pub(crate) struct OfPayment {
    pub(crate) tracking_id: Option<String>,
}
