//! Which of the usual mistakes keeps a webhook from verifying. For development: it tries what an attacker would like to
//! have tried, and takes its time, so it has no place in a public endpoint.

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha1::{Digest, Sha1};

use crate::webhook::canonical::canonicalize;
use crate::webhook::error::WebhookError;
use crate::webhook::password::Password;
use crate::webhook::signature::Signature;
use crate::webhook::{Matched, Webhook};

mod reason;
mod variants;

pub use reason::Reason;

/// What [`Webhook::explain`] has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Whether the signature is right as it is.
    pub verdict: Verdict,
    /// Which mistake it is.
    pub reason: Reason,
    /// What to do about it, for people. It repeats no password and nothing of the body but the name of a field.
    pub hint: String,
}

/// Whether a signature is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It is.
    Verified,
    /// It is not, and `verify` refuses it.
    Refused,
}

impl From<Reason> for Explanation {
    fn from(reason: Reason) -> Self {
        let verified = matches!(reason, Reason::MatchedCanonical | Reason::MatchedRaw);
        let verdict = if verified {
            Verdict::Verified
        } else {
            Verdict::Refused
        };
        Self {
            verdict,
            reason,
            hint: reason.hint().to_owned(),
        }
    }
}

impl Explanation {
    fn with(mut self, detail: &str) -> Self {
        self.hint.push(' ');
        self.hint.push_str(detail);
        self
    }
}

impl Webhook {
    /// Names the usual mistake that keeps a webhook from verifying, by trying each.
    ///
    /// `candidates` are passwords of other environments, to see whether one of them signed. `now` is as for
    /// [`verify`](Self::verify). For development and for tools: it is slow, not in constant time, and an answer from it
    /// would help whoever forges. A public endpoint says no more than that it refuses.
    ///
    /// ```
    /// use edge_cashier::{Reason, Webhook};
    ///
    /// let webhook = Webhook::new("spg_test_example\n")?; // a line end from a file
    /// let signature = Webhook::new("spg_test_example")?.sign(b"{}")?;
    /// let explanation = webhook.explain(b"{}", &signature, None, &[]);
    /// assert_eq!(explanation.reason, Reason::PasswordWhiteSpace);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explain(
        &self,
        body: &[u8],
        signature: &str,
        now: Option<u64>,
        candidates: &[Password],
    ) -> Explanation {
        match self.check(body, signature, now) {
            Ok(checked) if checked.matched == Matched::Raw => return Reason::MatchedRaw.into(),
            Ok(checked) if *checked.signed != *body => {
                let detail = "The body itself is not as JSON.stringify writes it, so a comparison with its bytes would have failed.";
                return Explanation::from(Reason::MatchedCanonical).with(detail);
            }
            Ok(_) => return Reason::MatchedCanonical.into(),
            Err(WebhookError::NoSignature) => return Reason::NoSignature.into(),
            Err(WebhookError::PasswordExpired { .. }) => return Reason::PasswordExpired.into(),
            Err(_) => {}
        }
        let secrets: Vec<&[u8]> = self.passwords.iter().map(Password::secret).collect();
        match Signature::parse(signature) {
            Ok(signature) => Search {
                signature,
                secrets,
                body,
            }
            .reason(candidates),
            Err(_) => self.malformed(body, signature, now),
        }
    }

    /// A signature that is not 40 hexadecimal digits.
    fn malformed(&self, body: &[u8], signature: &str, now: Option<u64>) -> Explanation {
        let bare = signature.trim().trim_matches(['"', '\'']);
        let bare = bare
            .rsplit_once(['=', ':', ' '])
            .map_or(bare, |(_, digits)| digits);
        if bare != signature && Signature::parse(bare).is_ok() {
            let right = self.check(body, bare, now).is_ok();
            let detail = if right {
                "Without that it is right."
            } else {
                "Even without that it is not right."
            };
            return Explanation::from(Reason::SignatureWrapped).with(detail);
        }
        let upper = signature.to_ascii_uppercase();
        let is_part = signature.len() >= 8
            && self.passwords.iter().any(|password| {
                let canonical = canonicalize(body).ok();
                [canonical.as_deref().map(str::as_bytes), Some(body)]
                    .into_iter()
                    .flatten()
                    .any(|text| {
                        let right = Signature::of(&[text, password.secret()]).to_hex();
                        right.starts_with(&upper) || right.ends_with(&upper)
                    })
            });
        if is_part {
            return Explanation::from(Reason::SignatureTruncated).with("What is there is right.");
        }
        let hexadecimal = signature.bytes().all(|byte| byte.is_ascii_hexdigit());
        let algorithm = match (hexadecimal, signature.len()) {
            (true, 32) => "This is MD5's length.",
            (true, 56) => "This is SHA-224's length.",
            (true, 64) => "This is SHA-256's length.",
            (true, 96) => "This is SHA-384's length.",
            (true, 128) => "This is SHA-512's length.",
            (true, 41..) => "It is longer than SHA-1's.",
            (true, _) => return Reason::SignatureTruncated.into(),
            (false, 28 | 44 | 88) if is_base64(signature) => "This looks like base64.",
            _ => return Reason::SignatureNotHex.into(),
        };
        Explanation::from(Reason::SignatureAlgorithm).with(algorithm)
    }
}

