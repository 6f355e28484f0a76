//! `hosted_withdrawal`: opens the all-in-one cashier, where the user chooses how to be paid out.
//!
//! Request `{"request": {mode, theme, settings, user_id, tracking_id, ip, amount, currency, customer}}`, reply `{"token"}`.
//! May be sent twice: a second cashier for the same payout moves no money by itself.

use serde_json::Value;

use super::Operation;
use super::hosted_deposit::HostedReply;
use super::request::{Wire, check_value, incomplete, inner, reads_json, serialize_as_request, wire_of};
use crate::operation::name::OperationName;
use crate::operation::reply::Unexpected;
use crate::payment::{HOSTED_WITHDRAWAL, Payment, Theme};
use crate::read::object::text;
use crate::read::violation::ValidationError;

/// Opens the hosted cashier for a payout. It has no `amount_restricted`, and its customer no `max_deposit_limit`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HostedWithdrawal {
    /// What every payment has.
    pub payment: Payment,
    /// How the cashier looks.
    pub theme: Option<Theme>,
}

reads_json!(HostedWithdrawal);
serialize_as_request!(HostedWithdrawal, HOSTED_WITHDRAWAL);

impl HostedWithdrawal {
    /// A payout of `payment`, in the gateway's own look.
    pub fn new(payment: Payment) -> Self {
        HostedWithdrawal { payment, theme: None }
    }

    fn to_value(&self) -> Value {
        self.payment.to_value(
            ("theme", self.theme.as_ref().map(|theme| theme.as_str().into())),
            None,
        )
    }
}

impl Operation for HostedWithdrawal {
    const NAME: OperationName = OperationName::HostedWithdrawal;
    type Reply = HostedReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        check_value(Self::NAME, value)?;
        let request = inner(value);
        let payment = Payment::build(request).ok_or_else(incomplete)?;
        Ok(HostedWithdrawal {
            payment,
            theme: text(request, "theme").map(Theme::from),
        })
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        wire_of(Self::NAME, &self.to_value())
    }

    fn reply(value: Value) -> Result<HostedReply, Unexpected> {
        HostedReply::read(value)
    }
}
