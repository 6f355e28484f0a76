//! `Webhook` for JavaScript. A body is read from the buffer of [`input`](super::input); `length` is its length in bytes.

use std::cell::Cell;

use js_sys::Date;
use sha1::{Digest, Sha1};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error::Throw;
use super::fast_path::{Members, Places};
use super::value::{from_entries, object};
use super::{input, passwords};
use crate::read::violation::ValidationError;
use crate::webhook::{FIELDS, Proven, Signature, prove};
use crate::{Matched, Verified, WebhookError, WebhookEvent};

/// The result of [`Webhook::verify_fast`]: two bits, and above them the index of the password.
const VERIFIED: u32 = 1;
const MORE_FIELDS: u32 = 2;
const PASSWORD_SHIFT: u32 = 2;

thread_local! {
    static FOUND: Cell<Places> = const { Cell::new([0; 2 * FIELDS.len()]) };
}

/// Returns the address at which [`Webhook::verify_fast`] writes the positions of the fields.
#[wasm_bindgen]
pub fn fields() -> *mut u32 {
    FOUND.with(Cell::as_ptr).cast()
}

/// Verifies webhooks with one password, or with several while they are rotated.
#[wasm_bindgen]
pub struct Webhook {
    webhook: crate::Webhook,
}

#[wasm_bindgen]
impl Webhook {
    /// Takes a password, or a list of `{ id, password, notAfter? }`.
    /// Throws `validation`, with everything that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(password: &JsValue) -> Result<Webhook, JsValue> {
        let mut found = Vec::new();
        let passwords = passwords::read(password, "password", &mut found);
        ValidationError::check(found).map_err(Throw::throw)?;
        // Nothing is left to go wrong.
        let webhook = crate::Webhook::with_passwords(passwords).map_err(|_| JsValue::UNDEFINED)?;
        Ok(Self { webhook })
    }

    /// Verifies the body by the digits before it, if it is an ordinary event in its canonical form: the fast path. Returns 0 for everything else, a wrong
    /// signature too, which is left to [`verify`](Self::verify); otherwise the bits, and writes the positions of the fields to [`fields`].
    #[wasm_bindgen(js_name = verifyFast)]
    pub fn verify_fast(&self, length: usize) -> u32 {
        input::read(length, |digits, body| {
            Ok(self.fast(digits, body).unwrap_or_default())
        })
        .unwrap_or_default()
    }

    /// Verifies the body and returns its event.
    /// Throws `verification`.
    pub fn verify(&self, length: usize, signature: &str) -> Result<JsValue, JsValue> {
        let verified = input::read(length, |_, body| {
            self.webhook
                .verify(body, signature, self.now())
                .map_err(Throw::throw)
        })?;
        event(&verified)
    }

    /// Returns the name of the password at that index.
    #[wasm_bindgen(js_name = passwordId)]
    pub fn password_id(&self, place: usize) -> Option<String> {
        self.webhook.password_id(place).map(str::to_owned)
    }

    /// Signs the body as the gateway would.
    /// Throws `verification` when the body is not JSON.
    pub fn sign(&self, length: usize) -> Result<String, JsValue> {
        input::read(length, |_, body| self.webhook.sign(body).map_err(Throw::throw))
    }

    /// Names the usual mistake that keeps the body from verifying. `options`: `candidates`, passwords as for [`new`](Self::new).
    /// Throws `validation`.
    #[cfg(feature = "js")]
    pub fn explain(&self, length: usize, signature: &str, options: &JsValue) -> Result<JsValue, JsValue> {
        let candidates = candidates(options).map_err(Throw::throw)?;
        let explanation = input::read(length, |_, body| {
            Ok(self.webhook.explain(body, signature, self.now(), &candidates))
        })?;
        serde_wasm_bindgen::to_value(&explanation).map_err(JsValue::from)
    }
}

