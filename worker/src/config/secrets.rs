//! A variable that holds one secret, or a JSON list of them while they are being rotated.

use std::borrow::Cow;

use edge_cashier::check_secret;

/// An exchange needs two; a longer list means that nobody removes the old ones.
const MAX_SECRETS: usize = 4;

/// Reads the secrets, or returns every remedy; `check` has the rules of the variable beside those of every secret. No remedy shows a value.
pub(super) fn read(
    text: &str,
    check: impl Fn(&str) -> Result<(), &'static str>,
) -> Result<Vec<String>, Vec<String>> {
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
        if let Err(remedy) = self::check(secret) {
            remedies.push(format!("{place}{remedy}"));
        } else if let Err(remedy) = check(secret) {
            remedies.push(format!("{place}{remedy}"));
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

/// Refuses what is no secret, in words for one that does not come from the merchant portal.
pub(super) fn check(secret: &str) -> Result<(), Cow<'static, str>> {
    check_secret(secret).map_err(|violation| match violation.code {
        "required" => "is blank; give the secret itself, or remove it".into(),
        _ => violation.message,
    })
}

/// Refuses what could be guessed, and what a client cannot send as it is: white space is trimmed off a header, and what is not ASCII comes in no known encoding.
pub(super) fn bearer(token: &str) -> Result<(), &'static str> {
    long_enough(token)?;
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(
            "has a space, a line end or a character that is not ASCII, so no header can carry it; make one with `openssl rand -hex 32`",
        );
    }
    Ok(())
}

/// Refuses what could be guessed. HS256 needs a key at least as long as its hash (RFC 7518, 3.2), and so does a bearer token.
pub(super) fn long_enough(secret: &str) -> Result<(), &'static str> {
    if secret.len() < 32 {
        return Err("is shorter than 32 bytes; make one with `openssl rand -hex 32`");
    }
    Ok(())
}
