//! How values are read from JSON, and how everything that is wrong with them is reported.

pub(crate) mod calendar;
#[allow(dead_code, unused_macros, unused_imports)] // until the requests are read with it
pub(crate) mod fields;
pub(crate) mod json_read;
pub(crate) mod json_text;
pub(crate) mod object;
pub(crate) mod open;
pub(crate) mod secret;
pub(crate) mod shape;
#[allow(dead_code, unused_macros, unused_imports)] // until the requests are read with it
pub(crate) mod suggest;
pub(crate) mod validate;
pub(crate) mod violation;
