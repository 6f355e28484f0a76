//! The variable `TICKET_SECRET`: one secret, or a JSON list of them while they are being exchanged.

use edge_cashier::check_secret;

/// HS256 needs a key at least as long as its hash (RFC 7518, 3.2).
const MIN_BYTES: usize = 32;

/// An exchange needs two; a longer list means that nobody removes the old ones.
const MAX_SECRETS: usize = 4;

/// Reads the secrets, or returns every remedy. No remedy shows a value.
pub(crate) fn read(text: &str) -> Result<Vec<String>, Vec<String>> {
    let is_list = text.trim_start().starts_with('[');
    let secrets = if is_list {
        serde_json::from_str(text).unwrap_or_default()
    } else {
        vec![text.to_owned()]
    };
    if secrets.is_empty() || secrets.len() > MAX_SECRETS {
        return Err(vec![format!(
            "must be one secret, or a JSON list of 1 to {MAX_SECRETS} secrets such as [\"new\", \"old\"]"
        )]);
    }
    let mut remedies = Vec::new();
    for (index, secret) in secrets.iter().enumerate() {
        let place = if is_list {
            format!("[{index}]: ")
        } else {
            String::new()
        };
        if let Err(violation) = check_secret(secret) {
            remedies.push(format!("{place}{}", violation.message));
        } else if secret.len() < MIN_BYTES {
            remedies.push(format!(
                "{place}is shorter than {MIN_BYTES} bytes; make one with `openssl rand -hex 32`"
            ));
        } else if secrets.iter().take(index).any(|earlier| earlier == secret) {
            remedies.push(format!("{place}is there twice; remove it"));
        }
    }
    if remedies.is_empty() {
        Ok(secrets)
    } else {
        Err(remedies)
    }
}
