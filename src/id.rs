//! The three ids of a payment, each a type of its own.
//!
//! The gateway says "transaction id" for two different things: its own id (`reject_payout` wants it) and the merchant's
//! (`approve_payout` and `transaction_status` want that one). Here the merchant's is a [`TrackingId`] and the gateway's a
//! [`TransactionId`], so that giving one for the other does not compile.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::read::fields::read_from_text;
use crate::read::json;
use crate::read::violation::Violation;

/// No id that the reference shows is longer than 50 characters; the cap keeps a mistake (a whole document as an id) out of URLs.
const MAX_LENGTH: usize = 255;

fn check(text: &str, what: &str) -> Result<(), Violation> {
    let wrong = |code, rule: &str| Err(Violation::new(code, format!("the {what} {rule}")));
    if text.is_empty() {
        return wrong(
            "required",
            "is empty; give the id that your system or the gateway assigned",
        );
    }
    if text.len() > MAX_LENGTH {
        return wrong("range", "is longer than 255 bytes; give the id alone");
    }
    if text.chars().any(char::is_control) || text.trim() != text {
        return wrong(
            "format",
            "has a control character or white space at an end; remove it",
        );
    }
    // A URL parser takes these for "this folder" and "the folder above", percent-encoded or not.
    if text == "." || text == ".." {
        return wrong(
            "format",
            "cannot be sent in a URL; give an id that is not made of dots alone",
        );
    }
    Ok(())
}

/// What the gateway's ids look like is its own affair, so none is checked like one of a request.
fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    json::id(&value).ok_or_else(|| de::Error::custom("an id is a string or a whole number"))
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "js", derive(tsify::Tsify), tsify(type = "string"))]
        pub struct $name(String);

        impl $name {
            /// Takes the id as it is; nothing is trimmed.
            ///
            /// # Errors
            /// An id that is empty, longer than 255 bytes, has a control character or white space at an end, or is `.` or `..`.
            pub fn new(id: impl Into<String>) -> Result<Self, Violation> {
                let id = id.into();
                check(&id, $what)?;
                Ok(Self(id))
            }

            /// An id as the gateway sent it, whatever it is.
            pub fn unchecked(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id, exactly as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        read_from_text!($name, $name::new);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl std::str::FromStr for $name {
            type Err = Violation;
            fn from_str(id: &str) -> Result<Self, Violation> {
                Self::new(id)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer).map(Self)
            }
        }
    };
}

identifier! {
    /// The merchant's own id of a payment, chosen before the payment is opened and sent back in every webhook (`tracking_id`).
    TrackingId, "tracking id"
}

identifier! {
    /// The gateway's id of a payment, first seen in a webhook or in the list of transactions (`transaction_id`).
    TransactionId, "transaction id"
}

identifier! {
    /// The merchant's id of the person who pays or is paid (`user_id`).
    UserId, "user id"
}