impl Webhook {
    /// Returns the time in milliseconds since 1970, if a password has an end: asking the host costs as much as hashing a block.
    fn now(&self) -> Option<u64> {
        self.webhook.has_ends().then(|| Date::now() as u64)
    }

    fn fast(&self, digits: &[u8], body: &[u8]) -> Option<u32> {
        let signature = Signature::from_hex(digits).ok()?;
        let mut members = Members::default();
        let proven = prove(body, |key, value| members.add(body, key, value))?;
        if proven != Proven::Ascii || !members.are_ordinary() {
            return None;
        }
        let (place, matched) = self.webhook.compare(body, body, signature, self.now()).ok()?;
        if matched != Matched::Canonical {
            return None;
        }
        FOUND.set(members.places);
        let more = if members.more { MORE_FIELDS } else { 0 };
        Some((place as u32) << PASSWORD_SHIFT | more | VERIFIED)
    }
}

/// Returns the exact text that the gateway signs, without the password.
/// Throws `verification` when the body is not JSON.
#[wasm_bindgen]
pub fn canonicalize(length: usize) -> Result<String, JsValue> {
    input::read(length, |_, body| {
        crate::canonicalize(body)
            .map(|text| text.into_owned())
            .map_err(|error| WebhookError::NotJson(error).throw())
    })
}

/// Reads the unknown fields of a body that [`Webhook::verify_fast`] has accepted.
#[wasm_bindgen]
pub fn extra(length: usize) -> Result<JsValue, JsValue> {
    let event = input::read(length, |_, body| {
        WebhookEvent::from_json(body).map_err(Throw::throw)
    })?;
    object(&event.extra)
}

/// Hashes the body; the benchmark compares a verification with it.
#[wasm_bindgen]
pub fn hash(length: usize) -> u32 {
    let digest = input::read(length, |_, body| Ok(Sha1::digest(body))).unwrap_or_default();
    digest.first().copied().unwrap_or_default().into()
}

fn event(verified: &Verified) -> Result<JsValue, JsValue> {
    let Verified { event, matched, .. } = verified;
    let amount = event.amount.to_string();
    let values = [
        event.transaction_id.as_str(),
        event.user_id.as_str(),
        event.tracking_id.as_str(),
        event.status.as_str(),
        event.currency.code(),
        &amount,
        event.transaction_type.as_str(),
    ];
    let mut entries: Vec<(&str, JsValue)> = FIELDS.into_iter().zip(values.map(JsValue::from)).collect();
    if !event.extra.is_empty() {
        entries.push(("extra", object(&event.extra)?));
    }
    entries.push(("matched", matched.as_str().into()));
    if let Some(id) = &verified.password_id {
        entries.push(("passwordId", id.into()));
    }
    from_entries(entries)
}

#[cfg(feature = "js")]
fn candidates(options: &JsValue) -> Result<Vec<crate::Password>, ValidationError> {
    use crate::read::suggest::unknown_field;

    const CANDIDATES: &str = "candidates";
    let mut found = Vec::new();
    let mut read = Vec::new();
    if let Some(fields) = passwords::fields(options) {
        let unknown = fields.iter().filter(|(name, _)| name != CANDIDATES);
        found.extend(unknown.map(|(name, _)| unknown_field("options", name, &[CANDIDATES])));
        let given = fields.iter().find(|(name, _)| name == CANDIDATES);
        if let Some((_, given)) = given.filter(|(_, given)| !given.is_undefined() && !is_empty(given)) {
            read = passwords::read(given, CANDIDATES, &mut found);
        }
    } else if !options.is_undefined() {
        let message = "must be an object { candidates? }";
        found.push(crate::Violation::new("type", message).at("options"));
    }
    ValidationError::check(found).map(|()| read)
}

#[cfg(feature = "js")]
fn is_empty(given: &JsValue) -> bool {
    use wasm_bindgen::JsCast;
    given
        .dyn_ref::<js_sys::Array>()
        .is_some_and(|list| list.length() == 0)
}
