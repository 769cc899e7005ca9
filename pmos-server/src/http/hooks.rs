//! Inbound webhooks: from the wire to [`Pmos::deliver`](pmos_core::Pmos::deliver) and back.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use bytes::Bytes;
use pmos_core::{
    Error, content,
    run::{Answer, InboundRequest},
};
use serde_json::Value;

use super::{Problem, Shared, body};

/// An answer comes from our own address, so whatever an automation sends must not act there as one of our pages.
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// What the connection, the browser's rules for our address and its cookies need is not for automations to set.
const OURS: [HeaderName; 17] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_SECURITY_POLICY,
    header::CONTENT_SECURITY_POLICY_REPORT_ONLY,
    header::DATE,
    header::PROXY_AUTHENTICATE,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("alt-svc"),
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("service-worker-allowed"),
    HeaderName::from_static("x-request-id"),
];

pub(super) async fn deliver(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    // Tokens are plain hexadecimal digits, so one that would have to be decoded is not one.
    let token = parts.uri.path().strip_prefix("/hooks/").unwrap_or_default();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Error::not_found().into());
    }
    let body = match body::read(body).await {
        Ok(body) => body,
        Err(problem) => {
            if problem.status() == StatusCode::PAYLOAD_TOO_LARGE {
                app.pmos.refuse_delivery(token, &body::too_large()).await;
            }
            return Err(problem);
        }
    };
    let answer = app.pmos.deliver(token, inbound(&parts, body)).await?;
    written(&answer)
}

fn inbound(parts: &Parts, body: Bytes) -> InboundRequest {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes()))
    };
    InboundRequest {
        method: parts.method.as_str().to_owned(),
        headers: parts.headers.iter().map(header).collect(),
        query: parts.uri.query().map(str::to_owned),
        body,
        body_limit: body::LARGEST,
        raw: false,
    }
}

fn written(answer: &Answer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).ok().filter(|status| status.as_u16() >= 200);
    let status = status.ok_or_else(|| Error::internal("write the answer of an automation"))?;
    let mut headers = HeaderMap::with_capacity(answer.headers.len() + 10);
    for (name, value) in &answer.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else { continue };
        if !OURS.contains(&name) {
            headers.append(name, value);
        }
    }
    let body = if has_no_body(status) {
        headers.remove(header::CONTENT_TYPE);
        Body::empty()
    } else {
        body_of(&answer.body, &mut headers)
            .map_err(|why| Error::internal("write the answer of an automation").because(why))?
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The body of an answer, and its content type among the headers.
fn body_of(value: &Value, headers: &mut HeaderMap) -> Result<Body, String> {
    let label = match headers.get(header::CONTENT_TYPE) {
        Some(chosen) => Some(chosen.to_str().map_err(|cause| cause.to_string())?.to_owned()),
        None => content::label(value, None)?,
    };
    let bytes = content::bytes_of(value, label.as_deref())?;
    if let Some(label) = label {
        headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(label).map_err(|cause| cause.to_string())?);
    }
    Ok(Body::from(bytes))
}

/// What comes after the headers of these would be read as the beginning of the next answer.
fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(headers: &[(&str, &str)], body: Value) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        written(&Answer { status: 200, headers, body }).ok().unwrap()
    }

    #[test]
    fn an_automation_cannot_set_our_cookies_or_loosen_our_rules() {
        let response = answer(
            &[
                ("Set-Cookie", "pmos=x"),
                ("Content-Security-Policy", "default-src *"),
                ("X-Own", "1"),
                ("bad name", "2"),
            ],
            json!({}),
        );
        assert!(!response.headers().contains_key("set-cookie"));
        assert_eq!(response.headers()["content-security-policy"], SANDBOX);
        assert_eq!(response.headers()["x-own"], "1");
    }

    #[test]
    fn an_answer_goes_out_as_its_label_says() {
        assert_eq!(answer(&[], json!("hi")).headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(answer(&[], json!({"a": 1})).headers()["content-type"], "application/json");
        assert_eq!(answer(&[("content-type", "text/csv")], json!("a,b")).headers()["content-type"], "text/csv");
        assert!(!answer(&[], Value::Null).headers().contains_key("content-type"));
        let image = content::binary("image/png", None, b"\x89");
        assert_eq!(answer(&[], image).headers()["content-type"], "image/png");
    }
}
