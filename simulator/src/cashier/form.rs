//! The form of the page: as it was sent, and checked.

use edge_cashier::{Amount, Currency};
use serde::{Deserialize, Deserializer};

use super::button::Decision;
use super::visit::Visit;
use crate::store::PageKind;
use crate::webhook::with_minor_units;

/// What was entered.
#[derive(Deserialize)]
pub(crate) struct Entered {
    #[serde(default)]
    decision: String,
    #[serde(default, deserialize_with = "trimmed")]
    pub(super) amount: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) reason: Option<String>,
    /// The number of the attempt that the page showed; none: the one that is due.
    attempt: Option<String>,
}

fn trimmed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Some(text.trim().to_owned()))
}

/// What is wrong with it.
pub(super) enum Problem {
    General(&'static str),
    Amount(String),
}

impl Entered {
    /// Tells whether the form was shown for an earlier attempt: sent twice, or found again by the back button.
    pub(super) fn is_outdated(&self, visit: &Visit<'_>) -> bool {
        let shown = self.attempt.as_deref();
        shown.is_some_and(|attempt| attempt != visit.checkout.attempt.to_string())
    }

    /// Checks the form: takes the provider and the amount into the payment, if the user may choose them, and returns the
    /// decision.
    pub(super) fn take_into(&self, visit: &mut Visit<'_>) -> Result<Decision, Problem> {
        let amount_problem = |text: &str| Err(Problem::Amount(text.to_owned()));
        let decision: Option<Decision> = self.decision.parse().ok();
        let is_payout = visit.transaction.is_payout();
        let Some(decision) = decision.filter(|button| button.is_on(visit.checkout.kind, is_payout)) else {
            return Err(Problem::General("Choose one of the buttons."));
        };
        if visit.checkout.kind == PageKind::Cashier {
            let providers = &visit.settings.providers;
            let chosen = match &self.provider {
                None => providers.first(),
                Some(id) => providers.iter().find(|provider| provider.id.to_string() == *id),
            };
            let Some(provider) = chosen else {
                return Err(Problem::General("Choose one of the ways to pay."));
            };
            visit.transaction.payment_provider = provider.name.clone();
        }
        let Some(text) = &self.amount else {
            return Ok(decision);
        };
        let asked = Amount::parse(text).ok();
        if visit.checkout.amount_is_locked {
            // The page does not let it be changed, so whoever sends another amount did not use the page.
            let fixed = Amount::parse(&visit.transaction.amount).ok();
            return if asked.is_some() && asked == fixed {
                Ok(decision)
            } else {
                amount_problem("The merchant has fixed this amount. It cannot be changed here.")
            };
        }
        let Some(amount) = asked.filter(Amount::is_positive) else {
            return amount_problem("Enter an amount in digits, for example 10.05.");
        };
        if let Ok(currency) = Currency::parse(&visit.transaction.currency)
            && !amount.fits(&currency)
        {
            let decimals = currency.minor_units().unwrap_or_default();
            return amount_problem(&format!("{currency} has at most {decimals} decimals."));
        }
        let limit = visit.checkout.amount_limit.as_deref();
        if let Some(limit) = limit.and_then(|limit| Amount::parse(limit).ok())
            && amount > limit
        {
            let currency = &visit.transaction.currency;
            let limit = with_minor_units(&limit.to_string(), currency);
            return amount_problem(&if visit.transaction.is_payout() {
                format!("You can withdraw {limit} {currency} at most.")
            } else {
                format!("Your limit is {limit} {currency}.")
            });
        }
        visit.transaction.amount = amount.to_string();
        Ok(decision)
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;
    use axum::extract::rejection::QueryRejection;
    use axum::http::Uri;

    use super::Entered;

    #[test]
    fn a_form_is_decoded() -> Result<(), QueryRejection> {
        let query = "/?decision=approve&amount=+10.05+&reason=Do+not+honour&x=%26";
        let Query(form): Query<Entered> = Query::try_from_uri(&Uri::from_static(query))?;
        assert_eq!(form.decision, "approve");
        assert_eq!(form.amount.as_deref(), Some("10.05"));
        assert_eq!(form.reason.as_deref(), Some("Do not honour"));
        assert_eq!(form.provider, None);
        Ok(())
    }
}
