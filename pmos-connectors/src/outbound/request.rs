//! What to send.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use pmos_core::vault::Credential;
use tracing::{Span, field};
use url::Url;

use super::error::{ErrorKind, OutboundError};

const MAX_URL_BYTES: usize = 8 * 1024;

/// Headers that belong to the connection and not to its user. A second length, another host or an upgrade
/// would let one request be read as two, or be answered by a server that was not checked.
const CONNECTION_HEADERS: [&str; 13] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request to an address that a user may have chosen.
///
/// `Debug` shows the method and the host; the rest may hold secrets.
#[derive(Clone)]
pub struct OutboundRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) credential: Option<Credential>,
    pub(super) timeout: Option<Duration>,
    pub(super) max_response_bytes: Option<usize>,
}

impl OutboundRequest {
    /// A request without headers and body. The URL is absolute and at most 8 KiB long; whether it may be
    /// reached is decided when it is sent. `CONNECT` and `TRACE` are refused.
    pub fn new(method: Method, url: &str) -> Result<Self, OutboundError> {
        if matches!(method, Method::CONNECT | Method::TRACE) {
            return Err(OutboundError::unsent(ErrorKind::InvalidRequest {
                field: "method".to_owned(),
                problem: "must not be CONNECT or TRACE",
            }));
        }
        Ok(Self {
            method,
            url: parse_url(url).map_err(OutboundError::unsent)?,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            credential: None,
            timeout: None,
            max_response_bytes: None,
        })
    }

    /// A `GET` request.
    pub fn get(url: &str) -> Result<Self, OutboundError> {
        Self::new(Method::GET, url)
    }

    /// A `POST` request.
    pub fn post(url: &str) -> Result<Self, OutboundError> {
        Self::new(Method::POST, url)
    }

    /// Adds a header. Secrets do not belong here but into a [`Credential`].
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, OutboundError> {
        let name = header_name(name).map_err(OutboundError::unsent)?;
        let value = HeaderValue::from_str(value).map_err(|_| {
            let problem = "has characters a header cannot carry; check for line breaks";
            OutboundError::unsent(invalid_header(name.as_str(), problem))
        })?;
        self.headers.append(name, value);
        Ok(self)
    }

    /// Adds a query parameter to those of the URL; both parts are encoded.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Sets the body as it is.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to a JSON document, with its content type unless one is set already.
    pub fn json(mut self, document: &serde_json::Value) -> Self {
        self.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        self.body(document.to_string())
    }

    /// Sends the request with secrets, if they are bound to its host.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credential = Some(credential);
        self
    }

    /// The time for the whole call instead of the client's; more than the client's maximum is that maximum.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The call as logs and traces see it. Path and query are left out, they may hold a secret.
    pub(super) fn span(&self) -> Span {
        tracing::debug_span!(
            "outward",
            otel.kind = "client",
            otel.name = self.method.as_str(),
            otel.status_code = field::Empty,
            method = self.method.as_str(),
            host = self.url.host_str(),
            http.request.method = self.method.as_str(),
            http.response.status_code = field::Empty,
            server.address = self.url.host_str(),
            server.port = self.url.port_or_known_default(),
        )
    }

    /// The largest response body to accept instead of the client's, in bytes. It is held in memory.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }
}

impl fmt::Debug for OutboundRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

pub(super) fn parse_url(text: &str) -> Result<Url, ErrorKind> {
    if text.len() > MAX_URL_BYTES {
        return Err(ErrorKind::InvalidUrl("it is longer than 8 KiB"));
    }
    let mut url = Url::parse(text).map_err(invalid_url)?;
    url.set_fragment(None);
    Ok(url)
}

fn invalid_url(error: url::ParseError) -> ErrorKind {
    use url::ParseError as E;
    ErrorKind::InvalidUrl(match error {
        E::RelativeUrlWithoutBase | E::RelativeUrlWithCannotBeABaseBase => "it must begin with https:// or http://",
        E::EmptyHost => "it has no host",
        E::IdnaError | E::InvalidDomainCharacter => "its host name has characters a host name cannot have",
        E::InvalidPort => "its port is not a number from 1 to 65535",
        E::InvalidIpv4Address | E::InvalidIpv6Address => "its host looks like an address but is not one",
        _ => "it cannot be read",
    })
}

pub(super) fn header_name(name: &str) -> Result<HeaderName, ErrorKind> {
    let parsed =
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid_header(name, "is not the name of a header"))?;
    if CONNECTION_HEADERS.contains(&parsed.as_str()) {
        return Err(invalid_header(name, "is set by the connection itself; remove this header"));
    }
    Ok(parsed)
}

fn invalid_header(name: &str, problem: &'static str) -> ErrorKind {
    ErrorKind::InvalidRequest { field: name.to_owned(), problem }
}
