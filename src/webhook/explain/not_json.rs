//! Finds out what a body is that is not JSON, so that it could never verify.

use base64ct::{Base64Unpadded, Encoding};

use super::charset;
use super::explanation::Explanation;
use super::reason::Reason;
use super::search::Search;
use crate::webhook::canonical::canonicalize;

/// What gzip begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];

impl Search<'_> {
    /// Explains a body that is not JSON.
    pub(super) fn not_json(&self, body: &[u8]) -> Explanation {
        if body.trim_ascii().is_empty() {
            return Reason::BodyEmpty.into();
        }
        if let Some(text) = body.strip_prefix(b"\xef\xbb\xbf") {
            let right = self.signed_in_a_form(text);
            let detail = if right {
                "Without it the signature is right."
            } else {
                "Even without it the signature is not right."
            };
            return Explanation::from(Reason::ByteOrderMark).with(detail);
        }
        if body.starts_with(b"[object ")
            || body.starts_with(b"{'")
            || body.starts_with(b"map[")
            || body.starts_with(b"Array")
        {
            return Reason::BodyParsed.into();
        }
        if let Some(compressed) = compression(body) {
            return Explanation::from(Reason::BodyCompressed).with(compressed);
        }
        if let Some(text) = from_base64(body) {
            let right = self.signed_in_a_form(&text);
            let detail = if right {
                "Decoded, it is what was signed."
            } else if text.starts_with(GZIP) {
                "Decoded, it is gzip, which has to be decompressed."
            } else {
                "Even decoded, it is not what was signed."
            };
            return Explanation::from(Reason::BodyBase64).with(detail);
        }
        let utf8 = std::str::from_utf8(body).is_ok();
        let read = charset::from_utf16(body).or_else(|| (!utf8).then(|| charset::from_windows_1252(body)));
        match read {
            Some(text) if self.signed_in_a_form(text.as_bytes()) => {
                Explanation::from(Reason::Charset).with("Brought to UTF-8, it is what was signed.")
            }
            Some(_) if !utf8 => Reason::Charset.into(),
            _ => Reason::NotJson.into(),
        }
    }
}

/// Describes how the bytes are compressed, as far as they show it.
fn compression(body: &[u8]) -> Option<&'static str> {
    match body {
        // The last two are gzip that something has read as UTF-8 or as Latin-1.
        [0x1f, 0x8b, ..] | [0x1f, 0xef, 0xbf, 0xbd, ..] | [0x1f, 0xc2, 0x8b, ..] => {
            Some("It begins as gzip does.")
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("It begins as Zstandard does."),
        // RFC 1950: method 8 in the low half, and both bytes together a multiple of 31.
        [first, second, ..]
            if first & 0xf == 8
                && first >> 4 <= 7
                && u16::from_be_bytes([*first, *second]) % 31 == 0
                && is_binary(body) =>
        {
            Some("It begins as deflate (zlib) does.")
        }
        _ if is_binary(body) => Some("It only looks so: Brotli, for one, has no mark to know it by."),
        _ => None,
    }
}

/// Tells whether this is no text, or was none before something read it as UTF-8: text in other charsets has no control characters but white space, UTF-16 has zeros.
fn is_binary(body: &[u8]) -> bool {
    std::str::from_utf8(body).map_or(true, |text| text.contains(char::REPLACEMENT_CHARACTER))
        && body
            .iter()
            .any(|byte| matches!(byte, 1..=8 | 0xb | 0xc | 0xe..=0x1f))
}

/// Returns the JSON text, or the gzip, that the body is the base64 of: in lines or in one, with padding or without, in either alphabet.
fn from_base64(body: &[u8]) -> Option<Vec<u8>> {
    let text: String = std::str::from_utf8(body)
        .ok()?
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '=')
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let decoded = Base64Unpadded::decode_vec(&text).ok()?;
    (decoded.starts_with(GZIP) || canonicalize(&decoded).is_ok()).then_some(decoded)
}
