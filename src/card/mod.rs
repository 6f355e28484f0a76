//! Payment cards: they print masked at most, and are wiped from memory when they are dropped.

pub(crate) mod details;
pub(crate) mod number;
