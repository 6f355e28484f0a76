//! Requests, exact webhook signatures and the payment ledger for a hosted-cashier payments gateway.

// Each room declares itself here; nothing is public but what the `pub use` list names.
