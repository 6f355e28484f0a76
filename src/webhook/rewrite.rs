//! Writes a JSON text again the way ECMAScript would, where no ECMAScript is at hand.
//!
//! One buffer is appended to as the text is walked. Beside it lies a stack of the members of the objects that are
//! still open: where each one's key and value stand in the buffer. When an object closes and its members are not
//! in their final order, only its own stretch of the buffer is put in order. That costs at most the length of the
//! text for each level of nesting, and nesting has a limit.

use super::canonical::CanonicalError;
use super::json::{Container, Sink, walk};

/// The text as `JSON.stringify(JSON.parse(text))` gives it.
pub(super) fn rewrite(text: &str) -> Result<String, CanonicalError> {
    let mut writer = Writer {
        out: String::with_capacity(text.len()),
        ..Writer::default()
    };
    walk(text, &mut writer)?;
    Ok(writer.out)
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Members of every object that is open, the innermost object's last.
    members: Vec<Member>,
    /// For each open object: how many members lay on the stack when it opened, and where its text begins.
    objects: Vec<(usize, usize)>,
}

/// One member in the buffer: `"key":value` from `start` to `end`.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    key_end: usize,
    end: usize,
}

impl Sink for Writer {
    fn open(&mut self, container: Container) {
        match container {
            Container::Array => self.out.push('['),
            Container::Object => {
                self.out.push('{');
                self.objects.push((self.members.len(), self.out.len()));
            }
        }
    }

    fn close(&mut self, container: Container) {
        match container {
            Container::Array => self.out.push(']'),
            Container::Object => {
                if let Some((first, start)) = self.objects.pop() {
                    if self.members.len() > first {
                        self.end_member();
                    }
                    self.order(first, start);
                    self.members.truncate(first);
                }
                self.out.push('}');
            }
        }
    }

    fn comma(&mut self, container: Container) {
        if container == Container::Object {
            self.end_member();
        }
        self.out.push(',');
    }

    fn key(&mut self, written: &str) {
        let start = self.out.len();
        quote(written, &mut self.out);
        self.members.push(Member {
            start,
            key_end: self.out.len(),
            end: 0,
        });
        self.out.push(':');
    }

    fn string(&mut self, written: &str) {
        quote(written, &mut self.out);
    }

    fn number(&mut self, written: &str) {
        // The standard library reads every JSON number and rounds it correctly.
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.out.push_str(ryu_js::Buffer::new().format_finite(number))
            }
            _ => self.out.push_str("null"),
        }
    }

    fn literal(&mut self, written: &str) {
        self.out.push_str(written);
    }
}

impl Writer {
    fn end_member(&mut self) {
        let end = self.out.len();
        if let Some(member) = self.members.last_mut() {
            member.end = end;
        }
    }

    /// Puts the members from `first` on, whose text begins at `start`, in the order of an object's own keys
    /// (ECMA-262 §10.1.11): array indices ascending, then the others as they first came.
    fn order(&mut self, first: usize, start: usize) {
        let members = self.members.get(first..).unwrap_or_default();
        let key = |member: &Member| {
            self.out
                .get(member.start + 1..member.key_end - 1)
                .unwrap_or_default()
        };

        // Sorted by key, and within one key by place, repetitions lie together.
        let mut by_key: Vec<usize> = (0..members.len()).collect();
        let key_at = |place: usize| members.get(place).map(key).unwrap_or_default();
        by_key.sort_unstable_by(|&a, &b| key_at(a).cmp(key_at(b)).then(a.cmp(&b)));
        let mut kept: Vec<(Option<u32>, usize, usize)> = Vec::with_capacity(members.len());
        for same in by_key.chunk_by(|&a, &b| key_at(a) == key_at(b)) {
            if let (Some(&place), Some(&value)) = (same.first(), same.last()) {
                kept.push((array_index(key_at(place)), place, value));
            }
        }
        kept.sort_unstable_by_key(|&(index, place, _)| (index.is_none(), index, place));

        let in_order =
            kept.len() == members.len() && kept.iter().enumerate().all(|(at, &(_, place, _))| at == place);
        if in_order {
            return;
        }
        let mut text = String::with_capacity(self.out.len() - start);
        for (_, _, value) in kept {
            if let Some(member) = members
                .get(value)
                .and_then(|member| self.out.get(member.start..member.end))
            {
                if !text.is_empty() {
                    text.push(',');
                }
                text.push_str(member);
            }
        }
        self.out.truncate(start);
        self.out.push_str(&text);
    }
}

/// The key as an array index (ECMA-262 §6.1.7), 0 to 2³² − 2 in its one canonical spelling, or nothing.
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || (key.starts_with(|c: char| matches!(c, '1'..='9')) && key.len() <= 10);
    if !canonical || !key.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    key.parse().ok().filter(|&index| index != u32::MAX)
}

/// Writes a string the way `JSON.stringify` quotes it (ECMA-262 §25.5.4.3), from its text in a JSON source.
///
/// What stands unescaped in a JSON source stands unescaped in the canonical form too; only escapes can change.
fn quote(written: &str, out: &mut String) {
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

/// The four digits of `uXXXX`, which the grammar has checked, and what follows them.
fn code_unit(escape: &str) -> (u32, &str) {
    let (digits, rest) = escape.split_at_checked(5).unwrap_or_default();
    (
        u32::from_str_radix(digits.get(1..).unwrap_or_default(), 16).unwrap_or_default(),
        rest,
    )
}
