//! From a response to an answer or a fault.

use std::time::Duration;

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::fault::Fault;
use crate::outbound::{OutboundResponse, StatusCode};

/// The longest upstream text that is looked at, in bytes.
const READ_OF_A_MESSAGE: usize = 2_000;
const SESSION_COOKIE: &str = "n8n-auth=";

/// What came back from a call that worked.
#[derive(Debug)]
pub(in crate::n8n) struct Answer {
    body: Bytes,
    cookie: Option<String>,
    methods: Option<String>,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoAnswer {
    Fault(Fault),
    /// A page where there should be data, with status 404: the server is starting, or it has no such endpoint.
    PageNotFound,
}

impl Answer {
    /// Judges by status and content type: while it starts, n8n answers everything with a page and status 200.
    pub(super) fn of(response: OutboundResponse) -> Result<Self, NoAnswer> {
        let content = Content::of(&response);
        let status = response.status;
        let fault = match (status.as_u16(), content) {
            (200..=299, Content::Data) => return Ok(Self::take(response)),
            (200..=299, _) if response.body.is_empty() => return Ok(Self::take(response)),
            (200..=299 | 503, Content::Page) => Fault::Starting,
            (404, Content::Page) => return Err(NoAnswer::PageNotFound),
            (429, _) => Fault::Busy(retry_after(&response)),
            (500..=599, _) => Fault::Failed(message(&response.body)),
            (400..=499, Content::Data) => refusal(status, message(&response.body)),
            (413, _) => Fault::TooLarge,
            (401, _) => Fault::Denied,
            _ => Fault::Garbled,
        };
        tracing::debug!(status = status.as_u16(), fault = fault.name(), said = %message(&response.body), "n8n refused");
        Err(NoAnswer::Fault(fault))
    }

    /// Of a question what a webhook takes, whatever its status: for one that is not registered, n8n answers 500.
    pub(super) fn of_preflight(response: OutboundResponse) -> Self {
        Self::take(response)
    }

    fn take(response: OutboundResponse) -> Self {
        let cookies = response.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let cookie = cookies.filter_map(|text| text.split(';').next()).find(|pair| pair.starts_with(SESSION_COOKIE));
        let methods = response.headers.get("access-control-allow-methods").and_then(|value| value.to_str().ok());
        Self { cookie: cookie.map(str::to_owned), methods: methods.map(str::to_owned), body: response.body }
    }

    /// The body, with everything that is not asked for left out.
    pub(in crate::n8n) fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|error| {
            tracing::debug!(%error, bytes = self.body.len(), "an answer of n8n is of another form");
            Fault::Garbled
        })
    }

    /// Nothing is asked for; it must only be an answer.
    pub(in crate::n8n) fn done(&self) -> Result<(), Fault> {
        if self.body.is_empty() { Ok(()) } else { self.json::<IgnoredAny>().map(drop) }
    }

    /// The body as it came.
    pub(in crate::n8n) fn into_body(self) -> Bytes {
        self.body
    }

    /// The body as text.
    pub(in crate::n8n) fn text(&self) -> Result<&str, Fault> {
        std::str::from_utf8(&self.body).map_err(|_| Fault::Garbled)
    }

    /// Whether it says that this method may be used.
    pub(in crate::n8n) fn allows(&self, method: &str) -> bool {
        self.methods.as_deref().unwrap_or_default().split(',').any(|named| named.trim().eq_ignore_ascii_case(method))
    }

    /// The session that was opened with it, as it is sent back.
    pub(in crate::n8n) fn session(&self) -> Option<&str> {
        self.cookie.as_deref()
    }
}

#[derive(Clone, Copy)]
enum Content {
    Data,
    Page,
    Other,
    /// We ask for no encoding, and unfold none: a small answer may unfold into a large one.
    Encoded,
}

impl Content {
    fn of(response: &OutboundResponse) -> Self {
        let header = |name| response.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !matches!(header("content-encoding"), "" | "identity") {
            return Self::Encoded;
        }
        match header("content-type").split(';').next().unwrap_or_default().trim() {
            "application/json" | "text/event-stream" => Self::Data,
            "text/html" => Self::Page,
            _ => Self::Other,
        }
    }
}

fn refusal(status: StatusCode, said: String) -> Fault {
    match status {
        StatusCode::UNAUTHORIZED => Fault::Denied,
        StatusCode::FORBIDDEN => match licence(&said) {
            Some(feature) => Fault::Licence(feature),
            None => Fault::Forbidden,
        },
        StatusCode::NOT_FOUND | StatusCode::GONE => Fault::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Fault::Absent,
        StatusCode::CONFLICT => Fault::Conflict(said),
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge,
        _ => Fault::Rejected(said),
    }
}

/// The feature in `Your license does not allow for feat:folders. To enable …`.
fn licence(said: &str) -> Option<String> {
    if said.contains("Plan lacks license") {
        return Some(String::new());
    }
    let rest = said.strip_prefix("Your license does not allow for ")?;
    Some(rest.split([' ', '.']).next().unwrap_or_default().to_owned())
}

fn message(body: &[u8]) -> String {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return String::new() };
    let text = body.get("message").and_then(Value::as_str).unwrap_or_default();
    text[..text.floor_char_boundary(READ_OF_A_MESSAGE)].to_owned()
}

fn retry_after(response: &OutboundResponse) -> Option<Duration> {
    response.headers.get("retry-after")?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "Your license does not allow for feat:folders. To enable feat:folders, please upgrade",
        Some("feat:folders")
    )]
    #[case("Plan lacks license for this feature", Some(""))]
    #[case("Forbidden", None)]
    fn what_a_licence_lacks_is_told_from_what_a_key_may_not(#[case] said: &str, #[case] feature: Option<&str>) {
        assert_eq!(licence(said).as_deref(), feature);
    }
}
