//! One link that a user follows: whether it is still good, and what it shows.

use axum::http::StatusCode;
use edge_cashier::TransactionStatus;
use worker::Url;

use crate::clock;
use crate::settings::Settings;
use crate::store::{Checkout, PageKind, Stage, Store, Transaction};

/// What a page is about.
pub(super) struct Visit<'a> {
    pub(super) settings: &'a Settings,
    pub(super) checkout: Checkout,
    pub(super) transaction: Transaction,
}

/// A page that only says something: its status, its title and its text.
pub(super) type Notice = (StatusCode, &'static str, &'static str);

pub(super) const NOT_FOUND: Notice = (
    StatusCode::NOT_FOUND,
    "Link not found",
    "This payment link is not known. It may have been mistyped.",
);
pub(super) const WRONG_METHOD: Notice = (
    StatusCode::METHOD_NOT_ALLOWED,
    "Not this way",
    "This address takes another method.",
);
const USED: Notice = (
    StatusCode::GONE,
    "Already used",
    "This payment page has been used already. Each link works once.",
);
const EXPIRED: Notice = (
    StatusCode::GONE,
    "Link expired",
    "This payment page has expired. Nothing was paid.",
);

impl<'a> Visit<'a> {
    /// Finds what a token opens on a page of this kind.
    pub(super) fn find(
        store: &Store,
        settings: &'a Settings,
        kind: PageKind,
        token: &str,
    ) -> worker::Result<Option<Self>> {
        let Some(checkout) = store.checkout(token)?.filter(|checkout| checkout.kind == kind) else {
            return Ok(None);
        };
        let transaction = store.transaction(checkout.transaction_row)?;
        Ok(transaction.map(|transaction| Self {
            settings,
            checkout,
            transaction,
        }))
    }

    /// Tells whether the payment was decided already.
    pub(super) fn is_used(&self) -> bool {
        // After a declined attempt its transaction is settled, and the page is there for another one.
        let is_settled = self.transaction.stage == Stage::Settled;
        let is_declined = self.transaction.status == TransactionStatus::Rejected;
        self.checkout.used_at.is_some() || (is_settled && !(self.is_retry() && is_declined))
    }

    /// Tells whether an attempt was declined before, so that the next decision makes another.
    pub(super) fn is_retry(&self) -> bool {
        self.checkout.declined_reason.is_some()
    }

    /// Returns where the user who is done here goes: to the challenge that is open, or back to the shop.
    pub(super) fn onward(&self, store: &Store) -> worker::Result<String> {
        Ok(match self.challenge(store)? {
            Some(path) => path,
            None => self.return_url(),
        })
    }

    /// Returns the path of the challenge that waits for the user, if this page led to one.
    pub(super) fn challenge(&self, store: &Store) -> worker::Result<Option<String>> {
        if self.checkout.kind != PageKind::Cashier {
            return Ok(None);
        }
        let open = store.open_challenge(self.transaction.id, clock::now())?;
        Ok(open
            .filter(|_| self.transaction.stage != Stage::Settled)
            .map(|challenge| challenge.path()))
    }

    /// Returns what keeps the user from deciding.
    pub(super) fn obstacle(&self) -> Option<Notice> {
        if self.is_used() {
            Some(USED)
        } else if self.checkout.expires_at <= clock::now() {
            Some(EXPIRED)
        } else {
            None
        }
    }

    /// Returns where the user goes afterwards. `result` tells the page there what to show, and proves nothing.
    pub(super) fn return_url(&self) -> String {
        let Ok(mut url) = Url::parse(&self.settings.return_url) else {
            return self.settings.return_url.clone();
        };
        url.query_pairs_mut()
            .append_pair("tracking_id", &self.transaction.tracking_id)
            .append_pair("result", self.transaction.status.as_str());
        url.into()
    }
}
