//! Answers that are too large to hold.

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};

use super::{Call, Client, Fault, Opening, Site};
use crate::outbound::{OutboundStream, StatusCode};

/// The most that is taken of such an answer: three times the list of node types of today.
const MOST: usize = 64 * 1024 * 1024;

/// A body that is still arriving.
pub(in crate::n8n) type Arriving = BoxStream<'static, Result<Bytes, Fault>>;

impl Client {
    /// Makes a call once and passes on what comes.
    pub(super) async fn open(&self, site: &Site, opening: Opening<'_>, call: &Call) -> Result<Arriving, Fault> {
        let request = Self::request(site, opening, call)?.max_response_bytes(MOST);
        let outbound = self.outbound(site);
        let response = outbound.stream(request).await.map_err(|error| Fault::of(&error).0)?;
        refusal(&response).map_or(Ok(()), Err)?;
        Ok(response.body.map_err(|error| Fault::of(&error).0).boxed())
    }
}

/// What an answer without a list means; its body does not matter.
fn refusal(response: &OutboundStream) -> Option<Fault> {
    let content = response.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match response.status {
        StatusCode::OK if content.starts_with("application/json") => None,
        // While it starts, n8n answers everything with a page.
        StatusCode::OK if content.starts_with("text/html") => Some(Fault::Starting),
        StatusCode::UNAUTHORIZED => Some(Fault::Denied),
        StatusCode::NOT_FOUND => Some(Fault::Absent),
        _ => Some(Fault::Garbled),
    }
}
