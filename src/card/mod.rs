//! Payment cards: they print nowhere and are wiped when they are dropped.

pub(crate) mod details;
pub(crate) mod number;
