//! What is said about an unknown name: the known one that was probably meant.

use strsim::osa_distance;

use super::violation::Violation;
use crate::redact::redact;

/// A longer name is no slip of a known one. It is not repeated either: looking through it for secrets takes quadratic time.
const LONGEST_NAME: usize = 40;

/// A letter too many or too few, another letter, or two letters exchanged.
const MOST_SLIPS: usize = 2;

/// An unknown field `name` of the object at `path`.
pub(crate) fn unknown_field(path: &str, name: &str, known: &[&str]) -> Violation {
    let point = if path.is_empty() { "" } else { "." };
    Violation::new("unknown_field", remedy(name, known)).at(format!("{path}{point}{}", shown(name)))
}

/// A name from outside, as it may be shown: somebody may have given a card's number for one.
pub(crate) fn shown(name: &str) -> String {
    if name.len() > LONGEST_NAME {
        return format!("[a name of {} bytes]", name.len());
    }
    redact(name, &[])
}

fn remedy(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known) {
        format!("unknown field; did you mean \"{near}\"?")
    } else if known.contains(&"extra") {
        "unknown field; remove it, or give it under `extra` if the gateway takes it".to_owned()
    } else {
        format!("unknown field; remove it (known: {})", known.join(", "))
    }
}

/// The known name that is the same but for case and underscores (`userId`), or at most two slips away.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    let name = plain(name);
    known
        .iter()
        .map(|known| (osa_distance(&name, &plain(known)), *known))
        .filter(|(slips, known)| *slips <= MOST_SLIPS.min(known.len() / 3))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, known)| known)
}
