//! From one hop to the next.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, LOCATION, USER_AGENT};
use http::{HeaderMap, Method, StatusCode};
use pmos_core::vault::Credential;
use url::Url;

use super::credential;
use super::error::ErrorKind;
use super::request::{self, OutboundRequest};

/// Headers that may cross origins. A list of what may go, since any other header may hold a secret.
const TRAVELLING_HEADERS: [HeaderName; 4] = [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT];

/// One exchange of a call: what is sent before the credential is added.
#[derive(Debug)]
pub(super) struct Hop {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Gone once a redirect has left the origin, even if a later one comes back.
    pub(super) credential: Option<Credential>,
}

impl Hop {
    pub(super) fn first(request: OutboundRequest) -> Self {
        let OutboundRequest { method, url, headers, body, credential, .. } = request;
        Self { method, url, headers, body, credential }
    }

    /// The hop an answer asks for, or `None` when the answer is the end.
    pub(super) fn next(&self, status: StatusCode, answer: &HeaderMap) -> Result<Option<Self>, ErrorKind> {
        let becomes_get = match status.as_u16() {
            301..=303 => self.method != Method::HEAD,
            307 | 308 => false,
            _ => return Ok(None),
        };
        let Some(location) = answer.get(LOCATION) else {
            return Ok(None);
        };
        let mut next = Self {
            method: self.method.clone(),
            url: self.target(location.as_bytes())?,
            headers: self.headers.clone(),
            body: self.body.clone(),
            credential: self.credential.clone(),
        };
        if let Some(secret) = &next.credential {
            credential::remove_from(secret, &mut next.url);
        }
        if becomes_get {
            next.method = Method::GET;
            next.body = Bytes::new();
            next.headers.remove(CONTENT_TYPE);
        }
        if next.url.origin() != self.url.origin() {
            next.credential = None;
            next.headers = TRAVELLING_HEADERS
                .iter()
                .flat_map(|name| next.headers.get_all(name).iter().map(move |value| (name.clone(), value.clone())))
                .collect();
        }
        Ok(Some(next))
    }

    fn target(&self, location: &[u8]) -> Result<Url, ErrorKind> {
        let location = std::str::from_utf8(location).map_err(|_| ErrorKind::Protocol)?;
        let url = self.url.join(location).map_err(|_| ErrorKind::Protocol)?;
        request::parse_url(url.as_str()).map_err(|_| ErrorKind::Protocol)
    }
}
