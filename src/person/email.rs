//! E-mail addresses, by the crate `email_address`.

use std::fmt;

use email_address::{EmailAddress, Options};
use serde::Serialize;

use crate::read::fields::read_from_text;
use crate::read::text::is_invisible;
use crate::read::violation::Violation;

/// An e-mail address that mail could be sent to (RFC 5321 and, for letters beyond ASCII, RFC 6531): a local part, `@`, and a host with a top level domain.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "js", derive(tsify::Tsify), tsify(type = "string"))]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Takes an address without a display name.
    ///
    /// # Errors
    /// Whatever is not one e-mail address; one with an invisible character, which would make two addresses look like one.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let options = Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        let is_address =
            EmailAddress::parse_with_options(text, options).is_ok_and(|found| found.email() == text);
        if is_address && !text.chars().any(is_invisible) {
            return Ok(Email(text.to_owned()));
        }
        Err(Violation::new(
            "format",
            "not an e-mail address; give the address alone, for example user@example.com",
        ))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

read_from_text!(Email, Email::parse);

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email([PERSONAL])")
    }
}
