//! Brings a JSON text to its canonical form with the `JSON` of the JavaScript host.
//!
//! V8 12.8 to 14.6 at least (Chrome, Node 23 to 26, workerd) reads some keys wrongly: once any object with a backslash in
//! a key has been parsed, a key that is written with an escape, in an object of the same shape, may come out as that
//! other key (nodejs/node#63785). So no key goes to the host with an escape: on the way in, a mark that occurs nowhere
//! else replaces the backslash, and on the way out it is replaced back.
//!
//! All but the call of the host is compiled for the native tests too; see `tests::host`.

use super::canonical_error::{CanonicalError, CanonicalErrorKind};
use super::json::{Container, Sink, walk};
use super::quote::quote;

/// Returns the text as the host's `JSON.stringify(JSON.parse(text))` gives it.
pub(super) fn rewrite(text: &str) -> Result<String, CanonicalError> {
    let mut keys = EscapedKeys(false);
    walk(text, &mut keys)?;
    if !keys.0 {
        return host(text);
    }
    let mark = mark(text).ok_or(CanonicalError::new(CanonicalErrorKind::PrivateUse, 0))?;
    let mut marked = Marked {
        mark,
        out: String::with_capacity(text.len()),
    };
    walk(text, &mut marked)?;
    host(&marked.out).map(|text| unmark(&text, mark))
}

#[cfg(all(target_arch = "wasm32", feature = "host"))]
fn host(text: &str) -> Result<String, CanonicalError> {
    // The grammar has accepted the text, so the host can refuse it only for want of memory or stack.
    js_sys::JSON::parse(text)
        .and_then(|value| js_sys::JSON::stringify(&value))
        .map(String::from)
        .map_err(|_| CanonicalError::new(CanonicalErrorKind::TooDeep, 0))
}

#[cfg(not(all(target_arch = "wasm32", feature = "host")))]
use tests::host;

/// Whether a key is written with an escape.
struct EscapedKeys(bool);

impl Sink for EscapedKeys {
    fn key(&mut self, written: &str) {
        self.0 |= written.contains('\\');
    }
}

/// Finds a character for private use that the text does not hold, neither as such nor as an escape.
fn mark(text: &str) -> Option<char> {
    const FIRST: u32 = 0xe000;
    let mut used = [false; 0x1900];
    let escapes = text
        .match_indices("\\u")
        .filter_map(|(at, _)| u32::from_str_radix(text.get(at + 2..at + 6)?, 16).ok());
    for code in text.chars().map(u32::from).chain(escapes) {
        let place = code
            .checked_sub(FIRST)
            .and_then(|place| used.get_mut(place as usize));
        if let Some(used) = place {
            *used = true;
        }
    }
    let free = used.iter().position(|used| !used)?;
    char::from_u32(FIRST + u32::try_from(free).ok()?)
}

/// Writes the text again, with its keys in their canonical spelling and the mark for each backslash in them.
struct Marked {
    mark: char,
    out: String,
}

impl Sink for Marked {
    fn open(&mut self, container: Container) {
        self.out
            .push(if container == Container::Object { '{' } else { '[' });
    }

    fn close(&mut self, container: Container) {
        self.out
            .push(if container == Container::Object { '}' } else { ']' });
    }

    fn comma(&mut self, _container: Container) {
        self.out.push(',');
    }

    fn key(&mut self, written: &str) {
        let mut quoted = String::new();
        quote(written, &mut quoted);
        let mut escaped = false;
        for character in quoted.chars() {
            self.out.push(match character {
                '"' if escaped => 'Q',
                '\\' if escaped => 'B',
                '\\' => self.mark,
                other => other,
            });
            escaped = character == '\\' && !escaped;
        }
        self.out.push(':');
    }

    fn string(&mut self, written: &str) {
        self.out.push('"');
        self.out.push_str(written);
        self.out.push('"');
    }

    fn number(&mut self, written: &str) {
        self.out.push_str(written);
    }

    fn literal(&mut self, written: &str) {
        self.out.push_str(written);
    }
}

fn unmark(text: &str, mark: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for character in text.chars() {
        out.push(match character {
            'Q' if escaped => '"',
            'B' if escaped => '\\',
            other if other == mark => '\\',
            other => other,
        });
        escaped = character == mark;
    }
    out
}

#[cfg(test)]
#[cfg(not(all(target_arch = "wasm32", feature = "host")))]
mod tests {
    use proptest::prelude::*;

    use super::super::rewrite;
    use super::*;

    /// What no JSON is rewritten to.
    const MISREAD: &str = "misread";

    /// Our own writer in the host's place, with the host's fault: it misreads a text with an escape in a key.
    pub(super) fn host(text: &str) -> Result<String, CanonicalError> {
        #[derive(Default)]
        struct Keys(String);
        impl Sink for Keys {
            fn key(&mut self, written: &str) {
                self.0.push_str(written);
            }
        }
        let mut keys = Keys::default();
        walk(text, &mut keys)?;
        if keys.0.contains('\\') {
            return Ok(MISREAD.to_owned());
        }
        rewrite::rewrite(text)
    }

