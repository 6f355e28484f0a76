//! Requests, exact webhook signatures and the payment ledger for a hosted-cashier payments gateway.
//!
//! The crate does no I/O: it turns an operation into a [`http::Request`] and a [`http::Response`] into a reply. Time,
//! randomness and ids are arguments, so the same code runs in a server, in a browser and at the edge (wasm32).
//!
//! ```
//! use edge_cashier::{Amount, ApiKey, Currency, Gateway, GatewayConfig, HostedDeposit, Payment, Routes, TrackingId, UserId};
//!
//! # fn send(_: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> { http::Response::new(br#"{"token": "abc"}"#.to_vec()) }
//! let gateway = Gateway::new(GatewayConfig {
//!     api_key: ApiKey::new("example_key")?,
//!     base_url: "https://gateway.example/api".to_owned(),
//!     cashier_url: Some("https://cashier.example/?token={token}".to_owned()),
//!     routes: Routes::default(),
//!     user_agent: None,
//!     allow_insecure: false,
//! })?;
//!
//! let payment = Payment::new(UserId::new("128")?, TrackingId::new("order-1")?, Amount::parse("10.05")?, Currency::parse("EUR")?);
//! let mut deposit = HostedDeposit::new(payment);
//! deposit.amount_restricted = Some(true);
//!
//! let request = gateway.request(&deposit)?;
//! assert!(request.body().windows(14).any(|part| part == br#""amount":10.05"#));
//! let reply = gateway.reply::<HostedDeposit>(send(request))?;
//! assert_eq!(gateway.cashier_url(&reply.token).as_deref(), Some("https://cashier.example/?token=abc"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **Operations**: [`HostedDeposit`], [`HostedWithdrawal`], [`DirectPayment`], [`CardPayment`], [`RejectPayout`],
//!   [`ApprovePayout`], [`TransactionStatusQuery`], [`ListTransactions`]; each is read from JSON by `from_value` and `from_json`.
//! - **Webhooks**: [`Webhook`] verifies, [`Ledger`] makes one state of all that arrived, in any order.
//! - **What went wrong**: [`ValidationError`] has every violation at once, [`GatewayError`] says who has to act, and
//!   [`retry::decide`] whether to send again.

// The modules by layer: each uses only what is listed below it. Public is what the `pub use` list names.
#[cfg(feature = "js-webhook")]
#[doc(hidden)]
pub mod js;

mod gateway;
mod ledger;

mod operation;
mod webhook;

mod payment;
mod transaction;

mod card;
mod id;
mod money;
mod person;

mod luhn;
mod read;
mod redact;

pub use card::details::{CardDetails, Expiry};
pub use card::number::{Brand, CardNumber, Cvc};
pub use gateway::error::{ErrorClass, GatewayError};
pub use gateway::retry;
pub use gateway::routes::Routes;
pub use gateway::{ApiKey, Gateway, GatewayConfig};
pub use id::{TrackingId, TransactionId, UserId};
pub use ledger::{
    Attempt, Conflict, Contradiction, Delivery, DeliveryKind, Expected, Ledger, Outcome, PaymentState,
};
pub use money::amount::{Amount, AmountError};
pub use money::currency::Currency;
pub use operation::name::OperationName;
pub use operation::{
    ApprovePayout, ApproveReply, CardPayment, CardPaymentFields, CardReply, DirectPayment, DirectReply,
    HostedDeposit, HostedReply, HostedWithdrawal, ListTransactions, Operation, PayoutCheck, RejectPayout,
    RejectReply, StatusReply, TransactionStatusQuery, Windows,
};
pub use payment::{Mode, Payment, Theme};
pub use person::birth_date::BirthDate;
pub use person::country::Country;
pub use person::customer::{Customer, DepositCustomer, KycStatus};
pub use person::email::Email;
pub use person::phone::Phone;
pub use read::reply::Reply;
pub use read::violation::{ValidationError, Violation};
// The Worker reads its variables and the days of a query by the same rules.
#[doc(hidden)]
pub use gateway::address::check_url;
#[doc(hidden)]
pub use operation::Day;
#[doc(hidden)]
pub use read::secret::check_secret;
#[doc(hidden)]
pub use read::suggest::nearest;
// The Worker keeps and shows why a card was declined.
#[doc(hidden)]
pub use redact::redact;
pub use transaction::{Transaction, TransactionStatus, TransactionType};
pub use webhook::{
    CanonicalError, CanonicalErrorKind, Checked, Explanation, MAX_DEPTH, Matched, Password, PasswordError,
    Reason, Verdict, Verified, Webhook, WebhookError, WebhookEvent, canonicalize,
};
