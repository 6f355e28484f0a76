//! The gateway's operations, one file each: the request, the reply, and what the gateway sees of them.

mod approve_payout;
mod card_payment;
mod direct_payment;
mod hosted_deposit;
mod hosted_withdrawal;
mod list_transactions;
pub(crate) mod name;
mod reject_payout;
pub(crate) mod reply;
mod request;
mod transaction_status;

use serde::Serialize;
use serde_json::Value;

use crate::operation::name::OperationName;
use crate::operation::reply::{Known, Unexpected, arrange};
use crate::read::json_read::Node;
use crate::read::violation::ValidationError;
use crate::transaction;

pub use approve_payout::{ApprovePayout, ApproveReply};
pub use card_payment::{CardPayment, CardReply};
pub use direct_payment::{DirectPayment, DirectReply};
pub use hosted_deposit::{HostedDeposit, HostedReply};
pub use hosted_withdrawal::HostedWithdrawal;
pub use list_transactions::{ListTransactions, Windows};
pub use reject_payout::{RejectPayout, RejectReply};
pub(crate) use request::{Wire, wire_of};
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
}

/// A reply of the operation `name` as JSON text, without a type in between.
pub(crate) fn arranged(name: OperationName, reply: &Node<'_>) -> Result<String, Unexpected> {
    let mut out = String::new();
    let known: &[Known] = match name {
        OperationName::HostedDeposit | OperationName::HostedWithdrawal => &hosted_deposit::FIELDS,
        OperationName::DirectPayment => &direct_payment::FIELDS,
        OperationName::CardPayment => &card_payment::FIELDS,
        OperationName::RejectPayout => &[],
        OperationName::ApprovePayout => {
            let nothing = |name| reply.text(name).is_none_or(str::is_empty);
            let is_object = matches!(reply, Node::Object(..));
            if is_object && reply.text("message").is_none() && nothing("transaction_status") {
                return Err(Unexpected(approve_payout::NOTHING_KNOWN));
            }
            &approve_payout::FIELDS
        }
        OperationName::TransactionStatus => &transaction_status::FIELDS,
        OperationName::ListTransactions => {
            let Node::List(_, rows) = reply else {
                return Err(Unexpected(list_transactions::NO_ARRAY));
            };
            let mut before = '[';
            for row in rows {
                out.push(before);
                before = ',';
                transaction::arrange_row(row, &mut out)?;
            }
            if before == '[' {
                out.push('[');
            }
            out.push(']');
            return Ok(out);
        }
    };
    arrange(reply, known, &mut out)?;
    Ok(out)
}
