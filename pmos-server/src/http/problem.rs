//! Errors as RFC 9457 problem details.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pmos_core::{Error, FieldError, Kind, RequestId, quota::Rate};
use serde::Serialize;
use serde_json::{Map, Value};

/// Why a request was refused. What handlers return; the edge adds the request id and writes it.
#[derive(Clone)]
pub(crate) struct Problem(Arc<Parts>);

struct Parts {
    status: StatusCode,
    code: &'static str,
    detail: String,
    fields: Vec<FieldError>,
    more: Map<String, Value>,
    retry_after: Option<Duration>,
    rate: Option<Rate>,
    /// For the log alone.
    cause: Option<Error>,
}

#[derive(Serialize)]
struct Written<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    more: &'a Map<String, Value>,
    request_id: RequestId,
}

impl Problem {
    /// A refusal that only HTTP knows.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let parts = Parts {
            status,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            more: Map::new(),
            retry_after: None,
            rate: None,
            cause: None,
        };
        Self(Arc::new(parts))
    }

    /// Says what is left of the requests per minute, when they are limited.
    pub(super) fn with_rate(mut self, rate: Option<Rate>) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.rate = rate;
        }
        self
    }

    pub(super) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(super) fn code(&self) -> &'static str {
        self.0.code
    }

    /// What the operator reads of it.
    pub(super) fn cause(&self) -> String {
        match &self.0.cause {
            Some(cause) => format!("{cause:?}"),
            None => self.0.detail.clone(),
        }
    }

    /// The answer, of the routes below `base`. Two refusals of one kind differ in nothing but the request id.
    pub(super) fn write(&self, request: RequestId, base: &str) -> Response {
        let parts = &*self.0;
        let written = Written {
            r#type: format!("{base}/docs/errors/{}", parts.code),
            title: title(parts.status),
            status: parts.status.as_u16(),
            code: parts.code,
            detail: &parts.detail,
            errors: &parts.fields,
            more: &parts.more,
            request_id: request,
        };
        let body = serde_json::to_vec(&written).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = parts.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = parts.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait).max(1)));
        }
        if let Some(rate) = parts.rate {
            rate_headers(response.headers_mut(), rate);
        }
        if let Some(Value::Array(methods)) = parts.more.get("allow")
            && let Ok(allow) =
                HeaderValue::try_from(methods.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        if parts.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A wait is never told shorter than it is.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

/// The three fields of draft-ietf-httpapi-ratelimit-headers-03, which most clients know.
pub(super) fn rate_headers(headers: &mut HeaderMap, rate: Rate) {
    headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(rate.limit));
    headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(rate.remaining));
    headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from(whole_seconds(rate.reset)));
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(Arc::new(Parts {
            status: status(error.kind()),
            code: error.code(),
            detail: error.detail().to_owned(),
            fields: error.fields().to_vec(),
            more: error.more().clone(),
            retry_after: error.wait(),
            rate: None,
            cause: Some(error),
        }))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::UnknownForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Invalid | Kind::Unsupported => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Upstream => StatusCode::BAD_GATEWAY,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The request cannot be read",
        StatusCode::UNAUTHORIZED => "Sign in first",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::METHOD_NOT_ALLOWED => "This cannot be done here",
        StatusCode::REQUEST_TIMEOUT => "The request took too long to arrive",
        StatusCode::CONFLICT => "It contradicts the present state",
        StatusCode::PAYLOAD_TOO_LARGE => "Too large",
        StatusCode::URI_TOO_LONG => "The address is too long",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "In a form that is not read",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The headers are too large",
        StatusCode::UNPROCESSABLE_ENTITY => "Not acceptable as it is",
        StatusCode::TOO_MANY_REQUESTS => "Too often",
        StatusCode::BAD_GATEWAY => "A service outside failed",
        StatusCode::SERVICE_UNAVAILABLE => "Not possible at the moment",
        _ => "Something went wrong on our side",
    }
}