/// A text in quotes, as JSON has it.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
    out
}

fn is_base64(text: &str) -> bool {
    text.ends_with('=')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'='))
}

impl Signature {
    /// Over whatever parts, one behind the other.
    fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha1::new();
        parts.iter().for_each(|part| hash.update(part));
        Self(hash.finalize().into())
    }

    fn hmac(key: &[u8], text: &[u8]) -> Option<Self> {
        let mut hmac = Hmac::<Sha1>::new_from_slice(key).ok()?;
        hmac.update(text);
        Some(Self(hmac.finalize().into_bytes().into()))
    }
}

type Way = (Reason, fn(&str) -> String);

/// How the same JSON is written by other means, and which mistake that is.
const WAYS: [Way; 11] = [
    (Reason::SlashesEscaped, variants::slashes_escaped),
    (Reason::NonAsciiEscaped, variants::ascii),
    (Reason::SlashesEscaped, |text| {
        variants::slashes_escaped(&variants::ascii(text))
    }),
    (Reason::NumbersRewritten, |text| {
        variants::numbers(text, variants::with_point)
    }),
    (Reason::NumbersRewritten, |text| {
        variants::numbers(text, variants::with_cents)
    }),
    (Reason::BodyRewritten, variants::spaced),
    (Reason::BodyRewritten, |text| {
        variants::ascii(&variants::spaced(text))
    }),
    (Reason::BodyRewritten, |text| variants::indented(text, "  ")),
    (Reason::BodyRewritten, |text| variants::indented(text, "    ")),
    (Reason::BodyRewritten, |text| variants::indented(text, "\t")),
    (Reason::BodyDoubleEncoded, quoted),
];

/// A signature of the right form that does not match, and what could have made it.
struct Search<'a> {
    signature: Signature,
    secrets: Vec<&'a [u8]>,
    body: &'a [u8],
}

