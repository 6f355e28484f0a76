//! Proves in one pass that a body already is what `JSON.stringify` would write, so that it can be hashed as it came.
//!
//! The pass may be wrong in one direction only: whatever it does not prove goes the long way and comes to the same
//! result. It accepts a text when all of this holds, and each point keeps `JSON.stringify(JSON.parse(text)) == text`:
//!
//! 1. It is JSON with no white space between tokens, nested at most [`LEVELS`] deep.
//! 2. A string holds no byte below 0x20, and of the escapes only `\"` `\\` `\b` `\f` `\n` `\r` `\t`. `JSON.stringify`
//!    escapes just the quote, the backslash, the characters below U+0020 and lone surrogates; for the first two and
//!    these five control characters it writes just those escapes. UTF-8 has no lone surrogates, and the text is UTF-8.
//! 3. No object holds a key twice, and no key is made of digits alone. So no value is replaced, and no key is an
//!    array index, the one kind of key that moves.
//! 4. A number is a decimal without exponent, not `-0`, with at most 15 significant digits counted from the first
//!    that is not zero; its fraction, if any, does not end in a zero; if its integer part is `0`, at most five zeros
//!    are between the point and the first other digit. *Why it prints as itself:* such a number lies between 1e-6
//!    and 1e15 (or is 0), where doubles carry every decimal of 15 digits (`DBL_DIG`): two different ones never round
//!    to the same double. `Number::toString` (ECMA-262 §6.1.6.1.20) takes the fewest digits that round back to the
//!    double. The number's own digits, less the zeros at the end of an integer, do round back, and any shorter or
//!    other sequence of as few digits would be a second decimal of at most 15 digits for the same double. So it takes
//!    these digits; and from 1e-6 to below 1e21 it writes them without exponent, with just the zeros that the
//!    number's own text has.
//!
//! Repeated keys are found by fingerprints of 64 bits in one table for the whole text. Equal keys of one object
//! always have equal fingerprints, so none goes unseen; a chance or a made collision only costs the long way.

use std::ops::Range;

/// Deeper texts go the long way.
const LEVELS: usize = 32;

/// Slots of the table that costs no allocation: enough for 32 keys.
const SLOTS: usize = 64;

/// Slots that are tried for one key. Keys made to collide go the long way, they do not cost quadratic time.
const PROBES: usize = 32;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
/// Odd, with well mixed bits: 2⁶⁴ divided by the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// What is known of a text that is its own canonical form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proven {
    /// All of its characters are ASCII.
    Ascii,
    /// It is UTF-8.
    Utf8,
}

/// Tells whether `text` is proven to be its own canonical form.
pub(super) fn is_already_canonical(text: &[u8]) -> bool {
    prove(text, |_, _| {}).is_some()
}

/// Proves that `text` is its own canonical form, and reports each member of the outermost object: its key, and the position of its value between
/// the quotes if it is a string. What was reported counts only if all of the text is proven.
#[inline(always)]
pub(crate) fn prove(text: &[u8], member: impl FnMut(&[u8], Option<Range<usize>>)) -> Option<Proven> {
    // Apart from the cursor, so that the cursor can live in registers.
    let mut keys = Fingerprints::new();
    let mut cursor = Cursor { text, at: 0, seen: 0 };
    walk(&mut cursor, &mut keys, member)?;
    if cursor.seen & HIGHS == 0 {
        return Some(Proven::Ascii);
    }
    std::str::from_utf8(text).is_ok().then_some(Proven::Utf8)
}

