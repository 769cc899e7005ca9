//! What came back from a call.

use std::{marker::PhantomData, time::Duration};

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{Fault, FaultKind, Protocol, fault::CallFacts};
use crate::outbound::{HeaderMap, OutboundResponse, StatusCode};

/// A response that is still to be judged.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body; none when it is passed on as it arrives.
    pub body: Option<&'a [u8]>,
}

/// What a body is, by what the server says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// JSON, or events.
    Data,
    /// A page for people.
    Page,
    /// Anything else.
    Other,
}

impl<'a> Received<'a> {
    pub(super) fn of(response: &'a OutboundResponse) -> Self {
        Self { status: response.status, headers: &response.headers, body: Some(&response.body) }
    }

    /// Whether it came without a body.
    pub fn is_empty(&self) -> bool {
        self.body.is_some_and(<[u8]>::is_empty)
    }

    /// What the body is.
    pub fn content(&self) -> Content {
        match self.header("content-type").split(';').next().unwrap_or_default().trim() {
            "application/json" | "text/event-stream" => Content::Data,
            "text/html" => Content::Page,
            _ => Content::Other,
        }
    }

    /// What a refusal means by its status alone; `said` is what the server said of it.
    pub fn fault(&self, said: String) -> FaultKind {
        match self.status {
            StatusCode::UNAUTHORIZED => FaultKind::Denied,
            StatusCode::FORBIDDEN => FaultKind::Forbidden,
            StatusCode::NOT_FOUND | StatusCode::GONE => FaultKind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => FaultKind::Absent,
            StatusCode::CONFLICT => FaultKind::Conflict(said),
            StatusCode::PAYLOAD_TOO_LARGE => FaultKind::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => FaultKind::Busy(self.retry_after()),
            status if status.is_server_error() => FaultKind::Failed(said),
            status if status.is_client_error() => FaultKind::Rejected(said),
            _ => FaultKind::Garbled,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after").trim().parse().ok().map(Duration::from_secs)
    }

    fn header(&self, name: &str) -> &str {
        header(self.headers, name)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What came back from a call that worked.
pub struct Answer<P> {
    headers: HeaderMap,
    body: Bytes,
    facts: CallFacts,
    protocol: PhantomData<fn() -> P>,
}

impl<P: Protocol> Answer<P> {
    pub(super) fn new(headers: HeaderMap, body: Bytes, facts: CallFacts) -> Self {
        Self { headers, body, facts, protocol: PhantomData }
    }

    /// The body, with everything that is not asked for left out.
    ///
    /// # Errors
    /// [`FaultKind::Garbled`] when it is of another form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault<P>> {
        serde_json::from_slice(&self.body).map_err(|error| {
            tracing::debug!(engine = P::NAME, %error, bytes = self.body.len(), "an answer is of another form");
            self.garbled()
        })
    }

    /// Nothing is asked for; it must only be an answer.
    ///
    /// # Errors
    /// As [`Answer::json`].
    pub fn done(&self) -> Result<(), Fault<P>> {
        if self.body.is_empty() { Ok(()) } else { self.json::<IgnoredAny>().map(drop) }
    }

    /// The body as it came.
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// As [`Answer::json`].
    pub fn text(&self) -> Result<&str, Fault<P>> {
        std::str::from_utf8(&self.body).map_err(|_| self.garbled())
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }

    /// The cookie of this name that was set, as it is sent back.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let set = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        set.filter_map(|text| text.split(';').next()).find(|pair| pair.split('=').next() == Some(name))
    }

    /// The fault of an answer that says something else than it should.
    pub fn garbled(&self) -> Fault<P> {
        Fault::from(FaultKind::Garbled).of_call(self.facts)
    }
}
