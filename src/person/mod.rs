//! Who pays or is paid.

pub(crate) mod contact;
pub(crate) mod customer;
