//! Reading bodies: at most so large, at most so slow.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use pmos_core::{
    Error, Kind,
    content::{Content, Unread, unpacked},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Problem;

/// The largest body that is taken.
pub(super) const LARGEST: usize = 1024 * 1024;
/// A sender that is silent for so long is given up,
const SILENT: Duration = Duration::from_secs(10);
/// and so is one that is not done by then.
const SLOWEST: Duration = Duration::from_mins(1);

/// Reads a whole body that is text, unpacked and in UTF-8 whatever it came in.
pub(super) async fn text(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let body = read(body).await?;
    if body.is_empty() {
        return Ok(body);
    }
    let all = |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
    let unpacked = unpacked(all(header::CONTENT_ENCODING), body, LARGEST);
    let kind = all(header::CONTENT_TYPE).next();
    unpacked.and_then(|body| Content::new(kind, body).utf8()).map_err(|unread| match unread {
        Unread::NotJson(why) | Unread::Malformed(why) => {
            Error::new(Kind::Malformed, "malformed", format!("The body cannot be read: {why}.")).into()
        }
        other => Error::from(other).into(),
    })
}

/// Reads a whole body as it comes.
pub(super) async fn read(body: Body) -> Result<Bytes, Problem> {
    let hint = axum::body::HttpBody::size_hint(&body);
    if hint.lower() > LARGEST as u64 {
        return Err(too_large().into());
    }
    if hint.exact() == Some(0) {
        return Ok(Bytes::new());
    }
    tokio::time::timeout(SLOWEST, collect(body)).await.unwrap_or_else(|_| Err(too_slow()))
}

async fn collect(body: Body) -> Result<Bytes, Problem> {
    let mut frames = body.into_data_stream();
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    loop {
        let frame = match tokio::time::timeout(SILENT, frames.next()).await {
            Err(_) => return Err(too_slow()),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(Error::new(Kind::Malformed, "malformed", "The body ended early.").into()),
            Ok(Some(Ok(frame))) => frame,
        };
        if first.len() + whole.len() + frame.len() > LARGEST {
            return Err(too_large().into());
        }
        // Most bodies come in one piece, which is then passed on without a copy.
        if first.is_empty() && whole.is_empty() {
            first = frame;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&frame);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// Why a larger body is refused.
pub(super) fn too_large() -> Error {
    Error::new(Kind::TooLarge, "too_large", "The body is larger than 1 MiB. Send less at once.")
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The body did not arrive in time. Send it again.")
}

/// Reads the JSON body of a route that is not an action; the error names the field.
pub(super) async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let bytes = text(headers, body).await?;
    let malformed = |detail: String| Error::new(Kind::Malformed, "malformed", detail);
    let value: Value =
        pmos_core::json::read(&bytes).map_err(|cause| malformed(format!("The body is not JSON: {cause}.")))?;
    if !value.is_object() {
        return Err(malformed("The body must be a JSON object.".to_owned()).into());
    }
    serde_path_to_error::deserialize(value).map_err(|fault| {
        let path = fault.path().to_string();
        let message = fault.into_inner().to_string();
        // Serde names a missing or unknown field in the text and not in the path.
        let field = if path == "." { message.split('`').nth(1).unwrap_or("body").to_owned() } else { path };
        Error::invalid(field, message).into()
    })
}