/// The whole text as one value; `Some` when all of it is proven.
#[inline(always)]
fn walk(
    cursor: &mut Cursor<'_>,
    keys: &mut Fingerprints,
    mut member: impl FnMut(&[u8], Option<Range<usize>>),
) -> Option<()> {
    // For each open container the object around it, or 0 for an array or nothing.
    let mut around = [0_u32; LEVELS];
    let mut depth = 0_usize;
    let mut objects = 0_u32;
    let mut object = 0_u32;
    'value: loop {
        let before_key = cursor.at + 1;
        let outermost = object != 0 && depth == 1;
        if object != 0 {
            let fingerprint = cursor.key()?;
            if !keys.insert(mix(fingerprint, u64::from(object))) {
                return None;
            }
        }
        // The key's closing quote and its colon are behind it.
        let key = before_key..cursor.at.saturating_sub(2);
        let first = cursor.byte(cursor.at);
        if outermost && first != b'"' {
            member(cursor.text.get(key.clone())?, None);
        }
        match first {
            b'"' => {
                let start = cursor.at + 1;
                cursor.string::<false>()?;
                if outermost {
                    member(cursor.text.get(key)?, Some(start..cursor.at - 1));
                }
            }
            b'-' | b'0'..=b'9' => cursor.number(first)?,
            b'{' | b'[' => {
                *around.get_mut(depth)? = object;
                depth += 1;
                object = 0;
                if first == b'{' {
                    objects += 1;
                    object = objects;
                }
                cursor.at += 1;
                // The closing bracket is two behind the opening one in ASCII.
                if cursor.byte(cursor.at) != first + 2 {
                    continue 'value;
                }
            }
            b't' => cursor.word(b"true")?,
            b'f' => cursor.word(b"false")?,
            b'n' => cursor.word(b"null")?,
            _ => return None,
        }
        // A value, or the bracket that opens an empty container, is behind the cursor.
        while depth != 0 {
            let next = cursor.byte(cursor.at);
            cursor.at += 1;
            if next == b',' {
                continue 'value;
            }
            if next != if object == 0 { b']' } else { b'}' } {
                return None;
            }
            depth -= 1;
            object = *around.get(depth)?;
        }
        return (cursor.at == cursor.text.len()).then_some(());
    }
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    /// All bytes of strings, or-ed, to see whether any is not ASCII.
    seen: u64,
}

impl Cursor<'_> {
    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        // 0 occurs in no canonical text, so it marks the end.
        self.text.get(at).copied().unwrap_or(0)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word).then_some(())
    }

    /// A key and its colon; the key's fingerprint.
    #[inline(always)]
    fn key(&mut self) -> Option<u64> {
        if self.byte(self.at) != b'"' {
            return None;
        }
        let start = self.at + 1;
        let fingerprint = self.string::<true>()?;
        if self.byte(start).is_ascii_digit()
            && self.text.get(start..self.at - 1)?.iter().all(u8::is_ascii_digit)
        {
            return None;
        }
        if self.byte(self.at) != b':' {
            return None;
        }
        self.at += 1;
        Some(fingerprint)
    }

    /// From the opening quote to behind the closing one, eight bytes at a time; a key's fingerprint.
    #[inline(always)]
    fn string<const KEY: bool>(&mut self) -> Option<u64> {
        let mut at = self.at + 1;
        let mut fingerprint = 0;
        loop {
            let rest = self.text.get(at..)?;
            let word = match rest.first_chunk() {
                Some(chunk) => u64::from_le_bytes(*chunk),
                None => last_word(rest),
            };
            self.seen |= word;
            let stops = stops(word);
            if stops == 0 {
                if KEY {
                    fingerprint = mix(fingerprint, word);
                }
                at += 8;
                continue;
            }
            let plain = stops.trailing_zeros() & !7;
            if KEY {
                // How many bytes count is part of the fingerprint: no byte of a string is zero.
                fingerprint = mix(fingerprint, word & !(u64::MAX << plain));
            }
            at += (plain / 8) as usize;
            let stop = (word >> plain) as u8;
            if stop == b'"' {
                self.at = at + 1;
                return Some(fingerprint);
            }
            let escape = self.byte(at + 1);
            if stop != b'\\' || !matches!(escape, b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') {
                return None;
            }
            if KEY {
                fingerprint = mix(fingerprint, u64::from(escape));
            }
            at += 2;
        }
    }

    #[inline(always)]
    fn number(&mut self, first: u8) -> Option<()> {
        let negative = first == b'-';
        let start = self.at + usize::from(negative);
        let integer = self.digits(start);
        let zero = self.byte(start) == b'0';
        if integer == 0 || (zero && integer > 1) {
            return None;
        }
        self.at = start + integer;
        let mut significant = if zero { 0 } else { integer };
        if self.byte(self.at) == b'.' {
            let start = self.at + 1;
            let fraction = self.digits(start);
            self.at = start + fraction;
            if fraction == 0 || self.byte(self.at - 1) == b'0' {
                return None;
            }
            let mut leading = 0;
            if zero {
                while self.byte(start + leading) == b'0' {
                    leading += 1;
                }
                if leading > 5 {
                    return None;
                }
            }
            significant += fraction - leading;
        } else if negative && zero {
            return None;
        }
        // An exponent is no digit and no separator: whoever reads on stops at it.
        (significant <= 15).then_some(())
    }

    #[inline(always)]
    fn digits(&self, from: usize) -> usize {
        let mut at = from;
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at - from
    }
}

