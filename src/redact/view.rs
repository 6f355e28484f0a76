//! A foreign text as its readers would decode it.

/// A text with its escapes decoded: those of JSON (however often they were escaped again), of URLs and forms, and of HTML.
pub(super) struct View {
    pub(super) chars: Vec<char>,
    /// Where in the text each character begins, and at last where the text ends.
    places: Vec<usize>,
}

impl View {
    pub(super) fn of(text: &str) -> Self {
        let mut view = View {
            chars: Vec::with_capacity(text.len()),
            places: Vec::with_capacity(text.len() + 1),
        };
        let mut at = 0;
        while let Some((mut c, mut next)) = atom(text, at) {
            if c == '\\' {
                while let Some(('\\', behind)) = atom(text, next) {
                    next = behind;
                }
                match atom(text, next) {
                    Some((escaped @ ('"' | '\'' | '/'), end)) => (c, next) = (escaped, end),
                    Some(('n' | 'r', end)) => (c, next) = ('\n', end),
                    Some(('t', end)) => (c, next) = ('\t', end),
                    Some(('u', end)) => {
                        if let Some(code) = number(text.get(end..end + 4), 16) {
                            (c, next) = (char::from_u32(code).unwrap_or('\u{fffd}'), end + 4);
                        }
                    }
                    _ => {}
                }
            }
            view.chars.push(c);
            view.places.push(at);
            at = next;
        }
        view.places.push(text.len());
        view
    }

    pub(super) fn get(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    pub(super) fn place(&self, at: usize) -> usize {
        self.places
            .get(at)
            .or(self.places.last())
            .copied()
            .unwrap_or_default()
    }

    /// How long a character is as it was written. What is escaped once more than the text around it is longer.
    pub(super) fn length(&self, at: usize) -> usize {
        self.place(at + 1) - self.place(at)
    }
}

/// The character at `at`, percent-encoding and HTML's references decoded, and where the next one begins.
fn atom(text: &str, at: usize) -> Option<(char, usize)> {
    let rest = text.get(at..)?;
    let c = rest.chars().next()?;
    let end = |behind: &str| text.len() - behind.len();
    if c == '%' {
        // `%2541` was encoded twice.
        let mut code = rest.get(1..)?;
        while let Some(inner) = code.strip_prefix("25") {
            code = inner;
        }
        if let Some(byte) = number(code.get(..2), 16) {
            // Beyond ASCII it is a part of a character. It matters only between digits, where it is a space or a dash.
            let c = char::from_u32(byte).filter(char::is_ascii).unwrap_or('\u{a0}');
            return Some((c, end(code) + 2));
        }
        return Some((c, end(code)));
    }
    if c == '&' {
        for (name, meant) in [("&quot;", '"'), ("&amp;", '&'), ("&nbsp;", ' ')] {
            if let Some(behind) = rest.strip_prefix(name) {
                return Some((meant, end(behind)));
            }
        }
        if let Some(((code, behind), radix)) = rest
            .strip_prefix("&#x")
            .map(|code| (code, 16))
            .or(rest.strip_prefix("&#").map(|code| (code, 10)))
            .and_then(|(code, radix)| Some((code.split_once(';')?, radix)))
            && let Some(meant) = number(Some(code), radix).and_then(char::from_u32)
        {
            return Some((meant, end(behind)));
        }
    }
    Some((c, at + c.len_utf8()))
}

fn number(digits: Option<&str>, radix: u32) -> Option<u32> {
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, radix).ok()
}
