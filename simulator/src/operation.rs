//! The names of the eight operations.

use serde::{Deserialize, Serialize};

/// An operation of the Payments API, by the name that faults and records have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr, strum::VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Operation {
    HostedDeposit,
    HostedWithdrawal,
    DirectPayment,
    CardPayment,
    RejectPayout,
    ApprovePayout,
    TransactionStatus,
    ListTransactions,
}
