//! Rewrites a JSON text the way ECMAScript would, where there is no JavaScript host.
//!
//! One buffer is appended to as the text is walked. Beside it is a stack of the members of the objects that are still
//! open: the positions of each one's key and value in the buffer. When an object closes and its members are not in
//! their final order, only its own part of the buffer is reordered. That costs at most the length of the
//! text for each level of nesting, and nesting has a limit.

use super::canonical_error::CanonicalError;
use super::json::{Container, Sink, walk};
use super::quote::quote;

/// Returns the text as `JSON.stringify(JSON.parse(text))` would.
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
    /// For each open object: how many members were on the stack when it opened, and where its text begins.
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

/// Reads the key as an array index (ECMA-262 §6.1.7), 0 to 2³² − 2 in its one canonical spelling, or nothing.
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || (key.starts_with(|c: char| matches!(c, '1'..='9')) && key.len() <= 10);
    if !canonical || !key.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    key.parse().ok().filter(|&index| index != u32::MAX)
}
