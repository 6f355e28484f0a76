//! Exact amounts and their currencies.

pub(crate) mod amount;
pub(crate) mod currency;
