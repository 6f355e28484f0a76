//! A text within a text, byte by byte. The standard library's search is made for long needles and brings 6 KB of wasm; these are a few bytes.

/// Where `needle` first stands.
#[inline(never)]
pub(crate) fn find(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes()
        .windows(needle.len().max(1))
        .position(|part| part == needle.as_bytes())
}

/// What stands before the first `needle`, and what behind it.
pub(crate) fn split_once<'t>(text: &'t str, needle: &str) -> Option<(&'t str, &'t str)> {
    let at = find(text, needle)?;
    Some((text.get(..at)?, text.get(at + needle.len()..)?))
}

/// The text with `with` for every `needle`.
#[inline(never)]
pub(crate) fn replace(text: &str, needle: &str, with: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = split_once(rest, needle) {
        out.push_str(before);
        out.push_str(with);
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn searches_as_the_standard_library_does(text in "[abé]{0,12}", needle in "[abé]{1,3}", with in "[xa]{0,2}") {
            prop_assert_eq!(find(&text, &needle), text.find(&needle));
            prop_assert_eq!(split_once(&text, &needle), text.split_once(&needle));
            prop_assert_eq!(replace(&text, &needle, &with), text.replace(&needle, &with));
        }
    }
}
