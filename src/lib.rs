//! Requests, exact webhook signatures and the payment ledger for a hosted-cashier payments gateway.

// Each room declares itself here; nothing is public but what the `pub use` list names.
#[cfg(feature = "js-webhook")]
mod js;

mod amount;
mod currency;
mod error;
mod identifier;
mod open;
mod transaction;
mod webhook;

pub use amount::{Amount, AmountError};
pub use currency::Currency;
pub use error::{ValidationError, Violation};
pub use identifier::{TrackingId, TransactionId, UserId};
pub use transaction::{TransactionStatus, TransactionType};
pub use webhook::{CanonicalError, CanonicalErrorKind, MAX_DEPTH, canonicalize};
