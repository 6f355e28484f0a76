//! Texts in another charset than UTF-8, and UTF-8 that was read as another.

/// What windows-1252, the web's Latin-1, has at 0x80 to 0x9f; U+FFFD where it has nothing.
const WINDOWS_1252: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";

/// Decodes windows-1252.
pub(super) fn from_windows_1252(bytes: &[u8]) -> String {
    let read = |&byte: &u8| match byte {
        0x80..=0x9f => WINDOWS_1252
            .chars()
            .nth(usize::from(byte) - 0x80)
            .unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(byte),
    };
    bytes.iter().map(read).collect()
}

/// Restores text that was UTF-8 and has been read as windows-1252: `Ã©` for `é`.
pub(super) fn read_as_windows_1252(text: &str) -> Option<String> {
    let byte = |character: char| match u8::try_from(character) {
        Ok(byte) => Some(byte),
        Err(_) => WINDOWS_1252
            .chars()
            .position(|known| known == character)
            .and_then(|at| u8::try_from(at + 0x80).ok()),
    };
    let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
    String::from_utf8(bytes?).ok().filter(|read| read != text)
}

/// Decodes UTF-16 of either byte order, if the bytes are that.
pub(super) fn from_utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    [u16::from_le_bytes, u16::from_be_bytes]
        .into_iter()
        .find_map(|read| {
            let units: Vec<u16> = pairs.iter().map(|&pair| read(pair)).collect();
            let text = String::from_utf16(&units).ok()?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            text.starts_with(['{', '[', ' ', '\n', '\r', '\t'])
                .then(|| text.to_owned())
        })
}
