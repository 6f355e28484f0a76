//! The gateway's operations, one file each: the request, the reply, the default route, and whether it may be sent twice.

mod approve_payout;
mod body;
mod card_payment;
mod direct_payment;
mod hosted_deposit;
mod hosted_withdrawal;
mod list_transactions;
pub(crate) mod name;
mod payout_check;
mod reject_payout;
mod transaction_status;
mod windows;

use serde_json::Value;
use time::Date;

use crate::read::reply::{Reply, Unexpected, merge_extra};
use crate::read::report::Report;
use crate::read::violation::ValidationError;

pub use approve_payout::{ApprovePayout, ApproveReply};
pub(crate) use body::Wire;
#[cfg(feature = "js")]
pub(crate) use body::{REQUEST, is_body};
pub use card_payment::{CardPayment, CardPaymentFields, CardReply};
pub use direct_payment::{DirectPayment, DirectReply};
pub use hosted_deposit::{HostedDeposit, HostedReply};
pub use hosted_withdrawal::HostedWithdrawal;
pub use list_transactions::{Day, ListTransactions};
use name::OperationName;
pub use payout_check::PayoutCheck;
pub use reject_payout::{RejectPayout, RejectReply};
pub use transaction_status::{StatusReply, TransactionStatusQuery};
pub use windows::Windows;

/// A request that the gateway understands, and the reply that it gives.
///
/// The eight operations of this crate implement it and nothing else can: what is hidden here has no name outside.
pub trait Operation: Sized {
    /// Which operation this is.
    const NAME: OperationName;
    /// Method and placeholder path: the gateway publishes none.
    const ROUTE: (&'static str, &'static str);
    /// Whether sending it a second time is harmless when nobody knows how the first one ended.
    const MAY_BE_SENT_TWICE: bool;
    /// What the gateway answers.
    type Reply: Reply;

    /// Reads the request from JSON and reports all that is wrong with it.
    #[doc(hidden)]
    fn read(value: &Value, report: &mut Report) -> Option<Self>;

    /// The same request, read again: what was put together in Rust is checked like everything else.
    #[doc(hidden)]
    fn checked(&self) -> Result<Self, ValidationError>;

    /// What is sent.
    #[doc(hidden)]
    fn wire(&self) -> Wire;
}

/// Runs an expression with the operation of a name as a type.
macro_rules! with_operation {
    ($name:expr, $operation:ident => $run:expr) => {
        match $name {
            OperationName::HostedDeposit => {
                type $operation = HostedDeposit;
                $run
            }
            OperationName::HostedWithdrawal => {
                type $operation = HostedWithdrawal;
                $run
            }
            OperationName::DirectPayment => {
                type $operation = DirectPayment;
                $run
            }
            OperationName::CardPayment => {
                type $operation = CardPayment;
                $run
            }
            OperationName::RejectPayout => {
                type $operation = RejectPayout;
                $run
            }
            OperationName::ApprovePayout => {
                type $operation = ApprovePayout;
                $run
            }
            OperationName::TransactionStatus => {
                type $operation = TransactionStatusQuery;
                $run
            }
            OperationName::ListTransactions => {
                type $operation = ListTransactions;
                $run
            }
        }
    };
}

impl OperationName {
    /// Whether sending it a second time is harmless when nobody knows how the first one ended.
    ///
    /// Opening a cashier moves no money (the user does, in it), and reading changes nothing. The other four act at once.
    pub const fn may_be_sent_twice(self) -> bool {
        with_operation!(self, O => <O as Operation>::MAY_BE_SENT_TWICE)
    }

    /// Whether it opens a cashier, whose token is in the reply.
    pub(crate) const fn opens_cashier(self) -> bool {
        matches!(
            self,
            OperationName::HostedDeposit | OperationName::HostedWithdrawal
        )
    }

    /// Whether the gateway takes `{"request": {…}}`, of which the request object may be given alone.
    #[cfg(feature = "js")]
    pub(crate) const fn has_request_object(self) -> bool {
        self.opens_cashier() || matches!(self, OperationName::DirectPayment)
    }

    /// Whether its reply may have the address of a page, which the user is sent to.
    pub(crate) const fn has_page(self) -> bool {
        matches!(self, OperationName::DirectPayment | OperationName::CardPayment)
    }

    /// Whether its request has a body, which `GET` does not carry.
    pub(crate) const fn has_body(self) -> bool {
        !matches!(
            self,
            OperationName::TransactionStatus | OperationName::ListTransactions
        )
    }

    /// The method and the placeholder path.
    pub(crate) const fn default_route(self) -> (&'static str, &'static str) {
        with_operation!(self, O => <O as Operation>::ROUTE)
    }
}

/// Reads the request of an operation and gives what is sent of it. `today` is the day on which it is made, if that is known.
pub(crate) fn wire_for(
    name: OperationName,
    value: &Value,
    today: Option<Date>,
) -> Result<Wire, ValidationError> {
    let mut report = Report::on(today);
    with_operation!(name, O => {
        let operation = O::read(value, &mut report);
        report.finish(operation).map(|operation| operation.wire())
    })
}

/// A reply as JSON: as the gateway wrote it, or in the form of its type, with unknown fields under `extra`.
pub(crate) fn reply_for(name: OperationName, value: Value, nest: bool) -> Result<Value, Unexpected> {
    let mut reply = with_operation!(name, O => {
        let reply = <O as Operation>::Reply::read(value)?;
        serde_json::to_value(&reply).unwrap_or_default()
    });
    if !nest {
        match &mut reply {
            Value::Array(rows) => rows.iter_mut().for_each(merge_extra),
            reply => merge_extra(reply),
        }
    }
    Ok(reply)
}

/// The public ways to read a request from JSON.
macro_rules! from_json {
    ($name:ident) => {
        impl $name {
            /// Reads the request from JSON, in the gateway's own field names; fields that the reference does not know are given under `extra`.
            ///
            /// # Errors
            /// Every violation at once: missing and unknown fields, wrong types, values that the gateway cannot mean.
            pub fn from_value(
                value: &serde_json::Value,
            ) -> Result<Self, $crate::read::violation::ValidationError> {
                let mut report = $crate::read::report::Report::default();
                let read = <Self as $crate::operation::Operation>::read(value, &mut report);
                report.finish(read)
            }

            /// Reads the request from the text of a JSON document; see [`Self::from_value`]. What was parsed is overwritten in memory again.
            ///
            /// # Errors
            /// As [`Self::from_value`], and a text that is not JSON.
            pub fn from_json(text: &str) -> Result<Self, $crate::read::violation::ValidationError> {
                let value = $crate::read::json::Wiped($crate::read::json::parse(text)?);
                Self::from_value(&value.0)
            }
        }
    };
}

use from_json;
