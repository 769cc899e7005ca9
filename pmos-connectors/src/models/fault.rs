//! What went wrong, in our kinds and words.

use std::time::Duration;

use pmos_core::model::{FaultKind, ModelFault};
use serde_json::Value;

use super::{mapping::Stop, site::Site};
use crate::outbound::{ErrorKind, HeaderMap, OutboundError, StatusCode};

/// The longest time that a provider may ask to wait.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Signs of a kind in what providers say, the more telling ones first: a rate limit that is used up for good is a bill,
/// and a key that is wrong comes from one of them as a bad request.
const SIGNS: [(FaultKind, &[&str]); 8] = [
    (
        FaultKind::ContextLength,
        &[
            "context_length_exceeded",
            "context length",
            "context window",
            "maximum context",
            "prompt is too long",
            "input is too long",
            "input token count",
            "request_too_large",
        ],
    ),
    (
        FaultKind::Billing,
        &["insufficient_quota", "billing_", "credit balance", "insufficient credit", "payment_required"],
    ),
    (
        FaultKind::Auth,
        &[
            "invalid_api_key",
            "api_key_invalid",
            "api key not valid",
            "authentication_error",
            "permission_error",
            "unauthenticated",
        ],
    ),
    (FaultKind::Refusal, &["content_filter", "content_policy", "responsibleaipolicy", "invalid_prompt"]),
    (FaultKind::UnknownModel, &["model_not_found", "not_found_error", "unknown_model", "invalid_model"]),
    (FaultKind::Overloaded, &["overloaded", "slow_down", "\"unavailable\""]),
    (FaultKind::RateLimited, &["rate_limit", "rate limit", "resource_exhausted", "too many requests"]),
    (FaultKind::Timeout, &["deadline_exceeded", "timeout_error"]),
];

/// The request was not received, or the answer broke off.
pub(super) fn unreached(error: &OutboundError) -> ModelFault {
    let kind = match error.kind() {
        ErrorKind::Timeout { .. } => FaultKind::Timeout,
        ErrorKind::RequestTooLarge { .. } => FaultKind::ContextLength,
        ErrorKind::InvalidRequest { .. } | ErrorKind::CredentialNotForHost => FaultKind::Auth,
        _ => FaultKind::Provider,
    };
    let message = match error.kind() {
        ErrorKind::RequestTooLarge { .. } => sentence(kind).to_owned(),
        ErrorKind::Timeout { .. } | ErrorKind::ResponseTooLarge { .. } | ErrorKind::Protocol => {
            format!("The answer of the model did not arrive: {}.", error.kind())
        }
        why => format!("The provider cannot be reached: {why}."),
    };
    ModelFault::new(kind, message, error.to_string())
}

