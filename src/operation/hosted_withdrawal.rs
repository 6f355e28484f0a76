//! `hosted_withdrawal`: opens the all-in-one cashier for a payout, where the user chooses among the payout providers.
//!
//! Request `{"request": {mode, theme, settings, user_id, tracking_id, ip, amount, currency, customer}}`, reply `{"token"}`.
//! May be sent twice: a second cashier for the same payout moves no money by itself.

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::{Wire, payment_body, read_payment};
use super::hosted_deposit::HostedReply;
use super::name::OperationName;
use super::{Operation, from_json};
use crate::payment::{Mode, Payment, Theme};
use crate::person::customer::Customer;
use crate::read::fields::{Fields, Place, Read};
use crate::read::report::Report;
use crate::read::violation::ValidationError;

/// Opens the hosted cashier for a payout.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "js",
    derive(tsify::Tsify),
    serde(rename = "HostedWithdrawalRequest")
)]
#[non_exhaustive]
pub struct HostedWithdrawal {
    /// The environment.
    pub mode: Option<Mode>,
    /// How the cashier looks.
    pub theme: Option<Theme>,
    /// What every payment has.
    #[serde(flatten)]
    pub payment: Payment,
    /// The person who is paid.
    pub customer: Option<Customer>,
    /// Fields that the reference does not know, merged into the request as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

from_json!(HostedWithdrawal);

impl HostedWithdrawal {
    /// A payout of `payment`, in the gateway's own look.
    pub fn new(payment: Payment) -> Self {
        HostedWithdrawal {
            mode: None,
            theme: None,
            payment,
            customer: None,
            extra: Map::new(),
        }
    }
}

impl Read for HostedWithdrawal {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let mode = fields.optional("mode");
        let theme = fields.optional("theme");
        let payment = Payment::take(&mut fields);
        let customer = fields.optional("customer");
        let extra = fields.extra();
        let payment = payment.finish(&mut fields, None);
        fields.finish();
        Some(HostedWithdrawal {
            mode,
            theme,
            payment: payment?,
            customer,
            extra,
        })
    }
}

impl Operation for HostedWithdrawal {
    const NAME: OperationName = OperationName::HostedWithdrawal;
    const ROUTE: (&'static str, &'static str) = ("POST", "/cashier/withdrawal");
    const MAY_BE_SENT_TWICE: bool = true;
    type Reply = HostedReply;

    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        read_payment(value, report)
    }

    fn checked(&self) -> Result<Self, ValidationError> {
        Self::from_value(&serde_json::to_value(self).unwrap_or_default())
    }

    fn wire(&self) -> Wire {
        payment_body(self)
    }
}
