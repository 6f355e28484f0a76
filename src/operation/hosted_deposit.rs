//! `hosted_deposit`: opens the all-in-one cashier, where the user chooses among all providers and pays.
//!
//! Request `{"request": {mode, theme, settings, user_id, tracking_id, ip, amount, currency, amount_restricted, customer}}`,
//! reply `{"token"}`. May be sent twice: a second cashier for the same payment moves no money by itself.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::{Wire, payment_body, read_payment};
use super::name::OperationName;
use super::{Operation, from_json};
use crate::payment::{Mode, Payment, Theme};
use crate::person::customer::DepositCustomer;
use crate::read::fields::{Fields, Place, Read};
use crate::read::reply::{Reply, ReplyFields, Unexpected};
use crate::read::report::Report;
use crate::read::violation::ValidationError;
use crate::redact::REDACTED;

/// Opens the hosted cashier for a deposit.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct HostedDeposit {
    /// The environment.
    pub mode: Option<Mode>,
    /// How the cashier looks.
    pub theme: Option<Theme>,
    /// What every payment has.
    #[serde(flatten)]
    pub payment: Payment,
    /// Whether the user may not change the amount in the cashier.
    pub amount_restricted: Option<bool>,
    /// The person who pays.
    pub customer: Option<DepositCustomer>,
    /// Fields that the reference does not know, merged into the request as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

from_json!(HostedDeposit);

impl HostedDeposit {
    /// A deposit of `payment`, in the gateway's own look.
    ///
    /// ```
    /// use edge_cashier::HostedDeposit;
    ///
    /// let deposit = HostedDeposit::from_json(r#"{"user_id": "128", "tracking_id": "order-1", "amount": 10.05, "currency": "EUR"}"#)?;
    /// assert_eq!(deposit.payment.amount.to_string(), "10.05");
    ///
    /// let error = HostedDeposit::from_json(r#"{"user_id": "128", "tracking_id": "order-1", "amuont": 10.05, "currency": "EURO"}"#).unwrap_err();
    /// let found: Vec<_> = error.violations().iter().map(|v| (v.path.as_str(), v.code)).collect();
    /// assert_eq!(found, [("request.amuont", "unknown_field"), ("request.amount", "required"), ("request.currency", "format")]);
    /// # Ok::<(), edge_cashier::ValidationError>(())
    /// ```
    pub fn new(payment: Payment) -> Self {
        HostedDeposit {
            mode: None,
            theme: None,
            payment,
            amount_restricted: None,
            customer: None,
            extra: Map::new(),
        }
    }
}

impl Read for HostedDeposit {
    fn read(value: &Value, at: &Place<'_>, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, at, report)?;
        let mode = fields.optional("mode");
        let theme = fields.optional("theme");
        let payment = Payment::take(&mut fields);
        let amount_restricted = fields.optional("amount_restricted");
        let mut customer = fields.optional("customer");
        let extra = fields.extra();
        let payment = payment.finish(&mut fields, customer.as_mut());
        fields.finish();
        Some(HostedDeposit {
            mode,
            theme,
            payment: payment?,
            amount_restricted,
            customer,
            extra,
        })
    }
}

impl Operation for HostedDeposit {
    const NAME: OperationName = OperationName::HostedDeposit;
    const ROUTE: (&'static str, &'static str) = ("POST", "/cashier/deposit");
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

/// The gateway opened a cashier.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify))]
#[non_exhaustive]
pub struct HostedReply {
    /// Opens this one cashier: whoever has it is taken for the user. It goes into the cashier's address and prints nowhere.
    pub token: String,
    /// Fields that this version does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "js", tsify(optional, type = "JsonObject"))]
    pub extra: Map<String, Value>,
}

impl Reply for HostedReply {
    fn read(value: Value) -> Result<Self, Unexpected> {
        let mut fields = ReplyFields::open(value)?;
        Ok(HostedReply {
            token: fields
                .non_empty("token")
                .ok_or(Unexpected("the reply has no `token`"))?,
            extra: fields.rest(),
        })
    }
}

impl fmt::Debug for HostedReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedReply")
            .field("token", &REDACTED)
            .finish_non_exhaustive()
    }
}
