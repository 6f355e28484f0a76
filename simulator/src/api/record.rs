//! The record of every call, without card data: never a full card number, never a security code.

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use edge_cashier::OperationName;
use serde_json::{Map, Value};

use crate::clock;
use crate::fault::FaultKind;
use crate::json::plain_text;
use crate::reply::ErrorReply;
use crate::store::{ApiRequest, Store};

/// Records a call and what was answered.
pub(super) async fn keep(
    State((store, operation)): State<(Store, OperationName)>,
    id: Option<Path<String>>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorReply> {
    let at = clock::now();
    let (parts, body) = request.into_parts();
    let unreadable = |_| ErrorReply::new(StatusCode::BAD_REQUEST, "the body could not be read");
    let bytes = to_bytes(body, usize::MAX).await.map_err(unreadable)?;
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let tracking_id = tracking_id(operation, &store, id, &body)?;
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)));
    let headers: Map<String, Value> = headers.collect();
    let method = parts.method.to_string();
    let path = parts.uri.path_and_query().map(ToString::to_string);

    let reply = next.run(Request::from_parts(parts, Body::from(bytes))).await;

    let fault = reply.extensions().get::<FaultKind>();
    store.add_request(ApiRequest {
        at,
        operation,
        tracking_id,
        method,
        path: path.unwrap_or_default(),
        headers: Value::Object(headers).to_string(),
        body: without_card_data(&body, operation == OperationName::CardPayment),
        status: reply.status().as_u16().into(),
        fault: fault.map(|kind| kind.as_ref().to_owned()),
    })?;
    Ok(reply)
}

/// Returns the merchant's id that a call is about, also where it names the gateway's.
fn tracking_id(
    operation: OperationName,
    store: &Store,
    id: Option<Path<String>>,
    body: &str,
) -> worker::Result<Option<String>> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Ok(match operation {
        OperationName::TransactionStatus => id.map(|Path(id)| id),
        OperationName::ListTransactions => None,
        OperationName::ApprovePayout => text("/transaction_id"),
        OperationName::RejectPayout => match text("/transaction_id") {
            Some(id) => store
                .transaction_by_gateway_id(&id)?
                .map(|found| found.tracking_id),
            None => None,
        },
        _ => text("/request/tracking_id"),
    })
}

/// Returns the body as it is recorded. Without card data it is recorded exactly as it came.
fn without_card_data(body: &str, may_hold_card: bool) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            let has_card_data = mask(&mut value, "");
            if has_card_data {
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
            let masked = match name {
                "card_number" => last_four(&plain_text(scalar)),
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
