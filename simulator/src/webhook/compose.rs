//! The body and the signature of one webhook.

use std::fmt::Display;

use edge_cashier::Currency;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::fault::Wire;
use crate::json::plain_text;
use crate::store::Transaction;

/// The byte order mark.
const BOM: char = '\u{feff}';

/// What a webhook tells, in the order in which the gateway writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Event {
    pub(crate) transaction_id: String,
    pub(crate) user_id: String,
    pub(crate) tracking_id: String,
    pub(crate) status: String,
    pub(crate) currency: String,
    pub(crate) amount: String,
    pub(crate) transaction_type: String,
}

impl Event {
    /// Tells the state of a transaction.
    pub(crate) fn of(transaction: &Transaction) -> Self {
        Self {
            transaction_id: transaction.transaction_id.clone(),
            user_id: transaction.user_id.clone(),
            tracking_id: transaction.tracking_id.clone(),
            status: transaction.status.to_string(),
            amount: with_minor_units(&transaction.amount, &transaction.currency),
            currency: transaction.currency.clone(),
            transaction_type: transaction.transaction_type.to_string(),
        }
    }

    /// Reads what a webhook told from its body, whatever its form.
    pub(crate) fn read(body: &str) -> worker::Result<Self> {
        // The one form that JSON does not allow.
        let fields: Map<String, Value> = serde_json::from_str(body.trim_start_matches(BOM))?;
        let text = |name: &str| fields.get(name).map(plain_text).unwrap_or_default();
        Ok(Self {
            transaction_id: text("transaction_id"),
            user_id: text("user_id"),
            tracking_id: text("tracking_id"),
            status: text("status"),
            currency: text("currency"),
            amount: text("amount"),
            transaction_type: text("transaction_type"),
        })
    }

    /// Writes the body in its form, and the signature over what JavaScript reads in it.
    pub(super) fn signed(&self, wire: Option<Wire>, password: &str) -> worker::Result<(String, String)> {
        let text = self.body(wire)?;
        let signature = signature(&text, password)?;
        Ok(match wire {
            // Not in JSON: whoever writes it has signed the text behind it.
            Some(Wire::Bom) => (format!("{BOM}{text}"), signature),
            _ => (text, signature),
        })
    }

    /// Writes the body as `JSON.stringify` writes it or in another form.
    fn body(&self, wire: Option<Wire>) -> worker::Result<String> {
        let Some(wire) = wire else {
            return Ok(serde_json::to_string(self)?);
        };
        let Value::Object(mut fields) = serde_json::to_value(self)? else {
            return Ok(serde_json::to_string(self)?);
        };
        Ok(match wire {
            Wire::Bom => serde_json::to_string(&fields)?,
            Wire::Pretty => serde_json::to_string_pretty(&fields)?,
            Wire::Spaces => {
                let members: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("\"{name}\": {value}"))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
            Wire::Float => {
                // `200.00` as it stands: a number whose closing zeros JavaScript drops.
                let number: Number = self.amount.parse()?;
                fields.insert("amount".to_owned(), Value::Number(number));
                serde_json::to_string(&fields)?
            }
            Wire::EscapeSlash => {
                fields.insert("descriptor".to_owned(), "SIMULATOR/PAYMENTS".into());
                serde_json::to_string(&fields)?.replace('/', "\\/")
            }
            Wire::EscapeUnicode => {
                fields.insert("descriptor".to_owned(), "Café".into());
                serde_json::to_string(&fields)?.replace('é', "\\u00e9")
            }
            Wire::KeyOrder => {
                let mut reversed: Map<String, Value> = fields.into_iter().rev().collect();
                reversed.insert("2".to_owned(), "two".into());
                reversed.insert("1".to_owned(), "one".into());
                serde_json::to_string(&reversed)?
            }
            Wire::DuplicateKey => {
                let body = serde_json::to_string(&fields)?;
                body.replacen('{', "{\"status\":\"superseded\",", 1)
            }
        })
    }
}

/// Writes the amount with at least as many decimals as its currency has: `200` EUR is `200.00`, as in the reference's webhooks.
pub(crate) fn with_minor_units(amount: &str, currency: &str) -> String {
    let wanted = Currency::parse(currency)
        .ok()
        .and_then(|currency| currency.minor_units())
        .unwrap_or_default();
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    match decimals.len().max(usize::try_from(wanted).unwrap_or_default()) {
        0 => whole.to_owned(),
        width => format!("{whole}.{decimals:0<width$}"),
    }
}

/// Computes the value of `x-signature`: over the form that JavaScript would write, whatever the form on the wire.
fn signature(body: &str, password: &str) -> worker::Result<String> {
    let unsigned =
        |error: &dyn Display| worker::Error::RustError(format!("the webhook could not be signed: {error}"));
    let signer = edge_cashier::Webhook::new(password).map_err(|error| unsigned(&error))?;
    signer.sign(body.as_bytes()).map_err(|error| unsigned(&error))
}

#[cfg(test)]
mod tests {
    use super::{Event, signature, with_minor_units};
    use crate::fault::Wire;

    fn event() -> Event {
        Event {
            transaction_id: "r21nmrtpcmrcava".to_owned(),
            user_id: "1111222".to_owned(),
            tracking_id: "b8f04416-116a-11ed-861d-0242ac120002".to_owned(),
            status: "rejected".to_owned(),
            currency: "GBP".to_owned(),
            amount: "200.00".to_owned(),
            transaction_type: "withdrawal".to_owned(),
        }
    }

    #[test]
    fn the_published_example_is_written_and_signed_as_published() {
        let body = event().body(None).unwrap_or_default();
        assert_eq!(
            body,
            r#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}"#
        );
        let signature = signature(&body, "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF");
        assert_eq!(
            signature.unwrap_or_default(),
            "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC"
        );
    }

    #[test]
    fn each_wire_form_differs_from_the_documented_one_and_tells_the_same() {
        let documented = event().body(None).unwrap_or_default();
        for wire in [
            Wire::Pretty,
            Wire::Spaces,
            Wire::Bom,
            Wire::Float,
            Wire::EscapeSlash,
            Wire::EscapeUnicode,
            Wire::KeyOrder,
            Wire::DuplicateKey,
        ] {
            let (body, signature) = event().signed(Some(wire), "password").unwrap_or_default();
            assert!(signature.len() == 40);
            assert_ne!(body, documented, "{wire:?}");
            assert_eq!(Event::read(&body).ok(), Some(event()), "{wire:?}");
        }
        assert!(
            event()
                .body(Some(Wire::Float))
                .unwrap_or_default()
                .contains(r#""amount":200.00,"#)
        );
    }

    #[test]
    fn amounts_get_their_currencys_decimals() {
        assert_eq!(with_minor_units("200", "EUR"), "200.00");
        assert_eq!(with_minor_units("10.5", "EUR"), "10.50");
        assert_eq!(with_minor_units("10.05", "EUR"), "10.05");
        assert_eq!(with_minor_units("500", "JPY"), "500");
        assert_eq!(with_minor_units("1.5", "KWD"), "1.500");
    }
}
