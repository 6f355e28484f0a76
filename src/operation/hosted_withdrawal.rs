//! `hosted_withdrawal`: opens the all-in-one cashier, where the user chooses how to be paid out.
//!
//! Request `{"request": {mode, theme, settings, user_id, tracking_id, ip, amount, currency, customer}}`, reply `{"token"}`.
//! May be sent twice: a second cashier for the same payout moves no money by itself.

use serde_json::{Map, Value};

use super::Operation;
use super::hosted_deposit::{FIELDS, HostedReply};
use super::request::{Wire, payment_object, reads_json};
use crate::error::ValidationError;
use crate::operation_name::OperationName;
use crate::payment::{Kind, Payment, Theme};
use crate::reply::{Unexpected, arranged, serialize_as_map};
use crate::validate::{EXTRA, Fields, Report};

const KIND: Kind = Kind {
    path: "request",
    fields: &[
        "mode",
        "theme",
        "settings",
        "user_id",
        "tracking_id",
        "ip",
        "amount",
        "currency",
        "customer",
        EXTRA,
    ],
    deposit: false,
};

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
serialize_as_map!(HostedWithdrawal);

impl HostedWithdrawal {
    /// A payout of `payment`, in the gateway's own look.
    pub fn new(payment: Payment) -> Self {
        HostedWithdrawal { payment, theme: None }
    }

    fn to_map(&self) -> Map<String, Value> {
        self.payment.to_map(
            ("theme", self.theme.as_ref().map(|theme| theme.as_str().into())),
            None,
        )
    }
}

impl Operation for HostedWithdrawal {
    const NAME: OperationName = OperationName::HostedWithdrawal;
    type Reply = HostedReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        let mut report = Report::default();
        let request = payment_object(value, &mut report)
            .and_then(|value| Fields::open(value, KIND.path, KIND.fields, &mut report))
            .and_then(|fields| {
                let theme = fields.words("theme", &mut report).map(Theme::from);
                Payment::read(&fields, &KIND, &mut report).map(|payment| HostedWithdrawal { payment, theme })
            });
        report.finish(request)
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        let mut report = Report::default();
        self.payment.check(&KIND, &mut report);
        report.finish(Some(Wire::payment(self.to_map())))
    }

    fn reply(value: Value) -> Result<HostedReply, Unexpected> {
        HostedReply::read(value)
    }

    fn arrange(value: Value) -> Result<Value, Unexpected> {
        arranged(value, &FIELDS).map(Value::Object)
    }
}
