//! Secrets: an API key, a signature password.

use super::text::is_invisible;
use super::violation::Violation;

/// What an unset variable looks like once a program has made a text of it.
const UNSET: [&str; 2] = ["undefined", "null"];

/// Returns the secret without white space and invisible characters at its ends, such as a line end or a byte order mark from a file.
pub(crate) fn trimmed(secret: &str) -> &str {
    secret.trim_matches(|c: char| c.is_whitespace() || (is_invisible(c) && !c.is_control()))
}

/// Refuses what is no secret: nothing, white space alone, and the text of an unset variable. With such a signature password anybody could sign.
///
/// The secret itself is in no message. White space at an end is not refused: it may be part of the secret.
///
/// # Errors
/// `required` for no secret at all, `format` for the text of an unset variable.
pub fn check_secret(secret: &str) -> Result<(), Violation> {
    let trimmed = trimmed(secret);
    if trimmed.is_empty() {
        return Err(Violation::new(
            "required",
            "is empty: copy it from the merchant portal, under Settings, Credentials, and see whether the variable that holds it is set",
        ));
    }
    if let Some(unset) = UNSET.iter().find(|unset| **unset == trimmed) {
        return Err(Violation::new(
            "format",
            format!(
                "is the text {unset:?}, which a program makes of an unset variable: set the variable that holds it"
            ),
        ));
    }
    Ok(())
}
