//! How the `http` step reaches a service.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use pmos_core::vault::Credential;

/// Sends the calls of `http` steps. [`Outbound`](crate::outbound::Outbound) is the one for production.
#[async_trait]
pub trait HttpSender: fmt::Debug + Send + Sync {
    /// Sends one call and reads the whole answer; every status is an answer. Dropping the future ends the call.
    ///
    /// # Errors
    /// When there is no answer.
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer>;
}

/// One call of a service.
#[derive(Clone)]
pub struct HttpCall {
    /// In capitals, as `POST`.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// In order.
    pub headers: Vec<(String, String)>,
    /// To be added to those of the address.
    pub query: Vec<(String, String)>,
    /// Empty for none.
    pub body: Bytes,
    /// To be shown to the service, if it is bound to its host.
    pub credential: Option<Credential>,
    /// For the whole call.
    pub timeout: Duration,
    /// The largest body of an answer, in bytes.
    pub answer_bytes: usize,
}

/// Shows nothing that may be a secret.
impl fmt::Debug for HttpCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCall")
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a service answered.
#[derive(Clone)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked if it came packed.
    pub body: Bytes,
}

/// Shows nothing that may be a secret.
impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// In plain language, without anything that came from outside.
    pub reason: String,
    /// Whether the service may have received the call, so that it is not known whether it acted on it.
    pub perhaps_received: bool,
    /// Whether the same call may succeed later.
    pub temporary: bool,
}
