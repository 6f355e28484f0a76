//! Verification for JavaScript: numbers in, a number out. Whatever is text stays with TypeScript: bodies, names of passwords, messages, and the
//! canonical form of a body that is not proven to have it, which is the host's own `JSON.stringify(JSON.parse(body))`.

use std::cell::{Cell, RefCell};

use sha1::{Digest, Sha1};
use wasm_bindgen::prelude::wasm_bindgen;

use super::fields::{self, Fields};
use super::input;
use crate::webhook::{Signature, is_already_canonical};
use crate::{Matched, Password, Webhook, WebhookError};

/// So many webhooks keep their passwords here; one that was let go is configured anew when it comes back.
const KEPT: usize = 64;

/// Before each password in [`configure`]'s input: its last moment and its length in bytes.
const END: usize = 8;
const LENGTH: usize = 4;

/// Answers of [`verify`]: everything from here on is no match.
const REFUSED: u32 = 0x8000_0000;
/// The byte of the signature that is no hexadecimal digit is added to it.
const NOT_HEX: u32 = REFUSED + 0x100;
const NO_SIGNATURE: u32 = REFUSED;
const SIGNATURE_LENGTH: u32 = REFUSED + 1;
const MISMATCH: u32 = REFUSED + 2;
const EXPIRED: u32 = REFUSED + 3;
/// Ask [`verify_rewritten`], with the canonical form behind the body.
const NOT_PROVEN: u32 = REFUSED + 4;
const UNKNOWN_WEBHOOK: u32 = REFUSED + 5;
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

/// Makes a webhook known under a number, and wipes the input. In it stand the passwords, one behind the other: of each the last moment in
/// milliseconds (a little-endian double, NaN for none), the length in bytes (little-endian), and the bytes.
#[wasm_bindgen]
pub fn configure(number: u32, length: usize) -> bool {
    let listed = input::read(0, length, |_, given| list(given));
    input::wipe();
    let Some(webhook) = listed.flatten() else {
        return false;
    };
    let kept = Kept { number, webhook };
    WEBHOOKS.with(|webhooks| {
        let Ok(mut webhooks) = webhooks.try_borrow_mut() else {
            return false;
        };
        // A webhook is told again when it was let go, or for a caller who asks for it: never twice at once.
        if let Some(known) = webhooks.iter_mut().find(|kept| kept.number == number) {
            *known = kept;
        } else if webhooks.len() < KEPT {
            webhooks.push(kept);
        } else {
            // One after the other makes room.
            let place = NEXT.replace((NEXT.get() + 1) % KEPT);
            if let Some(oldest) = webhooks.get_mut(place) {
                *oldest = kept;
            }
        }
        true
    })
}

fn list(mut given: &[u8]) -> Option<Webhook> {
    let mut passwords = Vec::new();
    while !given.is_empty() {
        let (end, rest) = given.split_first_chunk::<END>()?;
        let (length, rest) = rest.split_first_chunk::<LENGTH>()?;
        let (secret, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let password = Password::new(secret).ok()?;
        let end = f64::from_le_bytes(*end);
        passwords.push(if end.is_nan() {
            password
        } else {
            password.until(end as u64)
        });
        given = rest;
    }
    Webhook::with_passwords(passwords).ok()
}

/// Verifies the body in the input, if it is proven to be its own canonical form. Below [`REFUSED`] it is a match: the lowest bit says which form,
/// the rest which password. `now` is in milliseconds since 1970.
#[wasm_bindgen]
pub fn verify(number: u32, signature: usize, body: usize, now: f64) -> u32 {
    asked(number, |webhook| {
        input::read(signature, body, |signature, body| {
            let signature = match Signature::from_hex(signature) {
                Ok(signature) => signature,
                Err(error) => return refusal(&error),
            };
            if !is_already_canonical(body) {
                return NOT_PROVEN;
            }
            let answer = compare(webhook, body, body, signature, now);
            if answer < REFUSED {
                FOUND.set(places(fields::find(body).as_ref()));
            }
            answer
        })
    })
}

/// Verifies the body in the input by the canonical form behind it, which is `canonical` bytes long.
#[wasm_bindgen(js_name = verifyRewritten)]
pub fn verify_rewritten(number: u32, signature: usize, body: usize, canonical: usize, now: f64) -> u32 {
    asked(number, |webhook| {
        input::read(signature, body.saturating_add(canonical), |signature, both| {
            FOUND.set(places(None));
            match (Signature::from_hex(signature), both.split_at_checked(body)) {
                (Ok(signature), Some((body, canonical))) => compare(webhook, canonical, body, signature, now),
                (Err(error), _) => refusal(&error),
                _ => UNKNOWN_WEBHOOK,
            }
        })
    })
}

#[inline(never)]
fn compare(webhook: &Webhook, canonical: &[u8], raw: &[u8], signature: Signature, now: f64) -> u32 {
    match webhook.compare(canonical, raw, signature, Some(now as u64)) {
        Ok((place, matched)) => {
            let form = if matched == Matched::Raw { RAW } else { 0 };
            (place as u32) << 1 & !REFUSED | form
        }
        Err(error) => refusal(&error),
    }
}

fn refusal(error: &WebhookError) -> u32 {
    match error {
        WebhookError::NoSignature => NO_SIGNATURE,
        WebhookError::SignatureNotHex { position } => NOT_HEX + *position as u32,
        WebhookError::SignatureLength { .. } => SIGNATURE_LENGTH,
        WebhookError::PasswordExpired { .. } => EXPIRED,
        _ => MISMATCH,
    }
}

fn places(fields: Option<&Fields>) -> Places {
    let mut places = [0; 2 * fields::COUNT + 1];
    let Some(fields) = fields else {
        return places;
    };
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

/// Leaves the signature of the input's body, which is canonical, as 20 bytes in the signature's place.
#[wasm_bindgen]
pub fn sign(number: u32, body: usize) -> u32 {
    asked(number, |webhook| {
        let Signature(digest) = input::read(0, body, |_, body| webhook.sign_canonical(body))?;
        input::leave(&digest)
    })
}

/// Leaves the bare SHA-1 of the input's body as 20 bytes in the signature's place.
#[wasm_bindgen]
pub fn hash(body: usize) -> u32 {
    input::read(0, body, |_, body| Sha1::digest(body))
        .and_then(|digest| input::leave(&digest))
        .unwrap_or(UNKNOWN_WEBHOOK)
}

fn asked(number: u32, run: impl FnOnce(&Webhook) -> Option<u32>) -> u32 {
    WEBHOOKS.with(|webhooks| {
        webhooks
            .try_borrow()
            .ok()
            .and_then(|webhooks| {
                webhooks
                    .iter()
                    .rev()
                    .find(|kept| kept.number == number)
                    .and_then(|kept| run(&kept.webhook))
            })
            .unwrap_or(UNKNOWN_WEBHOOK)
    })
}
