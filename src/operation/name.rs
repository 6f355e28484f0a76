//! The gateway's operations by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::read::violation::Violation;

/// One of the gateway's eight operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OperationName {
    /// Opens the all-in-one cashier for a deposit.
    HostedDeposit,
    /// Opens the all-in-one cashier for a payout.
    HostedWithdrawal,
    /// Sends the user straight to one provider.
    DirectPayment,
    /// Pays by card from the merchant's own form.
    CardPayment,
    /// Rejects a pending payout.
    RejectPayout,
    /// Approves a pending payout.
    ApprovePayout,
    /// Reads the latest state of one transaction.
    TransactionStatus,
    /// Lists the transactions of a range of days.
    ListTransactions,
}

impl OperationName {
    /// All of them, in the order of the reference.
    pub const ALL: [OperationName; 8] = [
        OperationName::HostedDeposit,
        OperationName::HostedWithdrawal,
        OperationName::DirectPayment,
        OperationName::CardPayment,
        OperationName::RejectPayout,
        OperationName::ApprovePayout,
        OperationName::TransactionStatus,
        OperationName::ListTransactions,
    ];

    /// The name in snake case, as programs use it: `hosted_deposit`.
    pub const fn as_str(self) -> &'static str {
        match self {
            OperationName::HostedDeposit => "hosted_deposit",
            OperationName::HostedWithdrawal => "hosted_withdrawal",
            OperationName::DirectPayment => "direct_payment",
            OperationName::CardPayment => "card_payment",
            OperationName::RejectPayout => "reject_payout",
            OperationName::ApprovePayout => "approve_payout",
            OperationName::TransactionStatus => "transaction_status",
            OperationName::ListTransactions => "list_transactions",
        }
    }

    /// The operation of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.as_str() == name)
    }
}

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for OperationName {
    type Err = Violation;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::parse(name).ok_or_else(|| {
            let known = Self::ALL.map(OperationName::as_str).join(", ");
            let message = format!("not an operation of the gateway; give one of {known}");
            Violation::new("unknown_operation", message)
        })
    }
}
