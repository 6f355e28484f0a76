//! Checks signatures, with one password or with several.

use std::borrow::Cow;

use super::canonical::canonical_bytes;
use super::error::{MAX_BODY_BYTES, WebhookError};
use super::event::WebhookEvent;
use super::password::{Password, PasswordError, check_list};
use super::signature::{Hashed, Signature};

/// Verifies webhooks with one password, or with several while they are rotated.
///
/// ```
/// use edge_cashier::{TransactionStatus, Webhook};
///
/// let webhook = Webhook::new("spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF")?;
/// let body = br#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}"#;
///
/// let verified = webhook.verify(body, "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC", None)?;
/// assert_eq!(verified.event.status, TransactionStatus::Rejected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Never empty.
    pub(super) passwords: Vec<Password>,
}

/// Which form of a body its signature is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Matched {
    /// The documented form: `JSON.stringify` of the body.
    Canonical,
    /// The bytes as they were sent.
    Raw,
}

impl Matched {
    /// Returns a stable word for programs: `canonical` or `raw`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Canonical => "canonical",
            Self::Raw => "raw",
        }
    }
}

/// A body whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked<'a> {
    /// The very bytes that were signed; borrowed when they are the body as it came.
    pub signed: Cow<'a, [u8]>,
    /// Which form of the body they are. A body that already is canonical counts as that.
    pub matched: Matched,
    /// The name of the password, if it has one.
    pub password_id: Option<&'a str>,
}

/// An event whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The event, read from the bytes that were signed.
    pub event: WebhookEvent,
    /// Which form of the body was signed.
    pub matched: Matched,
    /// The name of the password, if it has one.
    pub password_id: Option<String>,
}

impl Webhook {
    /// Verifies with one password, used byte for byte.
    ///
    /// # Errors
    ///
    /// As [`Password::new`].
    pub fn new<T: AsRef<[u8]> + ?Sized>(password: &T) -> Result<Self, PasswordError> {
        Password::new(password).map(|password| Self {
            passwords: vec![password],
        })
    }

    /// Verifies with any of several passwords. The first one is the one that signs.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Missing`] when there is none, [`PasswordError::SameName`] when two have one name.
    pub fn with_passwords(passwords: Vec<Password>) -> Result<Self, PasswordError> {
        let names: Vec<Option<&str>> = passwords.iter().map(Password::id).collect();
        if let Some((_, error)) = check_list(&names).into_iter().next() {
            return Err(error);
        }
        Ok(Self { passwords })
    }

    /// Verifies a body and reads its event.
    ///
    /// `signature` is the value of the header `x-signature`, empty if there was none. `now` is the time in milliseconds
    /// since 1970-01-01T00:00:00Z; without it a password that has an end date is refused.
    ///
    /// The gateway's scheme has no time and no event id, so the same body verifies for ever. Count money through a
    /// [`Ledger`](crate::Ledger).
    ///
    /// # Errors
    ///
    /// See [`WebhookError`].
    pub fn verify(&self, body: &[u8], signature: &str, now: Option<u64>) -> Result<Verified, WebhookError> {
        let checked = self.check(body, signature, now)?;
        let event = WebhookEvent::from_json(&checked.signed).map_err(WebhookError::NotAWebhook)?;
        Ok(Verified {
            event,
            matched: checked.matched,
            password_id: checked.password_id.map(str::to_owned),
        })
    }

    /// Verifies a body without reading its event, for callers that read the signed bytes themselves.
    ///
    /// # Errors
    ///
    /// See [`WebhookError`]; never [`WebhookError::NotAWebhook`].
    pub fn check<'a>(
        &'a self,
        body: &'a [u8],
        signature: &str,
        now: Option<u64>,
    ) -> Result<Checked<'a>, WebhookError> {
        let signature = Signature::parse(signature)?;
        if body.len() > MAX_BODY_BYTES {
            return Err(WebhookError::BodyTooLarge);
        }
        let canonical = canonical_bytes(body).map_err(WebhookError::NotJson)?;
        if canonical.len() > MAX_BODY_BYTES {
            return Err(WebhookError::BodyTooLarge);
        }
        let (place, matched) = self.compare(&canonical, body, signature, now)?;
        Ok(Checked {
            signed: match matched {
                Matched::Canonical => canonical,
                Matched::Raw => Cow::Borrowed(body),
            },
            matched,
            password_id: self.passwords.get(place).and_then(Password::id),
        })
    }

    /// Finds the password that gives `signature`, and the form of the body that it is over.
    pub(crate) fn compare(
        &self,
        canonical: &[u8],
        raw: &[u8],
        signature: Signature,
        now: Option<u64>,
    ) -> Result<(usize, Matched), WebhookError> {
        let (place, matched) = if let Some(place) = self.find(canonical, signature, now) {
            (place, Matched::Canonical)
        } else if canonical != raw
            && let Some(place) = self.find(raw, signature, now)
        {
            (place, Matched::Raw)
        } else {
            return Err(WebhookError::SignatureMismatch {
                padded_password: self.passwords.iter().any(Password::is_padded),
            });
        };
        match self.passwords.get(place) {
            Some(password) if password.has_ended(now) => Err(WebhookError::PasswordExpired {
                id: password.id().map(str::to_owned),
            }),
            _ => Ok((place, matched)),
        }
    }

    /// Signs a body as the gateway would: with the first password, over the canonical form.
    ///
    /// # Errors
    ///
    /// [`WebhookError::NotJson`].
    pub fn sign(&self, body: &[u8]) -> Result<String, WebhookError> {
        let canonical = canonical_bytes(body).map_err(WebhookError::NotJson)?;
        let password = self.passwords.first().map(Password::secret).unwrap_or_default();
        Ok(Hashed::new(&canonical).sign(password).to_hex())
    }

    /// Tells whether a password has an end, so that the time matters.
    #[cfg(feature = "js-webhook")]
    pub(crate) fn has_ends(&self) -> bool {
        self.passwords.iter().any(Password::has_end)
    }

    /// Returns the name of the password at that index.
    #[cfg(feature = "js-webhook")]
    pub(crate) fn password_id(&self, place: usize) -> Option<&str> {
        self.passwords.get(place)?.id()
    }

    /// Returns the index of the password that gives `signature` for these bytes. All are tried, so that a wrong signature always takes the same
    /// time; of two equal passwords, the one that has not ended is found.
    fn find(&self, signed: &[u8], signature: Signature, now: Option<u64>) -> Option<usize> {
        let hashed = Hashed::new(signed);
        let mut found: Option<(usize, &Password)> = None;
        for (place, password) in self.passwords.iter().enumerate() {
            let matches = hashed.sign(password.secret()).matches(signature);
            if matches && found.is_none_or(|(_, found)| found.has_ended(now)) {
                found = Some((place, password));
            }
        }
        found.map(|(place, _)| place)
    }
}
