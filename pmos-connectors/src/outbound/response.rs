//! What came back.

use std::fmt;

use bytes::Bytes;
use futures::stream::BoxStream;
use http::{HeaderMap, StatusCode};
use url::Url;

use super::error::OutboundError;

/// A complete response of any status: 404 and 500 are answers, not errors.
///
/// `Debug` shows the status and the length of the body; the rest may hold secrets.
#[derive(Clone)]
pub struct OutboundResponse {
    /// The status of the last hop.
    pub status: StatusCode,
    /// The headers as they came; what upstream put there is not to be trusted.
    pub headers: HeaderMap,
    /// The body, unpacked if it came packed.
    pub body: Bytes,
    /// The URL that answered, after redirects, without the secret parameters of the credential.
    pub url: Url,
}

impl fmt::Debug for OutboundResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A response whose body is still arriving.
///
/// `Debug` shows the status.
pub struct OutboundStream {
    /// The status.
    pub status: StatusCode,
    /// The headers as they came; what upstream put there is not to be trusted.
    pub headers: HeaderMap,
    /// The body as it comes. Dropping it closes the connection.
    pub body: BoxStream<'static, Result<Bytes, OutboundError>>,
}

impl fmt::Debug for OutboundStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundStream").field("status", &self.status).finish_non_exhaustive()
    }
}
