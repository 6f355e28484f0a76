//! The mistakes that [`explain`](super::explain) knows: a word for programs, a remedy for people.

use std::fmt;

use serde::Serialize;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $variant:ident = $word:literal => $hint:literal,)+) => {
        /// Why a signature is right, or which mistake keeps it from being so.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "js", derive(tsify::Tsify))]
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

            pub(super) fn hint(self) -> &'static str {
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
    Envelope = "envelope" => "The signature covers another layer than this body: the data inside an envelope, or an envelope around it. Verify just what was signed.",
    /// A body that is compressed.
    BodyCompressed = "body_compressed" => "The body is compressed, and the signature covers the text in it. See that a server or a framework decompresses it by its header content-encoding, and verify what comes out.",
    /// A body in base64.
    BodyBase64 = "body_base64" => "The body is in base64. Decode it first: on AWS Lambda, when event.isBase64Encoded is true, pass Buffer.from(event.body, \"base64\").",
    /// A byte order mark.
    ByteOrderMark = "byte_order_mark" => "The body begins with a byte order mark (U+FEFF). JSON has none: leave it out before verifying, and see who puts it there.",
    /// Another charset than UTF-8.
    Charset = "charset" => "The body is not in UTF-8, or was read or written in another charset on its way. Pass the bytes as they came, without decoding them.",
    /// Not JSON, for another reason.
    NotJson = "not_json" => "The body is not JSON. See that the whole body arrives, and that it is the body.",
    /// None of the usual mistakes.
    Unexplained = "unexplained" => "None of the usual mistakes. Remaining causes: another password, a body that was changed on its way, or a signature of another request. Compare the body byte for byte with the one in the merchant portal, and give the passwords of your other environments as candidates.",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
