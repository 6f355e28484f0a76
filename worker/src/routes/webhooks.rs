//! `POST /v1/webhooks`: the gateway's side.

use axum::extract::State;
use edge_cashier::{TrackingId, WebhookError};
use http::{HeaderMap, StatusCode};

use super::App;
use super::extract::{RequestId, WholeBody, header};
use crate::clock;
use crate::config::Config;
use crate::payment;
use crate::payment::message::Record;
use crate::problem::{Code, Problem};

/// How soon the gateway may send again what could not be recorded.
const RETRY_AFTER_S: u64 = 5;

/// Takes a webhook.
///
/// 1. Read at most 64 KiB; more is 413.
/// 2. Verify the signature before anything is believed: 401, or 400 when the body is not a webhook at all.
/// 3. Have it recorded exactly once by the payment's object. A first, repeated, late or contradicting webhook is 204: it is kept, and sending it again
///    changes nothing.
/// 4. What could not be recorded is 503, never 2xx, so that the gateway sends it again.
#[worker::send]
pub(super) async fn receive(
    State(app): State<App>,
    RequestId(request_id): RequestId,
    headers: HeaderMap,
    body: WholeBody,
) -> Result<StatusCode, Problem> {
    // (1)
    let body = match body {
        WholeBody::Read(body) => Vec::from(body),
        WholeBody::Broken => return Err(not_recorded()),
    };
    // (2)
    let signature = header(&headers, "x-signature");
    let (tracking_id, record) = verified(body, signature.unwrap_or_default(), &app.config, request_id)?;
    // (3), (4)
    payment::record(&app.env, &tracking_id, record)
        .await
        .map_err(|_| not_recorded())?;
    Ok(StatusCode::NO_CONTENT)
}

/// The webhook as its payment's object keeps it, and which payment's.
fn verified(
    body: Vec<u8>,
    signature: &str,
    config: &Config,
    request_id: String,
) -> Result<(TrackingId, Record), Problem> {
    let now = clock::now_ms().unsigned_abs();
    let verified = config
        .webhook
        .verify(&body, signature, Some(now))
        .map_err(|error| refused(&error))?;
    let body = String::from_utf8(body)
        .map_err(|_| Problem::new(Code::NotJson, "Send the webhook's JSON in UTF-8."))?;
    let record = Record {
        request_id,
        event: serde_json::to_string(&verified.event).map_err(|_| not_recorded())?,
        body,
        signature: signature.to_owned(),
        matched: verified.matched.as_str().to_owned(),
        password_id: verified.password_id,
    };
    Ok((verified.event.tracking_id, record))
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
