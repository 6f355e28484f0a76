//! Requests, exact webhook signatures and the payment ledger for a hosted-cashier payments gateway.

// Each room declares itself here; nothing is public but what the `pub use` list names.
#[cfg(feature = "js-webhook")]
mod js;

mod address;
mod amount;
mod calendar;
mod card;
mod card_number;
mod contact;
mod currency;
mod customer;
mod error;
mod gateway;
mod gateway_error;
mod identifier;
mod ledger;
mod luhn;
mod object;
mod open;
mod operation;
mod operation_name;
mod payment;
mod redact;
mod reply;
pub mod retry;
mod routes;
mod transaction;
mod validate;
mod webhook;

pub use amount::{Amount, AmountError};
pub use card::{CardDetails, Expiry};
pub use card_number::{Brand, CardNumber, Cvc};
pub use contact::{BirthDate, Country, Email, Phone};
pub use currency::Currency;
pub use customer::{Customer, KycStatus};
pub use error::{ValidationError, Violation};
pub use gateway::{ApiKey, Gateway, GatewayConfig};
pub use gateway_error::{ErrorClass, GatewayError};
pub use identifier::{TrackingId, TransactionId, UserId};
pub use ledger::{Conflict, Contradiction, Delivery, DeliveryKind, Expected, Ledger, Outcome, PaymentState};
pub use operation::{
    ApprovePayout, ApproveReply, CardPayment, CardReply, DirectPayment, DirectReply, HostedDeposit, HostedReply,
    HostedWithdrawal, ListTransactions, Operation, RejectPayout, RejectReply, StatusReply, TransactionStatusQuery,
    Windows,
};
pub use operation_name::OperationName;
pub use payment::{Mode, Payment, Theme};
pub use routes::Routes;
pub use transaction::{Transaction, TransactionStatus, TransactionType};
pub use webhook::{
    CanonicalError, CanonicalErrorKind, Checked, Explanation, MAX_DEPTH, Matched, Password, PasswordError, Reason, Verdict, Verified,
    Webhook, WebhookError, WebhookEvent, canonicalize,
};
