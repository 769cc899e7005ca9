//! Messages that the other side sends by itself, over a WebSocket.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, StatusCode};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::Error as Broken;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

use super::error::{ErrorKind, OutboundError, Sent};
use super::wire;

/// What is read at once. The library's own measure is for busy servers.
const READ_BYTES: usize = 16 * 1024;

/// A connection over which the other side sends messages. Dropping it closes it.
///
/// `Debug` shows the host.
pub struct OutboundSocket {
    stream: WebSocketStream<reqwest::Upgraded>,
    host: Option<String>,
    limit: usize,
}

impl OutboundSocket {
    /// The next message, text or not; none when the other side has closed. What belongs to the connection itself is
    /// answered on the way. After an error nothing more comes: that of a message which is too large, or of another side
    /// that did not even show that it is there for as long as `silence`.
    pub async fn next(&mut self, silence: Duration) -> Option<Result<Bytes, OutboundError>> {
        loop {
            let kind = match timeout(silence, self.stream.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => return Some(Ok(text.into())),
                Ok(Some(Ok(Message::Binary(bytes)))) => return Some(Ok(bytes)),
                Ok(None | Some(Ok(Message::Close(_)) | Err(Broken::ConnectionClosed | Broken::AlreadyClosed))) => {
                    return None;
                }
                Ok(Some(Ok(_))) => continue,
                Ok(Some(Err(Broken::Capacity(_)))) => ErrorKind::ResponseTooLarge { limit: self.limit },
                Ok(Some(Err(error))) => {
                    tracing::debug!(%error, "a socket broke");
                    ErrorKind::Protocol
                }
                Err(_) => ErrorKind::Timeout { after: silence },
            };
            return Some(Err(OutboundError::new(kind, self.host.as_deref(), false, Sent::Maybe)));
        }
    }
}

impl fmt::Debug for OutboundSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundSocket").field("host", &self.host).finish_non_exhaustive()
    }
}

/// The request to leave HTTP, and what an answer must say that understood it.
pub(super) struct Handshake {
    accept: String,
}

impl Handshake {
    /// Writes the request into the headers of a request.
    pub(super) fn ask(headers: &mut HeaderMap) -> Result<Self, ErrorKind> {
        let key = generate_key();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_str(&key).map_err(|_| ErrorKind::Protocol)?);
        Ok(Self { accept: derive_accept_key(key.as_bytes()) })
    }

    /// The socket, when the answer grants it.
    pub(super) async fn granted(
        self,
        response: reqwest::Response,
        host: Option<String>,
        limit: usize,
    ) -> Result<OutboundSocket, ErrorKind> {
        let granted = response.status() == StatusCode::SWITCHING_PROTOCOLS
            && response
                .headers()
                .get(SEC_WEBSOCKET_ACCEPT)
                .is_some_and(|accept| accept.as_bytes() == self.accept.as_bytes());
        if !granted {
            return Err(ErrorKind::Protocol);
        }
        let connection = response.upgrade().await.map_err(wire::broken)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        let stream = WebSocketStream::from_raw_socket(connection, Role::Client, Some(config)).await;
        Ok(OutboundSocket { stream, host, limit })
    }
}
