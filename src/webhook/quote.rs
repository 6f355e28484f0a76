//! Strings as ECMAScript writes them.

/// Writes a string the way `JSON.stringify` quotes it (ECMA-262 §25.5.4.3), from its text in a JSON source.
///
/// What is unescaped in a JSON source is unescaped in the canonical form too; only escapes can change.
pub(super) fn quote(written: &str, out: &mut String) {
    out.push('"');
    let mut rest = written;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        out.push_str(plain);
        rest = match escaped.as_bytes().first() {
            Some(b'u') => unicode_escape(escaped, out),
            Some(b'/') => {
                out.push('/');
                escaped.get(1..).unwrap_or_default()
            }
            _ => {
                // \" \\ \b \f \n \r \t are written as they are read.
                out.push('\\');
                let (letter, rest) = escaped.split_at_checked(1).unwrap_or_default();
                out.push_str(letter);
                rest
            }
        };
    }
    out.push_str(rest);
    out.push('"');
}

/// Writes the character of the escape at the start of `escaped` (`uXXXX`), and gives back what follows it.
fn unicode_escape<'a>(escaped: &'a str, out: &mut String) -> &'a str {
    let (unit, rest) = code_unit(escaped);
    let low = rest
        .strip_prefix('\\')
        .filter(|rest| rest.starts_with('u'))
        .map(code_unit);
    if let (0xd800..=0xdbff, Some((low @ 0xdc00..=0xdfff, rest))) = (unit, low) {
        let point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        out.extend(char::from_u32(point));
        return rest;
    }
    match unit {
        0x08 => out.push_str("\\b"),
        0x09 => out.push_str("\\t"),
        0x0a => out.push_str("\\n"),
        0x0c => out.push_str("\\f"),
        0x0d => out.push_str("\\r"),
        0x22 => out.push_str("\\\""),
        0x5c => out.push_str("\\\\"),
        // Other control characters, and surrogates without their other half, stay escapes, in lower case.
        0x00..=0x1f | 0xd800..=0xdfff => {
            out.push_str("\\u");
            out.extend(
                [12, 8, 4, 0]
                    .into_iter()
                    .filter_map(|shift| char::from_digit((unit >> shift) & 0xf, 16)),
            );
        }
        _ => out.extend(char::from_u32(unit)),
    }
    rest
}

/// Reads the four digits of `uXXXX`, which the grammar has checked, and returns what follows them.
fn code_unit(escape: &str) -> (u32, &str) {
    let (digits, rest) = escape.split_at_checked(5).unwrap_or_default();
    (
        u32::from_str_radix(digits.get(1..).unwrap_or_default(), 16).unwrap_or_default(),
        rest,
    )
}
