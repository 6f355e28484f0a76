//! How values are read from JSON, and how everything that is wrong with them is reported.

pub(crate) mod calendar;
pub(crate) mod json_read;
pub(crate) mod json_text;
pub(crate) mod object;
pub(crate) mod open;
pub(crate) mod shape;
pub(crate) mod validate;
pub(crate) mod violation;
