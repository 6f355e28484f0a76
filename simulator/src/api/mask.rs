//! What is kept of a request that may hold card data: never a full card number, never a security code.

use serde_json::Value;

/// The body as it is recorded. Without card data it is recorded exactly as it came.
pub(super) fn without_card_data(body: &str, may_hold_card: bool) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            let was_changed = mask(&mut value, "");
            if was_changed {
                value.to_string()
            } else {
                body.to_owned()
            }
        }
        // What cannot be read cannot be masked.
        Err(_) if may_hold_card && !body.is_empty() => {
            format!("[{} bytes that are not JSON, not recorded]", body.len())
        }
        Err(_) => body.to_owned(),
    }
}

fn mask(value: &mut Value, name: &str) -> bool {
    match value {
        Value::Object(fields) => fields
            .iter_mut()
            .fold(false, |changed, (name, value)| mask(value, name) | changed),
        Value::Array(values) => values
            .iter_mut()
            .fold(false, |changed, value| mask(value, name) | changed),
        Value::Null | Value::Bool(_) => false,
        scalar => {
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            let masked = match name {
                "card_number" => last_four(&text),
                "cvc" | "cvv" | "cvc2" | "cvv2" => "***".to_owned(),
                _ => return false,
            };
            *scalar = Value::String(masked);
            true
        }
    }
}

fn last_four(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    // Fewer than 12 digits are no card number: nothing of them is kept.
    let kept: String = match digits.len().checked_sub(4) {
        Some(at) if digits.len() >= 12 => digits.iter().skip(at).collect(),
        _ => String::new(),
    };
    format!("************{kept}")
}

#[cfg(test)]
mod tests {
    use super::without_card_data;

    #[test]
    fn card_data_is_masked_wherever_it_stands() {
        let body = r#"{"a":[{"card_details":{"card_number":"4111111111111111","cvc":"444"}}],"card_number":4111111111111111}"#;
        let masked = without_card_data(body, true);
        assert_eq!(
            masked,
            r#"{"a":[{"card_details":{"card_number":"************1111","cvc":"***"}}],"card_number":"************1111"}"#
        );
    }

    #[test]
    fn any_other_body_is_kept_as_it_came() {
        let body = "{ \"amount\" : 10.050, \"id\": 12345678901234567890123 }";
        assert_eq!(without_card_data(body, true), body);
        assert_eq!(without_card_data("not JSON", false), "not JSON");
    }

    #[test]
    fn what_cannot_be_read_is_not_kept_where_a_card_may_be() {
        let kept = without_card_data("card_number=4111111111111111", true);
        assert!(!kept.contains("4111"), "{kept}");
    }
}
