//! `hosted_deposit`: opens the all-in-one cashier, where the user chooses among all providers and pays.
//!
//! Request `{"request": {mode, theme, settings, user_id, tracking_id, ip, amount, currency, amount_restricted, customer}}`,
//! reply `{"token"}`. May be sent twice: a second cashier for the same payment moves no money by itself.

use std::fmt;

use serde_json::{Map, Value};

use super::Operation;
use super::request::{Wire, check_value, incomplete, inner, reads_json, serialize_as_request, wire_of};
use crate::operation::name::OperationName;
use crate::operation::reply::{Kind as ReplyKind, Known, Taking, Unexpected, serialize_as_map};
use crate::payment::{HOSTED_DEPOSIT, Payment, Theme};
use crate::read::object::{Object, text};
use crate::read::violation::ValidationError;
use crate::redact::REDACTED;

const NO_TOKEN: &str = "the reply has no `token`";
pub(super) const FIELDS: [Known; 1] = [Known::required("token", ReplyKind::Words, NO_TOKEN)];

/// Opens the hosted cashier for a deposit.
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
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HostedDeposit {
    /// What every payment has.
    pub payment: Payment,
    /// How the cashier looks.
    pub theme: Option<Theme>,
    /// Whether the user may not change the amount in the cashier.
    pub amount_restricted: Option<bool>,
}

reads_json!(HostedDeposit);
serialize_as_request!(HostedDeposit, HOSTED_DEPOSIT);

impl HostedDeposit {
    /// A deposit of `payment`, in the gateway's own look.
    pub fn new(payment: Payment) -> Self {
        HostedDeposit {
            payment,
            theme: None,
            amount_restricted: None,
        }
    }

    fn to_value(&self) -> Value {
        self.payment.to_value(
            ("theme", self.theme.as_ref().map(|theme| theme.as_str().into())),
            self.amount_restricted,
        )
    }
}

impl Operation for HostedDeposit {
    const NAME: OperationName = OperationName::HostedDeposit;
    type Reply = HostedReply;

    fn read(value: &Value) -> Result<Self, ValidationError> {
        check_value(Self::NAME, value)?;
        let request = inner(value);
        let payment = Payment::build(request).ok_or_else(incomplete)?;
        Ok(HostedDeposit {
            payment,
            theme: text(request, "theme").map(Theme::from),
            amount_restricted: request.get("amount_restricted").and_then(Value::as_bool),
        })
    }

    fn wire(&self) -> Result<Wire, ValidationError> {
        wire_of(Self::NAME, &self.to_value())
    }

    fn reply(value: Value) -> Result<HostedReply, Unexpected> {
        HostedReply::read(value)
    }
}

/// The gateway opened a cashier.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct HostedReply {
    /// Opens this one cashier: whoever has it is taken for the user. It goes into the cashier's address and prints nowhere.
    pub token: String,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

serialize_as_map!(HostedReply);

impl HostedReply {
    pub(super) fn read(value: Value) -> Result<Self, Unexpected> {
        let mut fields = Taking::open(value)?;
        let token = fields.words("token").ok_or(Unexpected(NO_TOKEN))?;
        Ok(HostedReply {
            token,
            extra: fields.rest(),
        })
    }

    pub(super) fn to_map(&self) -> Map<String, Value> {
        let mut object = Object::default();
        object.text("token", Some(&self.token));
        object.with(&self.extra)
    }
}

impl fmt::Debug for HostedReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedReply")
            .field("token", &REDACTED)
            .finish_non_exhaustive()
    }
}
