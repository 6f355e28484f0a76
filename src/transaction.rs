//! What a transaction is: its status, its direction, and its row in the list of transactions.

use crate::open::open_enum;

open_enum! {
    /// How far a transaction has come.
    TransactionStatus {
        /// Not decided yet.
        Pending = "pending",
        /// Money has moved.
        Successful = "successful",
        /// Refused, or given up: no money moves.
        Rejected = "rejected",
    }
}

impl TransactionStatus {
    /// Whether the reference knows no way on from here: successful and rejected are final, all else may still change.
    pub fn is_final(&self) -> bool {
        matches!(self.as_str(), "successful" | "rejected")
    }
}

open_enum! {
    /// Which way the money goes.
    TransactionType {
        /// From the user to the merchant.
        Deposit = "deposit",
        /// From the merchant to the user; a payout.
        Withdrawal = "withdrawal",
    }
}