/// What is left of the text, filled up with zeros, which end a string as control characters.
#[cold]
fn last_word(rest: &[u8]) -> u64 {
    rest.iter()
        .rev()
        .fold(0, |word, &byte| (word << 8) | u64::from(byte))
}

/// The high bit of each byte that ends a run of plain string bytes: a quote, a backslash, a control character.
/// Only the lowest bit that is set is exact, and only that one is used.
#[inline(always)]
fn stops(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let zero_in = |word: u64| word.wrapping_sub(ONES) & !word;
    (zero_in(quote) | zero_in(backslash) | (word.wrapping_sub(ONES * 0x20) & !word)) & HIGHS
}

#[inline(always)]
fn mix(fingerprint: u64, word: u64) -> u64 {
    let mixed = (fingerprint ^ word).wrapping_mul(MIX);
    mixed ^ (mixed >> 32)
}

/// A set of fingerprints: open addressing, on the stack until it is half full.
struct Fingerprints {
    small: [u64; SLOTS],
    large: Vec<u64>,
    count: usize,
}

impl Fingerprints {
    fn new() -> Self {
        Self {
            small: [0; SLOTS],
            large: Vec::new(),
            count: 0,
        }
    }

    /// Whether the fingerprint is new, and there was a place for it.
    fn insert(&mut self, fingerprint: u64) -> bool {
        let slots = if self.large.is_empty() {
            SLOTS
        } else {
            self.large.len()
        };
        if self.count >= slots / 2 && !self.grow(slots * 4) {
            return false;
        }
        self.count += 1;
        // 0 marks a free slot.
        let fingerprint = fingerprint.max(1);
        if self.large.is_empty() {
            place(&mut self.small, fingerprint)
        } else {
            place(&mut self.large, fingerprint)
        }
    }

    fn grow(&mut self, slots: usize) -> bool {
        let mut larger = vec![0; slots];
        let old: &[u64] = if self.large.is_empty() {
            &self.small
        } else {
            &self.large
        };
        let placed = old
            .iter()
            .all(|&fingerprint| fingerprint == 0 || place(&mut larger, fingerprint));
        self.large = larger;
        placed
    }
}

fn place(slots: &mut [u64], fingerprint: u64) -> bool {
    let mask = slots.len() - 1;
    let mut slot = fingerprint as usize & mask;
    for _ in 0..PROBES {
        match slots.get_mut(slot) {
            Some(free) if *free == 0 => {
                *free = fingerprint;
                return true;
            }
            Some(taken) if *taken == fingerprint => return false,
            _ => slot = (slot + 1) & mask,
        }
    }
    false
}
