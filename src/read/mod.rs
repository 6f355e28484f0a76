//! How values are read from JSON, and how everything that is wrong with them is reported.

pub(crate) mod calendar;
pub(crate) mod fields;
pub(crate) mod json;
pub(crate) mod open;
pub(crate) mod reply;
pub(crate) mod report;
pub(crate) mod secret;
pub(crate) mod suggest;
pub(crate) mod text;
pub(crate) mod violation;
