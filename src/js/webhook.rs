//! Verification for JavaScript: numbers in, a number out, and text only where something is unusual.
//!
//! A refusal is the text `!code`, a line end, and the message; a value is `=` and the value.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt::Display;

use sha1::{Digest, Sha1};
use wasm_bindgen::prelude::wasm_bindgen;

use super::fields::{self, Fields, is_too_deep};
use super::input;
use crate::{Checked, Matched, Password, Webhook, WebhookError, canonicalize as canonical};

/// So many webhooks keep their passwords here; one that was let go is configured anew when it comes back.
const KEPT: usize = 64;

/// Answers of [`verify`]: everything from here on is no match.
const REFUSED: u32 = 0x8000_0000;
const UNKNOWN_WEBHOOK: u32 = u32::MAX;
/// The lowest bit of a match; the password's place follows.
const RAW: u32 = 1;

/// The last number of [`FOUND`]: whether the places before it count, and whether the body has further fields.
const FIELDS_FOUND: u32 = 1;
const MORE_FIELDS: u32 = 2;

type Places = [u32; 2 * fields::COUNT + 1];

thread_local! {
    static WEBHOOKS: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
    /// Which of them makes room next.
    static NEXT: Cell<usize> = const { Cell::new(0) };
    /// Where the fields of the last verified body stand.
    static FOUND: Cell<Places> = const { Cell::new([0; 2 * fields::COUNT + 1]) };
    /// The text of the last answer that has one: a refusal, or what was signed where no fields could be cut out.
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Kept {
    number: u32,
    webhook: Webhook,
}

/// Where [`verify`] leaves the places of the fields.
#[wasm_bindgen]
pub fn fields() -> *mut u32 {
    FOUND.with(Cell::as_ptr).cast()
}

/// The text that the last [`verify`] left, if it left one.
#[wasm_bindgen]
pub fn text() -> String {
    TEXT.take()
}

/// Makes a webhook known under a number. The passwords stand one behind the other in `text`; of each comes its length in bytes and its last
/// moment (NaN: none).
#[wasm_bindgen]
pub fn configure(number: u32, text: &str, lengths: &[u32], ends: &[f64]) -> String {
    let Ok(webhook) = list(text, lengths, ends) else {
        return refusal("password", &"there is no password, or an empty one");
    };
    let kept = Kept { number, webhook };
    let done = WEBHOOKS.with(|webhooks| {
        let mut webhooks = webhooks.try_borrow_mut().ok()?;
        webhooks.retain(|kept| kept.number != number);
        if webhooks.len() < KEPT {
            webhooks.push(kept);
        } else {
            // One after the other makes room.
            let place = NEXT.replace((NEXT.get() + 1) % KEPT);
            *webhooks.get_mut(place)? = kept;
        }
        Some(())
    });
    done.map_or_else(busy, |()| value(""))
}

fn list(text: &str, lengths: &[u32], ends: &[f64]) -> Result<Webhook, crate::PasswordError> {
    let mut passwords = Vec::new();
    let mut rest = text;
    for (place, (length, end)) in lengths.iter().zip(ends).enumerate() {
        let (password, behind) = rest.split_at_checked(*length as usize).unwrap_or_default();
        rest = behind;
        // Here a password's name is its place: the caller knows what it calls them.
        let mut password = Password::new(password)?.named(place.to_string());
        if end.is_finite() {
            password = password.until(*end as u64);
        }
        passwords.push(password);
    }
    Webhook::with_passwords(passwords)
}

/// Verifies the body in the input. Below [`REFUSED`] it is a match: the lowest bit says which form, the rest which password.
/// `now` is in milliseconds since 1970.
#[wasm_bindgen]
pub fn verify(number: u32, signature: usize, body: usize, now: f64) -> u32 {
    known(number, |kept| {
        input::read(signature, body, |signature, body| {
            // The caller lays in one byte for each character, and `?` for what needs more.
            let signature = std::str::from_utf8(signature).unwrap_or("?");
            match kept.webhook.check(body, signature, Some(now as u64)) {
                Ok(checked) => matched(&checked),
                Err(error) => refuse(&error),
            }
        })
    })
    .flatten()
    .unwrap_or(UNKNOWN_WEBHOOK)
}

fn matched(checked: &Checked<'_>) -> u32 {
    // A rewritten body can be as long as the one that came (`1e3` and a space for `1000`), so the length proves nothing.
    let unchanged = checked.matched == Matched::Canonical && matches!(checked.signed, Cow::Borrowed(_));
    let found = fields::find(&checked.signed).filter(|_| unchanged);
    // What was proven to be canonical nests 32 levels at most, so it need not be looked at again.
    if !unchanged && is_too_deep(&checked.signed) {
        TEXT.set(refusal(
            "not_a_webhook",
            &"the body is signed, but it is not a payment's webhook: it nests too deep",
        ));
        return REFUSED;
    }
    if let Some(fields) = found {
        FOUND.set(places(&fields));
    } else {
        // Unusual: JavaScript parses the very text that was signed. Its bytes are UTF-8, or they would not be JSON.
        FOUND.set([0; 2 * fields::COUNT + 1]);
        TEXT.set(String::from_utf8(checked.signed.to_vec()).unwrap_or_default());
    }
    let password: u32 = checked
        .password_id
        .and_then(|id| id.parse().ok())
        .unwrap_or_default();
    let form = if checked.matched == Matched::Raw { RAW } else { 0 };
    password << 1 & !REFUSED | form
}

fn places(fields: &Fields) -> Places {
    let mut places = [0; 2 * fields::COUNT + 1];
    let flags = FIELDS_FOUND | if fields.more { MORE_FIELDS } else { 0 };
    let numbers = fields
        .places
        .iter()
        .flat_map(|(start, end)| [*start as u32, *end as u32])
        .chain([flags]);
    for (place, number) in places.iter_mut().zip(numbers) {
        *place = number;
    }
    places
}

fn refuse(error: &WebhookError) -> u32 {
    TEXT.set(refused(error));
    REFUSED
}

/// The core's own sentences, less the one that quotes a name: quoting alone would bring Unicode's tables into the wasm.
fn refused(error: &WebhookError) -> String {
    let message: &dyn Display = match error {
        WebhookError::NotJson(error) => {
            return refusal("not_json", &format_args!("the body is not JSON: {error}"));
        }
        WebhookError::NoSignature => &"no signature: the gateway sends one in the header x-signature",
        WebhookError::SignatureNotHex { position } => {
            return refusal(
                "signature_not_hex",
                &format_args!(
                    "the signature is not hexadecimal at byte {position}: pass the value of x-signature as it came"
                ),
            );
        }
        WebhookError::SignatureLength { .. } => &"the signature has not the 40 hexadecimal digits of SHA-1",
        WebhookError::PasswordExpired { .. } => &"the signature was made with a password that has ended",
        _ => {
            &"the signature does not match the body: pass the body's bytes as they came, and the signature password of the same environment; `explain` names the usual mistakes"
        }
    };
    refusal(error.code(), message)
}

/// The signature of the body in the input.
#[wasm_bindgen]
pub fn sign(number: u32, body: usize) -> String {
    known(number, |kept| {
        input::read(0, body, |_, body| answer(kept.webhook.sign(body)))
    })
    .flatten()
    .unwrap_or_else(unknown)
}

/// Why the body in the input does not verify: `{verdict, reason, hint}`. The passwords of the webhook `candidates` (0: none) are tried as those of other
/// environments. Only in the full module: it is for development, and large.
#[cfg(feature = "js")]
#[wasm_bindgen]
pub fn explain(number: u32, body: usize, signature: &str, now: f64, candidates: u32) -> String {
    let explained = |candidates: &[Password]| {
        known(number, |kept| {
            input::read(0, body, |_, body| {
                let explanation = kept
                    .webhook
                    .explain(body, signature, Some(now as u64), candidates);
                value(super::answer::explanation(&explanation))
            })
        })
        .flatten()
    };
    match candidates {
        0 => explained(&[]),
        others => known(others, |kept| explained(kept.webhook.passwords())).flatten(),
    }
    .unwrap_or_else(unknown)
}

/// The canonical form of the body in the input.
#[wasm_bindgen]
pub fn canonicalize(body: usize) -> String {
    input::read(0, body, |_, body| {
        answer(canonical(body).map_err(WebhookError::NotJson))
    })
    .unwrap_or_else(busy)
}

/// The first four bytes of the bare SHA-1 of the input's body: what a verification is measured against.
#[wasm_bindgen]
pub fn hash(body: usize) -> u32 {
    input::read(0, body, |_, body| {
        Sha1::digest(body)
            .iter()
            .take(4)
            .fold(0, |sum, &byte| sum << 8 | u32::from(byte))
    })
    .unwrap_or_default()
}

fn known<T>(number: u32, run: impl FnOnce(&Kept) -> T) -> Option<T> {
    WEBHOOKS.with(|webhooks| {
        webhooks
            .try_borrow()
            .ok()?
            .iter()
            .rev()
            .find(|kept| kept.number == number)
            .map(run)
    })
}

fn answer<T: Display>(result: Result<T, WebhookError>) -> String {
    match result {
        Ok(text) => value(text),
        Err(error) => refused(&error),
    }
}

fn value(text: impl Display) -> String {
    format!("={text}")
}

fn refusal(code: &str, message: &dyn Display) -> String {
    format!("!{code}\n{message}")
}

fn unknown() -> String {
    refusal("unknown_webhook", &"not configured")
}

/// Only reached if reading a body runs the caller's code, and that comes back here.
fn busy() -> String {
    refusal(
        "busy",
        &"a webhook is being read at this moment; call again when it is done",
    )
}