/// The provider answered that it gives no answer.
pub(super) fn refused(site: &Site, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ModelFault {
    let said = String::from_utf8_lossy(body);
    let document = serde_json::from_str(&said).unwrap_or(Value::Null);
    let kind = kind_of(Some(status.as_u16()), &document, &said);
    let message = match status.as_u16() {
        300..400 => "The provider answered with another address; enter that one as its `base_url`.",
        404 | 405 if kind == FaultKind::Provider => {
            "No models are served at this address; check the `base_url` of the provider."
        }
        _ => sentence(kind),
    };
    let mut fault = ModelFault::new(kind, message, format!("status {}: {}", status.as_u16(), site.said(&said)));
    fault.retry_after = wait(headers).or_else(|| wait_in(&document)).map(|wait| wait.min(LONGEST_WAIT));
    fault
}

/// The answer ended otherwise than by being complete.
pub(super) fn stopped(site: &Site, stop: Stop) -> ModelFault {
    match stop {
        Stop::Garbage { why, said } => unreadable(site, why, &said),
        Stop::Refused(said) => ModelFault::new(FaultKind::Refusal, sentence(FaultKind::Refusal), site.said(&said)),
        Stop::Failed(document) => {
            let said = document.to_string();
            let status =
                document.pointer("/error/code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
            let kind = kind_of(status, &document, &said);
            let mut fault = ModelFault::new(kind, sentence(kind), site.said(&said));
            fault.retry_after = wait_in(&document).map(|wait| wait.min(LONGEST_WAIT));
            fault
        }
    }
}

/// The provider says what cannot be read.
pub(super) fn unreadable(site: &Site, why: &str, said: &str) -> ModelFault {
    let message =
        "The answer of the provider cannot be read; check that its `base_url` is that of an API of this kind.";
    ModelFault::new(FaultKind::Provider, message, format!("{why}: {}", site.said(said)))
}

/// The answer ended in the middle.
pub(super) fn cut() -> ModelFault {
    ModelFault::new(FaultKind::Provider, "The answer of the model broke off.", "the body ended before the answer did")
}

/// Nothing more came of an answer.
pub(super) fn silent(after: Duration) -> ModelFault {
    let message = format!("Nothing came from the model for {} seconds.", after.as_secs_f64());
    ModelFault::new(FaultKind::Timeout, message, "no part of the answer in time")
}

/// There is no end to an answer.
pub(super) fn too_large(limit: usize) -> ModelFault {
    let message = format!("The answer of the model is larger than the {limit} bytes allowed.");
    ModelFault::new(FaultKind::Provider, message, "the answer was given up")
}

/// What kind of failure a provider tells of, by what it calls it and by its status.
fn kind_of(status: Option<u16>, document: &Value, said: &str) -> FaultKind {
    // Pages of proxies have any word in them, so only what is told in JSON is searched.
    let said = if document.is_null() { String::new() } else { said.to_ascii_lowercase() };
    if let Some((kind, _)) = SIGNS.iter().find(|(_, signs)| signs.iter().any(|sign| said.contains(sign))) {
        return *kind;
    }
    match status {
        Some(401 | 403) => FaultKind::Auth,
        Some(402) => FaultKind::Billing,
        Some(404) if said.contains("model") => FaultKind::UnknownModel,
        Some(408 | 504) => FaultKind::Timeout,
        Some(413) => FaultKind::ContextLength,
        Some(429) => FaultKind::RateLimited,
        Some(503 | 529) => FaultKind::Overloaded,
        Some(404 | 405) | None => FaultKind::Provider,
        Some(400..500) => FaultKind::Invalid,
        Some(_) => FaultKind::Provider,
    }
}

/// A kind in words for people. What to do about it is said by core.
fn sentence(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Refusal => "The provider declined to answer this.",
        FaultKind::Timeout => "The provider took too long.",
        FaultKind::RateLimited => "The provider is asked too often.",
        FaultKind::ContextLength => "This is more than the model can read.",
        FaultKind::Auth => "The provider does not take the key.",
        FaultKind::Billing => "The account at the provider has nothing left to pay with.",
        FaultKind::Overloaded => "The provider has too much to do.",
        FaultKind::Provider => "The provider failed.",
        FaultKind::UnknownModel => "The provider has no model of this name.",
        FaultKind::Invalid => "The provider does not accept the request.",
    }
}

/// How long the headers ask to wait. A date is not read: it would be compared with a clock that is not the provider's.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms").map(|millis| millis / 1000.0).or_else(|| number("retry-after"))?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// How long the details of an error ask to wait, as Google writes it.
fn wait_in(document: &Value) -> Option<Duration> {
    let details = document.pointer("/error/details")?.as_array()?;
    let text = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    Duration::try_from_secs_f64(text.strip_suffix('s')?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(429, json!({"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}), FaultKind::Billing)]
    #[case(429, json!({"error": {"type": "tokens", "code": "rate_limit_exceeded"}}), FaultKind::RateLimited)]
    #[case(429, json!({"error": {"status": "RESOURCE_EXHAUSTED", "message": "check your billing details"}}), FaultKind::RateLimited)]
    #[case(400, json!({"error": {"code": "context_length_exceeded"}}), FaultKind::ContextLength)]
    #[case(400, json!({"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}}), FaultKind::ContextLength)]
    #[case(400, json!({"error": {"message": "Your credit balance is too low"}}), FaultKind::Billing)]
    #[case(400, json!({"error": {"status": "INVALID_ARGUMENT", "message": "API key not valid."}}), FaultKind::Auth)]
    #[case(400, json!({"error": {"code": "content_filter"}}), FaultKind::Refusal)]
    #[case(400, json!({"error": {"message": "tools.0: bad"}}), FaultKind::Invalid)]
    #[case(401, json!({}), FaultKind::Auth)]
    #[case(404, json!({"error": "model 'x' not found"}), FaultKind::UnknownModel)]
    #[case(404, json!({"error": {"code": 404, "status": "NOT_FOUND", "message": "models/x is not found"}}), FaultKind::UnknownModel)]
    #[case(404, json!({"detail": "Not Found"}), FaultKind::Provider)]
    #[case(404, Value::Null, FaultKind::Provider)]
    #[case(500, Value::Null, FaultKind::Provider)]
    #[case(503, json!({"error": {"status": "UNAVAILABLE"}}), FaultKind::Overloaded)]
    #[case(529, json!({"error": {"type": "overloaded_error"}}), FaultKind::Overloaded)]
    fn a_failure_has_the_kind_that_it_is_told_to_be(
        #[case] status: u16,
        #[case] document: Value,
        #[case] kind: FaultKind,
    ) {
        assert_eq!(kind_of(Some(status), &document, &document.to_string()), kind);
    }

    #[rstest]
    #[case("retry-after", "7", Some(Duration::from_secs(7)))]
    #[case("retry-after-ms", "1500", Some(Duration::from_millis(1500)))]
    #[case("retry-after", "-1", None)]
    #[case("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT", None)]
    fn the_wait_is_read_from_headers(#[case] name: &'static str, #[case] value: &str, #[case] asked: Option<Duration>) {
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())]);
        assert_eq!(wait(&headers), asked);
    }
}
