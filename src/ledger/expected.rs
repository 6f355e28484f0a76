//! What the merchant opened the payment for, and in what an event disagrees with it.

use serde::{Deserialize, Serialize};

use super::outcome::Contradiction;
use crate::id::UserId;
use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::transaction::TransactionType;
use crate::webhook::WebhookEvent;

/// What the merchant opened the payment for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The amount; `None` when the user may choose it in the cashier.
    pub amount: Option<Amount>,
    /// The currency.
    pub currency: Currency,
    /// Who pays or is paid.
    pub user_id: UserId,
    /// Which way the money goes.
    pub transaction_type: TransactionType,
}

impl Expected {
    /// Returns every field in which the event differs; none when the event is as expected. Amounts compare by value.
    pub(super) fn contradictions(&self, event: &WebhookEvent) -> Vec<Contradiction> {
        [
            (
                self.amount.is_none_or(|amount| amount == event.amount),
                Contradiction::Amount,
            ),
            (self.currency == event.currency, Contradiction::Currency),
            (self.user_id == event.user_id, Contradiction::UserId),
            (
                self.transaction_type == event.transaction_type,
                Contradiction::TransactionType,
            ),
        ]
        .into_iter()
        .filter_map(|(agrees, contradiction)| (!agrees).then_some(contradiction))
        .collect()
    }
}
