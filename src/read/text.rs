//! Text in a request: names, addresses, words that the gateway chooses.

use super::fields::read_from_text;
use super::violation::Violation;

/// Takes a text that says something.
///
/// # Errors
/// Nothing but white space; a control character, which no name or address has and which could end a line in somebody's log.
pub(crate) fn words(text: &str) -> Result<String, Violation> {
    if text.trim().is_empty() {
        return Err(Violation::new(
            "empty",
            "is empty; leave the field out when its value is not known",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Violation::new(
            "format",
            "has a control character, such as a tab or the end of a line; remove it",
        ));
    }
    Ok(text.to_owned())
}

read_from_text!(String, words);

/// A string exactly as it was given, for a value that its own type checks.
pub(crate) struct Verbatim(pub(crate) String);

read_from_text!(Verbatim, |text: &str| Ok::<_, Violation>(Verbatim(
    text.to_owned()
)));

/// Whether a character is one that nobody sees: a control, a zero-width one, or one that turns the direction of writing.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
