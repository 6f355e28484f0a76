//! Tries what could have made a signature that does not match.

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};

use super::explanation::{Explanation, quoted};
use super::reason::Reason;
use super::{charset, members, variants};
use crate::webhook::canonical::canonicalize;
use crate::webhook::error::PADDED;
use crate::webhook::password::Password;
use crate::webhook::signature::Signature;

/// Hashes the parts one after the other.
pub(super) fn hash(parts: &[&[u8]]) -> Signature {
    let mut hash = Sha1::new();
    parts.iter().for_each(|part| hash.update(part));
    Signature(hash.finalize().into())
}

fn hmac(key: &[u8], text: &[u8]) -> Option<Signature> {
    let mut hmac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    hmac.update(text);
    Some(Signature(hmac.finalize().into_bytes().into()))
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
pub(super) struct Search<'a> {
    pub(super) signature: Signature,
    pub(super) passwords: &'a [Password],
    pub(super) body: &'a [u8],
}

impl Search<'_> {
    fn is(&self, parts: &[&[u8]]) -> bool {
        hash(parts).matches(self.signature)
    }

    /// Tells whether this text was signed with one of the configured passwords.
    fn signed(&self, text: &[u8]) -> bool {
        self.passwords
            .iter()
            .any(|password| self.is(&[text, password.secret()]))
    }

    /// Tells whether this text was signed, in its canonical form or as it is.
    pub(super) fn signed_in_a_form(&self, text: &[u8]) -> bool {
        self.signed(text) || canonicalize(text).is_ok_and(|canonical| self.signed(canonical.as_bytes()))
    }

    /// Explains the mismatch; before it that a password has white space at an end, if that was not found to be the mistake.
    pub(super) fn explanation(&self, candidates: &[Password]) -> Explanation {
        let explanation = self.reason(candidates);
        let padded = self.passwords.iter().any(Password::is_padded);
        if padded
            && !matches!(
                explanation.reason,
                Reason::PasswordWhiteSpace | Reason::PasswordQuoted
            )
        {
            return explanation.after(&format!("A {PADDED}."));
        }
        explanation
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
            None => self.not_json(self.body),
        }
    }

    /// Tries the right text with a wrong password, or with the password in a wrong place.
    fn password(&self, forms: &[&[u8]], candidates: &[Password]) -> Option<Explanation> {
        for text in forms {
            for secret in self.passwords.iter().map(Password::secret) {
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
                if hmac(secret, text).is_some_and(|hmac| hmac.matches(self.signature)) {
                    return Some(Reason::SignatureHmac.into());
                }
            }
            if let Some(candidate) = candidates
                .iter()
                .find(|candidate| self.is(&[text, candidate.secret()]))
            {
                let explanation = Explanation::from(Reason::PasswordOfAnotherEnvironment);
                return Some(match candidate.id() {
                    Some(id) => explanation.with(&format!("It is the one named {}.", quoted(id))),
                    None => explanation,
                });
            }
            if self.is(&[text]) {
                return Some(Reason::PasswordMissing.into());
            }
        }
        None
    }

    /// Explains a body that is JSON, but not the one that was signed.
    fn json(&self, canonical: &str) -> Explanation {
        if self.signed(&[b"\xef\xbb\xbf", canonical.as_bytes()].concat()) {
            return Reason::ByteOrderMark.into();
        }
        for (reason, write) in WAYS {
            if self.signed(write(canonical).as_bytes()) {
                return reason.into();
            }
        }
        if members::amount_types(canonical)
            .iter()
            .any(|text| self.signed(text.as_bytes()))
        {
            return Explanation::from(Reason::NumbersRewritten).with("It is the amount.");
        }
        if let Some((name, _)) = members::inner_objects(canonical)
            .iter()
            .find(|(_, text)| self.signed(text.as_bytes()))
        {
            let explanation = Explanation::from(Reason::Envelope);
            if name.is_empty() {
                return explanation.with("The signature covers an object in this body.");
            }
            let name: String = name.chars().take(40).collect();
            return explanation.with(&format!("The signature covers the value of {}.", quoted(&name)));
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
                let detail = format!(
                    "The signature covers an object that has this body under {}.",
                    quoted(name)
                );
                return Explanation::from(Reason::Envelope).with(&detail);
            }
        }
        if members::inner_texts(canonical)
            .iter()
            .any(|text| self.signed_in_a_form(text.as_bytes()))
        {
            return Reason::BodyDoubleEncoded.into();
        }
        if charset::read_as_windows_1252(canonical).is_some_and(|text| self.signed_in_a_form(text.as_bytes()))
        {
            return Reason::Charset.into();
        }
        if members::any_order(canonical, &|text| self.signed(text.as_bytes())) {
            return Explanation::from(Reason::BodyRewritten)
                .with("Its fields are in another order than they were signed in.");
        }
        if canonical.contains(char::REPLACEMENT_CHARACTER) {
            return Explanation::from(Reason::Charset)
                .with("It has U+FFFD in it, which stands where a character was lost.");
        }
        Reason::Unexplained.into()
    }
}
