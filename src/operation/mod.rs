//! The gateway's operations, one file each: the request, the reply, and what the gateway sees of them.

mod approve_payout;
mod card_payment;
mod direct_payment;
mod hosted_deposit;
mod hosted_withdrawal;
mod list_transactions;
mod reject_payout;
mod request;
mod transaction_status;

use serde::Serialize;
use serde_json::Value;

use crate::error::ValidationError;
use crate::operation_name::OperationName;
use crate::reply::Unexpected;

pub use approve_payout::{ApprovePayout, ApproveReply};
pub use card_payment::{CardPayment, CardReply};
pub use direct_payment::{DirectPayment, DirectReply};
pub use hosted_deposit::{HostedDeposit, HostedReply};
pub use hosted_withdrawal::HostedWithdrawal;
pub use list_transactions::{ListTransactions, Windows};
pub use reject_payout::{RejectPayout, RejectReply};
pub(crate) use request::Wire;
pub use transaction_status::{StatusReply, TransactionStatusQuery};

/// A request that the gateway understands, and the reply that it gives.
///
/// The eight operations of this crate implement it and nothing else can: what is hidden here is not named outside.
pub trait Operation: Sized {
    /// Which operation this is.
    const NAME: OperationName;
    /// What the gateway answers.
    type Reply: Serialize;

    /// Reads the request from JSON and reports all that is wrong with it.
    #[doc(hidden)]
    fn read(value: &Value) -> Result<Self, ValidationError>;

    /// What is sent.
    #[doc(hidden)]
    fn wire(&self) -> Result<Wire, ValidationError>;

    /// What came back with a status of 2xx, if it can be the operation's reply.
    #[doc(hidden)]
    fn reply(value: Value) -> Result<Self::Reply, Unexpected>;

    /// The same reply as JSON, without the type in between.
    #[doc(hidden)]
    fn arrange(value: Value) -> Result<Value, Unexpected>;
}
