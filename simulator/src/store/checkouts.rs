//! The pages that were opened for users: a cashier, a provider's page, a 3-D Secure challenge.

use serde::{Deserialize, Serialize};
use serde_with::{BoolFromInt, serde_as};

use super::Store;

/// Which page a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum PageKind {
    /// The all-in-one cashier.
    Cashier,
    /// One provider's own page.
    Provider,
    /// The card issuer's 3-D Secure challenge.
    Challenge,
}

/// One token.
#[serde_as]
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) token: String,
    pub(crate) transaction_row: i64,
    pub(crate) kind: PageKind,
    /// As the merchant asked for it: `light`, `dark`, or empty for the user's own preference.
    pub(crate) theme: String,
    /// Whether the user may not change the amount.
    #[serde_as(as = "BoolFromInt")]
    pub(crate) amount_is_locked: bool,
    /// The most that the user may enter, in plain decimal digits.
    pub(crate) amount_limit: Option<String>,
    /// The user's name, as the merchant gave it.
    pub(crate) payer: Option<String>,
    /// The number of the attempt that the page is for, from 1.
    pub(crate) attempt: i64,
    /// Why the attempt before was declined. Then the transaction is that attempt's, and the next decision makes another.
    pub(crate) declined_reason: Option<String>,
    /// Unix time in milliseconds.
    pub(crate) expires_at: i64,
    pub(crate) used_at: Option<i64>,
}

impl Checkout {
    /// Makes a page for a transaction, on which the amount cannot be changed.
    pub(crate) fn new(token: String, transaction_row: i64, kind: PageKind, expires_at: i64) -> Self {
        Self {
            token,
            transaction_row,
            kind,
            theme: String::new(),
            amount_is_locked: true,
            amount_limit: None,
            payer: None,
            attempt: 1,
            declined_reason: None,
            expires_at,
            used_at: None,
        }
    }

    /// Returns where the page is.
    pub(crate) fn path(&self) -> String {
        format!("/{}/{}", self.kind.as_ref(), self.token)
    }
}

impl Store {
    /// Keeps a new page.
    pub(crate) fn add_checkout(&self, checkout: &Checkout) -> worker::Result<()> {
        self.run(
            "INSERT INTO checkouts (token, transaction_row, kind, theme, amount_is_locked, amount_limit, payer, \
             expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                checkout.token.as_str().into(),
                checkout.transaction_row.into(),
                checkout.kind.as_ref().into(),
                checkout.theme.as_str().into(),
                i64::from(checkout.amount_is_locked).into(),
                checkout.amount_limit.clone().into(),
                checkout.payer.clone().into(),
                checkout.expires_at.into(),
            ],
        )
    }

    /// Finds the page of a token.
    pub(crate) fn checkout(&self, token: &str) -> worker::Result<Option<Checkout>> {
        self.first("SELECT * FROM checkouts WHERE token = ?", vec![token.into()])
    }

    /// Finds the challenge of a transaction that the user can still answer.
    pub(crate) fn open_challenge(&self, transaction_row: i64, now: i64) -> worker::Result<Option<Checkout>> {
        self.first(
            "SELECT * FROM checkouts WHERE transaction_row = ? AND kind = 'challenge' AND used_at IS NULL \
             AND expires_at > ?",
            vec![transaction_row.into(), now.into()],
        )
    }

    /// Writes what a decision changes.
    pub(crate) fn update_checkout(&self, checkout: &Checkout) -> worker::Result<()> {
        self.run(
            "UPDATE checkouts SET transaction_row = ?, attempt = ?, declined_reason = ?, used_at = ? WHERE token = ?",
            vec![
                checkout.transaction_row.into(),
                checkout.attempt.into(),
                checkout.declined_reason.clone().into(),
                checkout.used_at.into(),
                checkout.token.as_str().into(),
            ],
        )
    }
}
