//! Which of the usual mistakes keeps a webhook from verifying. For development: it tries what an attacker would like to
//! have tried, and takes its time, so it has no place in a public endpoint.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha1::{Digest, Sha1};

use super::canonical::canonicalize;
use super::error::WebhookError;
use super::password::Password;
use super::signature::Signature;
use super::{Matched, Webhook, variants};

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

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $variant:ident = $word:literal => $hint:literal,)+) => {
        /// Why a signature is right, or which mistake keeps it from being so.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $doc])* #[serde(rename = $word)] $variant,)+
        }

        impl Reason {
            /// A stable word for programs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)+ }
            }
        }
    };
}

reasons! {
    /// Right: the documented form was signed.
    MatchedCanonical = "matched_canonical" => "The signature is right.",
    /// Right: the bytes as they came were signed.
    MatchedRaw = "matched_raw" => "The signature is right, over the bytes as they came and not over the documented form. Tell the gateway's support: the reference says JSON.stringify.",
    /// There is no signature.
    NoSignature = "no_signature" => "There is no signature. The gateway sends it in the header x-signature; see that a proxy does not drop it, and that it is read under this name.",
    /// The right signature with something around it.
    SignatureWrapped = "signature_wrapped" => "The signature has white space, quotes or a prefix around it. Pass only the 40 hexadecimal digits.",
    /// A part of a signature.
    SignatureTruncated = "signature_truncated" => "The signature is only a part of one: SHA-1 has 40 hexadecimal digits. See what cuts it, for example a column that is too short.",
    /// A signature of another algorithm's length or alphabet.
    SignatureAlgorithm = "signature_algorithm" => "This signature is of another algorithm or encoding. The gateway's is SHA-1 in 40 hexadecimal digits.",
    /// Not hexadecimal, for another reason.
    SignatureNotHex = "signature_not_hex" => "The signature is not hexadecimal. Pass the value of the header x-signature as it came.",
    /// An HMAC was made in place of a plain hash.
    SignatureHmac = "signature_hmac" => "The signature is an HMAC with the password as its key. The gateway hashes plainly: the body, then the password.",
    /// The password has ended.
    PasswordExpired = "password_expired" => "The signature is right, by a password whose end date has passed. If the gateway still uses it, move the date.",
    /// White space around the password.
    PasswordWhiteSpace = "password_white_space" => "The password differs from the signer's in white space at an end, often a line end from a file or a variable; or the signer has a line end between body and password. It is used byte for byte: give it exactly.",
    /// Quotes around the password.
    PasswordQuoted = "password_quoted" => "The password differs from the signer's in quotes around it, often from an .env file. Give it without.",
    /// The password of another environment.
    PasswordOfAnotherEnvironment = "password_of_another_environment" => "Signed with another of your passwords: the webhook comes from another environment than this one is set up for.",
    /// Password before the body.
    PasswordFirst = "password_first" => "The password was hashed before the body. It belongs behind it.",
    /// No password at all.
    PasswordMissing = "password_missing" => "The body was hashed without any password. An unset variable on the signer's side does this. Never accept it: anybody could sign so.",
    /// An empty body.
    BodyEmpty = "body_empty" => "The body is empty. A body can be read only once: see whether a framework has read it before.",
    /// A body that a framework has parsed, passed on as an object.
    BodyParsed = "body_parsed" => "This is not the body's text but what a program prints for an object that it parsed from it. Pass the bytes as they came, before any body parser.",
    /// A body that was parsed and written again.
    BodyRewritten = "body_rewritten" => "The body was parsed and written again between signer and here. Pass the bytes as they came, before any body parser.",
    /// Slashes escaped on one side.
    SlashesEscaped = "slashes_escaped" => "Signed with \\/ in place of /, as PHP writes JSON. JSON.stringify does not escape slashes: in PHP use JSON_UNESCAPED_SLASHES.",
    /// Not ASCII, escaped on one side.
    NonAsciiEscaped = "non_ascii_escaped" => "Signed with \\u escapes for characters that are not ASCII. JSON.stringify writes them as they are: JSON_UNESCAPED_UNICODE in PHP, ensure_ascii=False in Python.",
    /// Numbers in another form, or an amount of another type.
    NumbersRewritten = "numbers_rewritten" => "A number was signed in another form than it has here, such as 200.00 for 200 or for \"200.00\". Pass the bytes as they came; numbers that went through a float or a decimal type are not what was signed.",
    /// JSON within a JSON string.
    BodyDoubleEncoded = "body_double_encoded" => "The JSON text was made into a JSON string once more than it should be, on one side. Pass the bytes as they came, and do not stringify twice.",
    /// An envelope around what was signed, or the other way round.
    Envelope = "envelope" => "Signed was another layer than this body: the data inside an envelope, or an envelope around it. Verify just what was signed.",
    /// A byte order mark.
    ByteOrderMark = "byte_order_mark" => "The body begins with a byte order mark (U+FEFF). JSON has none: leave it out before verifying, and see who puts it there.",
    /// Another charset than UTF-8.
    Charset = "charset" => "The body is not in UTF-8, or was read or written in another charset on its way. Pass the bytes as they came, without decoding them.",
    /// Not JSON, for another reason.
    NotJson = "not_json" => "The body is not JSON. See that the whole body arrives, and that it is the body.",
    /// None of the usual mistakes.
    Unexplained = "unexplained" => "None of the usual mistakes. Left are another password, a body that was changed on its way, or a signature of another request. Compare the body byte for byte with the one in the merchant portal, and give the passwords of your other environments as candidates.",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
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
                let detail = candidate
                    .id()
                    .map(|id| format!("It is the one named {id:?}."))
                    .unwrap_or_default();
                return Some(Explanation::from(Reason::PasswordOfAnotherEnvironment).with(&detail));
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
        for (reason, text) in [
            (Reason::SlashesEscaped, variants::slashes_escaped(canonical)),
            (Reason::NonAsciiEscaped, variants::ascii(canonical)),
            (
                Reason::SlashesEscaped,
                variants::slashes_escaped(&variants::ascii(canonical)),
            ),
            (
                Reason::NumbersRewritten,
                variants::numbers(canonical, variants::with_point),
            ),
            (
                Reason::NumbersRewritten,
                variants::numbers(canonical, variants::with_cents),
            ),
            (Reason::BodyRewritten, variants::spaced(canonical)),
            (
                Reason::BodyRewritten,
                variants::ascii(&variants::spaced(canonical)),
            ),
            (Reason::BodyRewritten, variants::indented(canonical, "  ")),
            (Reason::BodyRewritten, variants::indented(canonical, "    ")),
            (Reason::BodyRewritten, variants::indented(canonical, "\t")),
            (
                Reason::BodyDoubleEncoded,
                serde_json::Value::from(canonical).to_string(),
            ),
        ] {
            if self.signed(text.as_bytes()) {
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
            let name: String = name.chars().take(40).collect();
            return Explanation::from(Reason::Envelope)
                .with(&format!("Signed is what stands under {name:?}."));
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
            if self.signed(format!("{{\"{name}\":{canonical}}}").as_bytes()) {
                return Explanation::from(Reason::Envelope)
                    .with(&format!("Signed is an object that has this body under {name:?}."));
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
        if variants::any_order(canonical, |text| self.signed(text.as_bytes())) {
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