    fn has_escaped_keys(text: &str) -> bool {
        let mut keys = EscapedKeys(false);
        walk(text, &mut keys).is_ok_and(|()| keys.0)
    }

    #[test]
    fn only_an_escape_in_a_key_costs_the_way_through_marks() {
        for text in [r#"{"a":"\n","b":["\u0031"]}"#, r#""\n""#, r#"["\n"]"#, "{}"] {
            assert!(!has_escaped_keys(text), "{text}");
        }
        for text in [
            r#"{"\n":1}"#,
            r#"{"a":1,"\n":2}"#,
            r#"{"\n":1,"a":2}"#,
            r#"{"\n":1,"\t":2}"#,
            r#"[{"a":{"\u0031":1}}]"#,
        ] {
            assert!(has_escaped_keys(text), "{text}");
        }
    }

    #[test]
    fn keys_keep_what_their_escapes_say() {
        for (text, expected) in [
            (
                r#"{ "\u0062": 1, "a\/b": 2, "\u0031": "\u0033" }"#,
                r#"{"1":"3","b":1,"a/b":2}"#,
            ),
            (
                r#"{ "\"": 1, "\\": 2, "\n": 3, "\u0001": 4 }"#,
                r#"{"\"":1,"\\":2,"\n":3,"\u0001":4}"#,
            ),
            // The letters that stand in for a quote and a backslash are letters like any other elsewhere.
            (
                r#"{ "\\Q": "Q\\B", "\"B": "Q\"B" }"#,
                r#"{"\\Q":"Q\\B","\"B":"Q\"B"}"#,
            ),
            (r#"{ "Q": 1, "B": 2, "\\\"": 3 }"#, r#"{"Q":1,"B":2,"\\\"":3}"#),
            (
                r#"[ {"\n": [true, {}, []]}, -0.50, null ]"#,
                r#"[{"\n":[true,{},[]]},-0.5,null]"#,
            ),
        ] {
            assert_eq!(rewrite(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_mark_is_not_in_the_text_in_any_spelling() {
        assert_eq!(mark("{}"), Some('\u{e000}'));
        assert_eq!(mark("\"\u{e000}\u{e002}\""), Some('\u{e001}'));
        assert_eq!(mark(r#""\ue000\uE001\uE00a""#), Some('\u{e002}'));
        assert_eq!(mark("\"\\ue000\u{e001}\""), Some('\u{e002}'));
        let all = |last| ('\u{e000}'..=last).collect::<String>();
        assert_eq!(mark(&all('\u{f8fe}')), Some('\u{f8ff}'));
        assert_eq!(mark(&all('\u{f8ff}')), None);
    }

    /// Every private character and an escape in a key: nobody's webhook, and the host must not see it as it is.
    #[test]
    fn without_a_mark_the_text_is_refused() {
        let all: String = ('\u{e000}'..='\u{f8ff}').collect();
        let text = |key: &str| format!(r#"{{ "{key}": "{all}" }}"#);
        let refused = CanonicalError::new(CanonicalErrorKind::PrivateUse, 0);
        assert_eq!(rewrite(&text("\\n")), Err(refused));
        assert_eq!(rewrite(&text("n")), Ok(format!(r#"{{"n":"{all}"}}"#)));
    }

    #[test]
    fn what_is_no_json_never_reaches_the_host() {
        for text in ["", "{", r#"{"\n":1,}"#, r#"{"\x":1}"#] {
            assert_eq!(rewrite(text), rewrite::rewrite(text), "{text}");
            assert!(rewrite(text).is_err(), "{text}");
        }
    }

    /// Strings thick with escapes, with the stand-ins for them, and with marks.
    fn string() -> impl Strategy<Value = String> {
        let parts = [
            "a", "Q", "B", "1", "é", r#"\""#, r"\\", r"\/", r"\n", r"\u0031", r"\u0022", r"\u005C",
            r"\u0001", r"\ud83d", r"\uDE00", "\u{e000}", r"\uE001", r"\\ue002",
        ];
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..6)
            .prop_map(|parts| format!("\"{}\"", parts.concat()))
    }

    fn text() -> impl Strategy<Value = String> {
        let other = prop::sample::select(vec!["-0.50", "1e3", "true", "null"]);
        let leaf = prop_oneof![string(), other.prop_map(str::to_owned)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let member = (string(), inner.clone()).prop_map(|(key, value)| format!("{key} : {value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|items| format!("[ {} ]", items.join(" , "))),
                prop::collection::vec(member, 0..4)
                    .prop_map(|members| format!("{{ {} }}", members.join(" , "))),
            ]
        })
    }

    proptest! {
        #[test]
        fn marks_change_nothing(text in text()) {
            prop_assert_eq!(rewrite(&text), rewrite::rewrite(&text));
        }
    }
}
