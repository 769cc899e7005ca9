//! The wire to providers: requests through the one guarded client, and bodies cut into frames.

mod frames;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use pmos_core::model::ModelFault;
use serde_json::Value;
use tokio::time::timeout;

use super::{config::ModelsConfig, fault, mapping::Dialect, site::Site};
use crate::outbound::{HeaderMap, Outbound, OutboundError, OutboundRequest, Url};

pub(super) use frames::{Frames, Framing};

/// The most of a refusal that is read.
const REFUSAL_BYTES: usize = 64 * 1024;

/// The most of a list of models that is read.
const LIST_BYTES: usize = 8 * 1024 * 1024;

/// How much more than its content an answer may be on the wire: every few letters come in an envelope of their own.
const ENVELOPES: usize = 32;

/// A body while it arrives. Dropping it closes the connection.
pub(super) type Body = BoxStream<'static, Result<Bytes, OutboundError>>;

/// What sends requests.
#[derive(Debug)]
pub(super) struct Client {
    outbound: Arc<Outbound>,
    pub(super) config: ModelsConfig,
}

impl Client {
    pub(super) fn new(config: ModelsConfig, outbound: Arc<Outbound>) -> Self {
        Self { outbound, config }
    }

    /// Posts a question. What comes back is an answer that has begun; a refusal is a fault.
    pub(super) async fn ask(&self, site: &Site, url: &Url, question: &Value) -> Result<Body, ModelFault> {
        let request = OutboundRequest::post(url.as_str())
            .and_then(|request| request.header("accept", "text/event-stream, application/x-ndjson, application/json"))
            .map_err(|error| fault::unreached(&error))?
            .json(question)
            .timeout(self.config.deadline)
            .max_response_bytes(self.config.max_answer_bytes.saturating_mul(ENVELOPES));
        let answer = self.outbound.stream(signed(site, request)?).await.map_err(|error| fault::unreached(&error))?;
        if !answer.status.is_success() {
            let said = beginning(answer.body, self.config.idle).await;
            return Err(fault::refused(site, answer.status, &answer.headers, &said));
        }
        if is_packed(&answer.headers) {
            return Err(fault::unreadable(site, "the answer is packed though it was not asked to be", ""));
        }
        Ok(answer.body)
    }

    /// Reads a document.
    pub(super) async fn read(&self, site: &Site, url: &Url) -> Result<Value, ModelFault> {
        let request = OutboundRequest::get(url.as_str())
            .map_err(|error| fault::unreached(&error))?
            .timeout(self.config.idle)
            .max_response_bytes(LIST_BYTES);
        let answer = self.outbound.send(signed(site, request)?).await.map_err(|error| fault::unreached(&error))?;
        if !answer.status.is_success() {
            return Err(fault::refused(site, answer.status, &answer.headers, &answer.body));
        }
        serde_json::from_slice(&answer.body).map_err(|_| {
            fault::unreadable(site, "the list of models is not JSON", &String::from_utf8_lossy(&answer.body))
        })
    }
}

/// The request with what the provider knows its callers by.
fn signed(site: &Site, mut request: OutboundRequest) -> Result<OutboundRequest, ModelFault> {
    if site.dialect == Dialect::Anthropic {
        request = request.header("anthropic-version", "2023-06-01").map_err(|error| fault::unreached(&error))?;
    }
    Ok(match site.credential() {
        Some(credential) => request.credential(credential),
        None => request,
    })
}

fn is_packed(headers: &HeaderMap) -> bool {
    headers.get("content-encoding").is_some_and(|encoding| encoding != "identity")
}

/// As much of a refusal as tells why, as far as it arrives.
async fn beginning(mut body: Body, idle: Duration) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some(Ok(chunk))) = timeout(idle, body.next()).await {
        read.extend_from_slice(&chunk);
        if read.len() >= REFUSAL_BYTES {
            break;
        }
    }
    read.truncate(REFUSAL_BYTES);
    read
}
