//! What a payout has to be for the merchant to decide on it: a guard against approving another amount than the one that was meant.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::amount::Amount;
use crate::money::currency::Currency;
use crate::read::fields::{Fields, Place};
use crate::read::json;
use crate::read::report::Report;
use crate::read::violation::ValidationError;

/// What the merchant takes the payout to be. What is left out is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutCheck {
    /// The amount, compared by value: `200.00` is `200`.
    pub expected_amount: Option<Amount>,
    /// The currency.
    pub expected_currency: Option<Currency>,
    /// Whether an approval may be sent again of which it is not known whether the gateway carried it out.
    #[serde(default)]
    pub resend: bool,
}

impl PayoutCheck {
    /// Reads `{"expected_amount"?, "expected_currency"?, "resend"?}`.
    ///
    /// ```
    /// use edge_cashier::PayoutCheck;
    ///
    /// let error = PayoutCheck::from_json(r#"{"expected_amuont": "200.00"}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "expected_amuont: unknown field; did you mean \"expected_amount\"?");
    /// ```
    ///
    /// # Errors
    /// Every violation at once, and a text that is not JSON.
    pub fn from_json(text: &str) -> Result<Self, ValidationError> {
        let value = json::parse(text)?;
        let mut report = Report::default();
        let check = Self::read(&value, &mut report);
        report.finish(check)
    }

    fn read(value: &Value, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(value, &Place::TOP, report)?;
        let check = PayoutCheck {
            expected_amount: fields.optional("expected_amount"),
            expected_currency: fields.optional("expected_currency"),
            resend: fields.optional("resend").unwrap_or_default(),
        };
        fields.finish();
        Some(check)
    }

    /// Tells whether an amount or a currency is to be compared.
    pub fn compares(&self) -> bool {
        self.expected_amount.is_some() || self.expected_currency.is_some()
    }

    /// Tells whether a payout of this amount is the one that is meant.
    pub fn agrees(&self, amount: &Amount, currency: &Currency) -> bool {
        self.expected_amount
            .as_ref()
            .is_none_or(|expected| expected == amount)
            && self
                .expected_currency
                .as_ref()
                .is_none_or(|expected| expected == currency)
    }
}
