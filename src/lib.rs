//! Requests, exact webhook signatures and the payment ledger for a hosted-cashier payments gateway.

// Each room declares itself here; nothing is public but what the `pub use` list names.
#[cfg(feature = "js-webhook")]
mod js;

mod amount;
mod calendar;
mod currency;
mod customer;
mod error;
mod gateway;
mod gateway_error;
mod identifier;
mod luhn;
mod open;
mod operation;
mod operation_name;
mod payment;
mod redact;
mod routes;
mod transaction;
mod validate;
mod webhook;

pub use amount::{Amount, AmountError};
pub use currency::Currency;
pub use customer::{BirthDate, Country, Customer, Email, KycStatus, Phone};
pub use error::{ValidationError, Violation};
pub use gateway::{ApiKey, Gateway, GatewayConfig};
pub use gateway_error::{ErrorClass, GatewayError};
pub use identifier::{TrackingId, TransactionId, UserId};
pub use operation::{HostedDeposit, HostedReply, Operation};
pub use operation_name::OperationName;
pub use payment::{Mode, Payment, Theme};
pub use routes::Routes;
pub use transaction::{TransactionStatus, TransactionType};
pub use webhook::{CanonicalError, CanonicalErrorKind, MAX_DEPTH, canonicalize};
