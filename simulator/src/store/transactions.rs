//! Deposits and payouts.

use edge_cashier::{TransactionStatus, TransactionType};
use serde::{Deserialize, Serialize};

use super::Store;
use crate::random::Random;

/// How far a transaction has come. The status is what the outside is told; the stage is what may still happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Stage {
    /// The merchant opened it; the user has done nothing yet.
    Opened,
    /// The user did their part; the provider has not answered.
    Submitted,
    /// A payout that waits for the merchant's approval or rejection.
    AwaitingMerchant,
    /// It has its last status.
    Settled,
}

/// One row, as the control API shows it. Instants are Unix time in milliseconds, and RFC 3339 in JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    #[serde(skip_serializing)]
    pub(crate) id: i64,
    /// The gateway's id, which webhooks and lists name.
    pub(crate) transaction_id: String,
    pub(crate) gateway_transaction_id: String,
    pub(crate) provider_transaction_id: String,
    /// The merchant's id.
    pub(crate) tracking_id: String,
    pub(crate) user_id: String,
    pub(crate) transaction_type: TransactionType,
    pub(crate) status: TransactionStatus,
    pub(crate) stage: Stage,
    pub(crate) rejected_reason: Option<String>,
    pub(crate) currency: String,
    /// Plain decimal digits.
    pub(crate) amount: String,
    pub(crate) payment_provider: String,
    pub(crate) card_last_four: Option<String>,
    #[serde(serialize_with = "crate::clock::serialize")]
    pub(crate) created_at: i64,
    #[serde(serialize_with = "crate::clock::serialize")]
    pub(crate) updated_at: i64,
}

impl Transaction {
    /// Tells whether money goes to the user.
    pub(crate) fn is_payout(&self) -> bool {
        self.transaction_type == TransactionType::Withdrawal
    }

    /// Gives it its last status.
    pub(crate) fn settle(&mut self, status: TransactionStatus, reason: Option<&str>) {
        self.status = status;
        self.stage = Stage::Settled;
        self.rejected_reason = reason.map(str::to_owned);
    }

    /// Gives it the status that its provider reports.
    pub(crate) fn report(&mut self, status: TransactionStatus) {
        self.status = status;
        self.stage = match self.stage {
            _ if self.status.is_final() => Stage::Settled,
            Stage::Opened => Stage::Submitted,
            stage => stage,
        };
        let reason = self.rejected_reason.take();
        if self.status == TransactionStatus::Rejected {
            self.rejected_reason = reason.or(Some("Rejected by the provider".to_owned()));
        }
    }
}

/// What a new transaction starts with.
pub(crate) struct NewTransaction {
    pub(crate) tracking_id: String,
    pub(crate) user_id: String,
    pub(crate) transaction_type: TransactionType,
    pub(crate) currency: String,
    /// Plain decimal digits.
    pub(crate) amount: String,
    pub(crate) payment_provider: String,
    pub(crate) card_last_four: Option<String>,
    pub(crate) stage: Stage,
}

impl NewTransaction {
    /// Makes another attempt at the payment of a transaction.
    pub(crate) fn retry(earlier: &Transaction) -> Self {
        Self {
            tracking_id: earlier.tracking_id.clone(),
            user_id: earlier.user_id.clone(),
            transaction_type: earlier.transaction_type.clone(),
            currency: earlier.currency.clone(),
            amount: earlier.amount.clone(),
            payment_provider: earlier.payment_provider.clone(),
            card_last_four: None,
            stage: Stage::Opened,
        }
    }
}

impl Store {
    /// Adds a pending transaction and gives it its ids.
    pub(crate) fn add_transaction(
        &self,
        new: NewTransaction,
        random: &mut Random,
        now: i64,
    ) -> worker::Result<Transaction> {
        let added = self.first(
            "INSERT INTO transactions (transaction_id, gateway_transaction_id, provider_transaction_id, tracking_id, \
             user_id, transaction_type, status, stage, currency, amount, payment_provider, card_last_four, created_at, \
             updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            vec![
                random.gateway_id().into(),
                random.gateway_id().into(),
                random.uuid().into(),
                new.tracking_id.into(),
                new.user_id.into(),
                new.transaction_type.as_str().into(),
                TransactionStatus::Pending.as_str().into(),
                new.stage.as_ref().into(),
                new.currency.into(),
                new.amount.into(),
                new.payment_provider.into(),
                new.card_last_four.into(),
                now.into(),
                now.into(),
            ],
        )?;
        added.ok_or_else(|| worker::Error::RustError("the transaction was not kept".to_owned()))
    }

    /// Finds the transaction of a row number.
    pub(crate) fn transaction(&self, row: i64) -> worker::Result<Option<Transaction>> {
        self.first("SELECT * FROM transactions WHERE id = ?", vec![row.into()])
    }

    /// Finds the transaction that speaks for the merchant's id: the latest attempt, or one that succeeded.
    pub(crate) fn transaction_by_tracking_id(&self, id: &str) -> worker::Result<Option<Transaction>> {
        self.first(
            "SELECT * FROM transactions WHERE tracking_id = ? ORDER BY status = 'successful' DESC, id DESC LIMIT 1",
            vec![id.into()],
        )
    }

    /// Finds the transaction with the gateway's id.
    pub(crate) fn transaction_by_gateway_id(&self, id: &str) -> worker::Result<Option<Transaction>> {
        self.first(
            "SELECT * FROM transactions WHERE transaction_id = ?",
            vec![id.into()],
        )
    }

    /// Lists all transactions, or those with one tracking id, oldest first.
    pub(crate) fn transactions(&self, tracking_id: Option<&str>) -> worker::Result<Vec<Transaction>> {
        self.all(
            "SELECT * FROM transactions WHERE ?1 IS NULL OR tracking_id = ?1 ORDER BY id",
            vec![tracking_id.into()],
        )
    }

    /// Lists what a provider has seen between two instants (milliseconds, the second one excluded), oldest first.
    pub(crate) fn transactions_between(&self, from: i64, to: i64) -> worker::Result<Vec<Transaction>> {
        self.all(
            "SELECT * FROM transactions WHERE stage <> 'opened' AND created_at >= ? AND created_at < ? ORDER BY id",
            vec![from.into(), to.into()],
        )
    }

    /// Writes what a decision changes.
    pub(crate) fn update_transaction(&self, transaction: &Transaction, now: i64) -> worker::Result<()> {
        self.run(
            "UPDATE transactions SET status = ?, stage = ?, rejected_reason = ?, amount = ?, payment_provider = ?, \
             updated_at = ? WHERE id = ?",
            vec![
                transaction.status.as_str().into(),
                transaction.stage.as_ref().into(),
                transaction.rejected_reason.clone().into(),
                transaction.amount.as_str().into(),
                transaction.payment_provider.as_str().into(),
                now.into(),
                transaction.id.into(),
            ],
        )
    }
}
