//! The passwords that webhooks are signed with.

use std::fmt;

use zeroize::Zeroizing;

use crate::read::secret::{check_secret, trimmed};
use crate::read::violation::Violation;

/// A signature password, as the merchant portal shows it under Credentials.
///
/// It is used byte for byte: white space is part of it. It prints as `[REDACTED]` and is wiped when it is dropped.
///
/// ```
/// use edge_cashier::Password;
///
/// let password = Password::new("spg_test_example")?.named("2024").until(1_735_689_599_999);
/// assert!(!format!("{password:?}").contains("spg_test_example"));
/// # Ok::<(), edge_cashier::PasswordError>(())
/// ```
#[derive(Clone)]
pub struct Password {
    id: Option<String>,
    secret: Zeroizing<Vec<u8>>,
    not_after: Option<u64>,
}

impl Password {
    /// Takes a password as it is; nothing is trimmed.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Empty`] for nothing and for white space alone, [`PasswordError::Unset`] for the text of an unset variable: anybody could sign with it.
    pub fn new<T: AsRef<[u8]> + ?Sized>(secret: &T) -> Result<Self, PasswordError> {
        Self::checked(secret.as_ref()).map_err(|violation| match violation.code {
            "required" => PasswordError::Empty,
            _ => PasswordError::Unset(violation),
        })
    }

    pub(super) fn checked(secret: &[u8]) -> Result<Self, Violation> {
        // A secret that is no text is nobody's unset variable.
        if let Ok(text) = std::str::from_utf8(secret) {
            check_secret(text)?;
        }
        Ok(Self {
            id: None,
            secret: Zeroizing::new(secret.to_vec()),
            not_after: None,
        })
    }

    /// Gives it a name, by which a verified event says which password it was. The name is no secret: it is shown and logged.
    #[must_use]
    pub fn named(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the last moment at which it is accepted, in milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn until(mut self, not_after: u64) -> Self {
        self.not_after = Some(not_after);
        self
    }

    /// Returns its name, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Tells whether there is white space, or an invisible character, at an end.
    pub(super) fn is_padded(&self) -> bool {
        let text = std::str::from_utf8(&self.secret);
        let length = text.map_or_else(|_| self.secret.trim_ascii().len(), |text| trimmed(text).len());
        length != self.secret.len()
    }

    #[cfg(feature = "js-webhook")]
    pub(super) fn has_end(&self) -> bool {
        self.not_after.is_some()
    }

    pub(super) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// Tells whether its end date has passed; without a clock, every password with an end date counts as ended.
    pub(super) fn has_ended(&self, now: Option<u64>) -> bool {
        self.not_after
            .is_some_and(|not_after| now.is_none_or(|now| now > not_after))
    }
}

/// Checks a list of passwords by their names: with the place in it (none for the list itself), that it is empty or a name is that of an earlier one.
pub(super) fn check_list(names: &[Option<&str>]) -> Vec<(Option<usize>, PasswordError)> {
    if names.is_empty() {
        return vec![(None, PasswordError::Missing)];
    }
    let repeated = names.iter().enumerate().filter_map(|(place, name)| {
        let id = (*name)?;
        let is_known = names.iter().take(place).any(|other| *other == Some(id));
        is_known.then(|| (Some(place), PasswordError::SameName { id: id.to_owned() }))
    });
    repeated.collect()
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password")
            .field("id", &self.id)
            .field("secret", &format_args!("[REDACTED]"))
            .field("not_after", &self.not_after)
            .finish()
    }
}

/// Why passwords cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// A password is empty or nothing but white space, as an unset variable often is.
    #[error("the signature password is empty: copy it from the merchant portal, under Credentials")]
    Empty,
    /// A password is the text `undefined` or `null`, which a program makes of an unset variable.
    #[error("the signature password {0}")]
    Unset(#[source] Violation),
    /// The list of passwords is empty.
    #[error("no signature password is given: at least one is needed")]
    Missing,
    /// Two passwords have one name, so an event could not say which of them it was.
    #[error("two signature passwords are named {id:?}: give each its own name")]
    SameName {
        /// The name.
        id: String,
    },
}

impl PasswordError {
    /// Returns a stable word for programs: `empty_password`, `unset_password`, `no_password` or `same_password_name`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_password",
            Self::Unset(_) => "unset_password",
            Self::Missing => "no_password",
            Self::SameName { .. } => "same_password_name",
        }
    }
}
