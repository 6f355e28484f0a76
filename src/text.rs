//! Texts put together and taken apart by a few bytes of wasm each. The standard library's search is made for long needles and brings 6 KB, its formatting
//! is made for every type there is and brings as much.

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

/// Where the first of some bytes of ASCII stands.
#[inline(never)]
pub(crate) fn place_of(text: &str, wanted: &[u8]) -> Option<usize> {
    text.bytes().position(|byte| wanted.contains(&byte))
}

/// What stands before the first of some bytes of ASCII; the whole text if there is none.
pub(crate) fn before<'t>(text: &'t str, stops: &[u8]) -> &'t str {
    place_of(text, stops)
        .and_then(|at| text.get(..at))
        .unwrap_or(text)
}

/// The parts between one byte of ASCII, each passing a test.
#[inline(never)]
pub(crate) fn all_parts(text: &str, separator: u8, test: &dyn Fn(&str) -> bool) -> bool {
    let mut rest = text;
    while let Some(at) = place_of(rest, &[separator]) {
        if !test(rest.get(..at).unwrap_or_default()) {
            return false;
        }
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    test(rest)
}

/// At most so many bytes of a text, in whole characters.
pub(crate) fn up_to(text: &str, most: usize) -> &str {
    (0..=most.min(text.len()))
        .rev()
        .find_map(|end| text.get(..end))
        .unwrap_or_default()
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

/// The parts, one behind the other.
#[inline(never)]
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        out.push_str(part);
    }
    out
}

/// Decimal digits, with zeros before them up to so many.
#[inline(never)]
pub(crate) fn digits(mut number: u64, least: usize) -> String {
    let mut reversed = String::new();
    while number > 0 || reversed.len() < least.max(1) {
        reversed.push(char::from(b'0' + (number % 10) as u8));
        number /= 10;
    }
    reversed.chars().rev().collect()
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
            prop_assert_eq!(place_of(&text, b"ab"), text.find(['a', 'b']));
            prop_assert_eq!(Some(before(&text, b"ab")), text.split(['a', 'b']).next());
            let test = |part: &str| part.len() < 4;
            prop_assert_eq!(all_parts(&text, b'b', &test), text.split('b').all(test));
            prop_assert_eq!(concat(&[&text, &needle, &with]), [text, needle, with].concat());
        }

        #[test]
        fn writes_digits_as_the_standard_library_does(number: u64, least in 0usize..5) {
            prop_assert_eq!(digits(number, least), format!("{number:0least$}"));
        }
    }
}
