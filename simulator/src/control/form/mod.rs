//! The settings as a form: one table of fields, from which the page is written and what was entered is read.

mod fields;
mod html;
mod read;

pub(super) use html::{form, problems};
pub(super) use read::{Entered, read};
