//! The test cards of `card_payment`, each with its own ending, and the reasons for which a provider declines.

use serde::Serialize;
use serde_with::skip_serializing_none;

/// How a payment by card ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It is paid.
    Approved,
    /// It is rejected, for the card's reason.
    Declined,
    /// The issuer asks the user for 3-D Secure.
    Challenge,
    /// It is paid, and the API does not answer in time.
    Timeout,
    /// It stays pending.
    Pending,
}

/// One test card.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct TestCard {
    pub(crate) card_number: &'static str,
    pub(crate) outcome: Outcome,
    /// Why it is declined.
    pub(crate) reason: Option<&'static str>,
    /// What the documentation says about it.
    pub(crate) description: &'static str,
}

/// How long the reply takes that does not come in time: longer than any client waits.
pub(crate) const TIMEOUT_MS: u32 = 120_000;

const fn card(card_number: &'static str, outcome: Outcome, description: &'static str) -> TestCard {
    TestCard {
        card_number,
        outcome,
        reason: None,
        description,
    }
}

const fn declined(card_number: &'static str, reason: &'static str) -> TestCard {
    TestCard {
        card_number,
        outcome: Outcome::Declined,
        reason: Some(reason),
        description: "rejected at once, with the reason as `error`",
    }
}

/// Every test card. The README has the same table, which a test compares with this one.
pub(crate) const CARDS: [TestCard; 11] = [
    card("4111111111111111", Outcome::Approved, "paid at once"),
    card("5555555555554444", Outcome::Approved, "paid at once"),
    declined("4000000000009995", "Insufficient funds"),
    declined("4000000000000002", "Do not honour"),
    declined("4000000000000069", "Expired card"),
    declined("4000000000000127", "Incorrect security code"),
    declined("4100000000000019", "Suspected fraud"),
    card(
        "4000000000003220",
        Outcome::Challenge,
        "3-D Secure: the user decides at `url` whether it succeeds",
    ),
    card(
        "4000000000003063",
        Outcome::Challenge,
        "3-D Secure: the user decides at `url` whether it succeeds",
    ),
    card(
        "4000000000000119",
        Outcome::Timeout,
        "paid, and its webhook is sent, but the answer takes two minutes",
    ),
    card(
        "4000000000000259",
        Outcome::Pending,
        "pending, with a webhook that says so, until the control API settles it",
    ),
];

/// Tells how a card ends. One that is not listed is approved. The expiry date is not looked at, so that a fixture is good
/// for ever.
pub(crate) fn ending(card_number: &str) -> (Outcome, Option<&'static str>) {
    CARDS
        .iter()
        .find(|card| card.card_number == card_number)
        .map_or((Outcome::Approved, None), |card| (card.outcome, card.reason))
}

/// Lists the reasons for which a provider declines.
pub(crate) fn reasons() -> impl Iterator<Item = &'static str> {
    CARDS.iter().filter_map(|card| card.reason)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use edge_cashier::CardNumber;

    use super::{CARDS, Outcome, ending};

    #[test]
    fn every_test_card_is_a_card_and_listed_once() {
        let numbers: HashSet<_> = CARDS.iter().map(|card| card.card_number).collect();
        assert_eq!(numbers.len(), CARDS.len());
        for card in CARDS {
            assert!(CardNumber::parse(card.card_number).is_ok(), "{card:?}");
            assert_eq!(
                card.reason.is_some(),
                card.outcome == Outcome::Declined,
                "{card:?}"
            );
        }
        assert_eq!(ending("4242424242424242"), (Outcome::Approved, None));
    }
}