impl Search<'_> {
    fn is(&self, parts: &[&[u8]]) -> bool {
        Signature::of(parts).matches(self.signature)
    }

    /// Whether this text was signed, with one of the configured passwords.
    fn signed(&self, text: &[u8]) -> bool {
        self.secrets.iter().any(|secret| self.is(&[text, secret]))
    }

    /// Whether this text was signed, in its canonical form or as it is.
    fn signed_in_a_form(&self, text: &[u8]) -> bool {
        self.signed(text) || canonicalize(text).is_ok_and(|canonical| self.signed(canonical.as_bytes()))
    }

    fn reason(&self, candidates: &[Password]) -> Explanation {
        let canonical = canonicalize(self.body).ok();
        let mut forms = vec![self.body];
        forms.extend(canonical.as_deref().map(str::as_bytes));
        if let Some(explanation) = self.password(&forms, candidates) {
            return explanation;
        }
        match &canonical {
            Some(canonical) => self.json(canonical),
            None => self.not_json(),
        }
    }

    /// The right text with a wrong password, or in a wrong place.
    fn password(&self, forms: &[&[u8]], candidates: &[Password]) -> Option<Explanation> {
        for text in forms {
            for secret in &self.secrets {
                let trimmed = secret.trim_ascii();
                let with = |before: &[u8], after: &[u8]| self.is(&[text, before, trimmed, after]);
                let ends: [&[u8]; 6] = [b"", b"\n", b"\r\n", b" ", b"\t", b"\r"];
                if ends
                    .iter()
                    .any(|end| with(b"", end) || with(end, b"") || with(end, end))
                {
                    return Some(Reason::PasswordWhiteSpace.into());
                }
                let bare = trimmed
                    .strip_prefix(b"\"")
                    .and_then(|secret| secret.strip_suffix(b"\""));
                let bare = bare.or_else(|| {
                    trimmed
                        .strip_prefix(b"'")
                        .and_then(|secret| secret.strip_suffix(b"'"))
                });
                if bare.is_some_and(|bare| self.is(&[text, bare])) || with(b"\"", b"\"") || with(b"'", b"'") {
                    return Some(Reason::PasswordQuoted.into());
                }
                if self.is(&[secret, text]) {
                    return Some(Reason::PasswordFirst.into());
                }
                if Signature::hmac(secret, text).is_some_and(|hmac| hmac.matches(self.signature)) {
                    return Some(Reason::SignatureHmac.into());
                }
            }
            if let Some(candidate) = candidates
                .iter()
                .find(|candidate| self.is(&[text, candidate.secret()]))
            {
                let explanation = Explanation::from(Reason::PasswordOfAnotherEnvironment);
                return Some(match candidate.id() {
                    Some(id) => explanation.with(&["It is the one named ", &quoted(id), "."].concat()),
                    None => explanation,
                });
            }
            if self.is(&[text]) {
                return Some(Reason::PasswordMissing.into());
            }
        }
        None
    }

    /// A body that is JSON, but not the one that was signed.
    fn json(&self, canonical: &str) -> Explanation {
        if self.signed(&[b"\xef\xbb\xbf", canonical.as_bytes()].concat()) {
            return Reason::ByteOrderMark.into();
        }
        for (reason, write) in WAYS {
            if self.signed(write(canonical).as_bytes()) {
                return reason.into();
            }
        }
        if variants::amount_types(canonical)
            .iter()
            .any(|text| self.signed(text.as_bytes()))
        {
            return Explanation::from(Reason::NumbersRewritten).with("It is the amount.");
        }
        if let Some((name, _)) = variants::inner_objects(canonical)
            .iter()
            .find(|(_, text)| self.signed(text.as_bytes()))
        {
            let explanation = Explanation::from(Reason::Envelope);
            if name.is_empty() {
                return explanation.with("Signed is an object in this body.");
            }
            let name: String = name.chars().take(40).collect();
            return explanation.with(&["Signed is what stands under ", &quoted(&name), "."].concat());
        }
        for name in [
            "data",
            "payload",
            "body",
            "request",
            "event",
            "webhook",
            "transaction",
            "notification",
        ] {
            if self.signed(["{\"", name, "\":", canonical, "}"].concat().as_bytes()) {
                return Explanation::from(Reason::Envelope).with(
                    &[
                        "Signed is an object that has this body under ",
                        &quoted(name),
                        ".",
                    ]
                    .concat(),
                );
            }
        }
        if variants::inner_texts(canonical)
            .iter()
            .any(|text| self.signed_in_a_form(text.as_bytes()))
        {
            return Reason::BodyDoubleEncoded.into();
        }
        if variants::read_as_windows_1252(canonical)
            .is_some_and(|text| self.signed_in_a_form(text.as_bytes()))
        {
            return Reason::Charset.into();
        }
        if variants::any_order(canonical, &|text| self.signed(text.as_bytes())) {
            return Explanation::from(Reason::BodyRewritten)
                .with("Its fields are in another order than they were signed in.");
        }
        if canonical.contains(char::REPLACEMENT_CHARACTER) {
            return Explanation::from(Reason::Charset)
                .with("It has U+FFFD in it, which stands where a character was lost.");
        }
        Reason::Unexplained.into()
    }

    /// A body that is not JSON, so that it could never verify.
    fn not_json(&self) -> Explanation {
        let body = self.body;
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
        let utf8 = std::str::from_utf8(body).is_ok();
        let read = variants::from_utf16(body).or_else(|| (!utf8).then(|| variants::from_windows_1252(body)));
        match read {
            Some(text) if self.signed_in_a_form(text.as_bytes()) => {
                Explanation::from(Reason::Charset).with("Brought to UTF-8, it is what was signed.")
            }
            Some(_) if !utf8 => Reason::Charset.into(),
            _ => Reason::NotJson.into(),
        }
    }
}
