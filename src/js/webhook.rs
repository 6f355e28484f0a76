//! Verification for JavaScript: numbers in, a number out. Whatever is text stays with TypeScript: bodies, names of passwords, messages, and the
//! canonical form of a body that is not proven to have it, which is the host's own `JSON.stringify(JSON.parse(body))`.

use std::cell::{Cell, RefCell};

use sha1::{Digest as _, Sha1};
use wasm_bindgen::prelude::wasm_bindgen;

use super::fields::{self, Places};
use super::input::{self, Digest};
use crate::webhook::{Signature, is_already_canonical};
use crate::{Matched, Password, Webhook, WebhookError};

/// So many webhooks keep their passwords here; one that was let go is configured anew when it comes back.
const KEPT: usize = 64;

/// Before each password in [`configure`]'s input: its last moment and its length in bytes.
const END: usize = 8;
const LENGTH: usize = 4;

/// Answers of [`verify`]: everything from here on is no match.
const REFUSED: u32 = 0x8000_0000;
const MISMATCH: u32 = REFUSED;
const EXPIRED: u32 = REFUSED + 1;
/// Ask [`verify_rewritten`], with the canonical form behind the body.
const NOT_PROVEN: u32 = REFUSED + 2;
const UNKNOWN_WEBHOOK: u32 = REFUSED + 3;
/// The lowest bit of a match; the password's place follows.
const RAW: u32 = 1;

/// Where no field was found.
const NOWHERE: Places = [0; 2 * fields::COUNT + 1];

thread_local! {
    static WEBHOOKS: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
    /// Which of them makes room next.
    static NEXT: Cell<usize> = const { Cell::new(0) };
    /// Where the fields of the last verified body stand.
    static FOUND: Cell<Places> = const { Cell::new(NOWHERE) };
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
    let listed = input::read(length, |_, given| list(given));
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

/// Verifies the body in the input by the 20 bytes of the signature before it, if it is proven to be its own canonical form. Below [`REFUSED`] it is a match: the
/// lowest bit says which form, the rest which password. `now` is in milliseconds since 1970.
#[wasm_bindgen]
pub fn verify(number: u32, body: usize, now: f64) -> u32 {
    asked(number, |webhook| {
        input::read(body, |signature, body| {
            if !is_already_canonical(body) {
                return NOT_PROVEN;
            }
            let answer = compare(webhook, body, body, signature, now);
            if answer < REFUSED {
                FOUND.set(fields::find(body).unwrap_or(NOWHERE));
            }
            answer
        })
    })
}

/// Verifies the body in the input by the canonical form behind it, which is `canonical` bytes long.
#[wasm_bindgen(js_name = verifyRewritten)]
pub fn verify_rewritten(number: u32, body: usize, canonical: usize, now: f64) -> u32 {
    asked(number, |webhook| {
        input::read(body.saturating_add(canonical), |signature, both| {
            FOUND.set(NOWHERE);
            let (body, canonical) = both.split_at_checked(body).unwrap_or_default();
            compare(webhook, canonical, body, signature, now)
        })
    })
}

#[inline(never)]
fn compare(webhook: &Webhook, canonical: &[u8], raw: &[u8], signature: &Digest, now: f64) -> u32 {
    match webhook.compare(canonical, raw, Signature(*signature), Some(now as u64)) {
        Ok((place, matched)) => {
            let form = if matched == Matched::Raw { RAW } else { 0 };
            (place as u32) << 1 & !REFUSED | form
        }
        Err(WebhookError::PasswordExpired { .. }) => EXPIRED,
        Err(_) => MISMATCH,
    }
}

/// Leaves the signature of the input's body, which is canonical, as the 20 bytes before it.
#[wasm_bindgen]
pub fn sign(number: u32, body: usize) -> u32 {
    asked(number, |webhook| {
        let Signature(digest) = input::read(body, |_, body| webhook.sign_canonical(body))?;
        input::leave(&digest)
    })
}

/// Leaves the bare SHA-1 of the input's body as the 20 bytes before it.
#[wasm_bindgen]
pub fn hash(body: usize) -> u32 {
    input::read(body, |_, body| Sha1::digest(body))
        .and_then(|digest| input::leave(&digest.into()))
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
