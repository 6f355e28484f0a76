//! `POST /v1/webhooks`: the gateway's side.

use edge_cashier::WebhookError;
use wasm_bindgen::JsValue;
use web_sys::Request;

use crate::body::{self, BodyError};
use crate::clock;
use crate::config::Config;
use crate::host::header;
use crate::log;
use crate::payment::message::{Command, Record};
use crate::problem::{Code, Problem};
use crate::respond::{Answer, Outcome};
use crate::session::tell;

/// A webhook of the gateway has some 200 bytes. The cap leaves room for it to grow and keeps strangers from making us hash megabytes.
const MAX_WEBHOOK_BODY_BYTES: usize = 64 * 1024;

/// How soon the gateway may send again what could not be recorded.
const RETRY_AFTER_S: u32 = 5;

/// Takes a webhook.
///
/// 1. Read at most 64 KiB; more is 413.
/// 2. Verify the signature before anything is believed: 401, or 400 when the body is not a webhook at all.
/// 3. Have it recorded exactly once by the payment's object. A first, repeated, late or contradicting webhook is 204: it is kept, and sending it again
///    changes nothing.
/// 4. What could not be recorded is 503, never 2xx, so that the gateway sends it again.
pub(crate) async fn receive(request: &Request, env: &JsValue, config: &Config, request_id: &str) -> Outcome {
    // (1)
    let signature = header(request, "x-signature").unwrap_or_default();
    let body = body::read_request(request, MAX_WEBHOOK_BODY_BYTES).await;
    // (2)
    let (tracking_id, command) = verified(body, signature, config, request_id)?;
    // (3), (4)
    let reply = tell(env, &tracking_id, &command, request_id).await;
    reply.map_err(|_| not_recorded())??;
    Ok(Answer::Empty { status: 204 })
}

/// Which payment the webhook is about, and what its object is told.
#[inline(never)]
fn verified(
    body: Result<Vec<u8>, BodyError>,
    signature: String,
    config: &Config,
    request_id: &str,
) -> Result<(String, Command), Problem> {
    let body = body.map_err(|error| match error {
        BodyError::TooLarge => Problem::new(Code::PayloadTooLarge, "A webhook has at most 64 KiB."),
        BodyError::Broken(failure) => {
            log::failure(request_id, "webhook body", &failure.to_string());
            not_recorded()
        }
    })?;
    let verified = config
        .webhook
        .verify(&body, &signature, Some(clock::now_ms().unsigned_abs()))
        .map_err(|error| refused(&error))?;
    let body = String::from_utf8(body)
        .map_err(|_| Problem::new(Code::NotJson, "Send the webhook's JSON in UTF-8."))?;
    // Written from ids, words and a decimal: it cannot fail, and memory takes it all.
    let event = serde_json::to_vec(&verified.event).unwrap_or_default();
    let command = Command::Record(Record {
        request_id: request_id.to_owned(),
        event: String::from_utf8(event).unwrap_or_default(),
        body,
        signature,
        matched: verified.matched.as_str().to_owned(),
        password_id: verified.password_id,
    });
    Ok((verified.event.tracking_id.as_str().to_owned(), command))
}

fn not_recorded() -> Problem {
    Problem::new(Code::NotRecorded, "Send the webhook again.").with_retry_after(RETRY_AFTER_S)
}

/// The core's reason, without the numbers that would help a forger.
fn refused(error: &WebhookError) -> Problem {
    let (code, detail) = match error.code() {
        "not_json" => (
            Code::NotJson,
            "The body must be the gateway's JSON, byte for byte.",
        ),
        "not_a_webhook" => (
            Code::NotAWebhook,
            "The body is signed, but a field that every webhook has is missing or malformed.",
        ),
        "no_signature" => (Code::NoSignature, "Send the header x-signature."),
        "signature_not_hex" | "signature_length" => (
            Code::SignatureNotHex,
            "The header x-signature holds 40 hexadecimal digits.",
        ),
        "password_expired" => (
            Code::PasswordExpired,
            "The password that signed the webhook is past its not_after in WEBHOOK_PASSWORDS.",
        ),
        _ => (
            Code::SignatureMismatch,
            "The signature is not that of this body and WEBHOOK_PASSWORDS: check the password, and that nothing rewrites the body on its way.",
        ),
    };
    Problem::new(code, detail)
}
