//! The client: one call from its checks to its answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use http::{HeaderValue, Method, header::CONTENT_LENGTH};
use tokio::time::{self, Instant};
use tracing::{Instrument as _, Span};

use super::allowed::AllowedHosts;
use super::body;
use super::builder::OutboundBuilder;
use super::credential;
use super::error::{ErrorKind, OutboundError, Sent};
use super::guard::{self, Route};
use super::redirect::Hop;
use super::request::OutboundRequest;
use super::response::{OutboundResponse, OutboundStream};
use super::socket::{Handshake, OutboundSocket};
use super::trace;
use super::wire;

/// The guarded HTTP client; see the [module](super) for what it refuses and why.
///
/// Cheap to clone: clones share connections and settings.
#[derive(Clone)]
pub struct Outbound {
    inner: Arc<Inner>,
}

struct Inner {
    /// Two clients, because a resolver is told only the name: it could not know whether the port it will be
    /// connected with is the one the operator allowed. Separate pools follow from it.
    guarded: reqwest::Client,
    trusted: reqwest::Client,
    allowed: AllowedHosts,
    limits: Limits,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_timeout: Duration,
    pub(super) max_request_bytes: usize,
    pub(super) max_response_bytes: usize,
    pub(super) max_redirects: usize,
}

/// How far a call has come; outlives the call when its time is over.
struct Progress {
    sent: Sent,
    redirected: bool,
}

impl Outbound {
    /// Starts with the defaults: nothing of the inside is reachable.
    pub fn builder() -> OutboundBuilder {
        OutboundBuilder::default()
    }

    pub(super) fn new(
        guarded: reqwest::Client,
        trusted: reqwest::Client,
        allowed: AllowedHosts,
        limits: Limits,
    ) -> Self {
        Self { inner: Arc::new(Inner { guarded, trusted, allowed, limits }) }
    }

    /// Sends a request, follows its redirects and reads the whole body of the answer.
    ///
    /// Every status is an `Ok`. Dropping the future ends the call and closes its connection.
    pub async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let Limits { timeout, max_timeout, .. } = self.inner.limits;
        let timeout = request.timeout.unwrap_or(timeout).min(max_timeout);
        let span = request.span();
        let host = request.url.host_str().map(str::to_owned);
        let mut progress = Progress { sent: Sent::No, redirected: false };
        let call = async {
            time::timeout(timeout, self.inner.call(request, &mut progress))
                .await
                .unwrap_or(Err(ErrorKind::Timeout { after: timeout }))
                .map_err(|kind| OutboundError::new(kind, host.as_deref(), progress.redirected, progress.sent))
        };
        traced(span, call).await
    }

    /// Sends a request and passes the body of the answer on as it arrives, for answers that are too large to hold. A
    /// redirect is not followed but is the answer. The time of the request is that of the whole body.
    pub async fn stream(&self, request: OutboundRequest) -> Result<OutboundStream, OutboundError> {
        let Limits { timeout, max_timeout, max_response_bytes, .. } = self.inner.limits;
        let timeout = request.timeout.unwrap_or(timeout).min(max_timeout);
        let span = request.span();
        let limit = request.max_response_bytes.unwrap_or(max_response_bytes);
        let end = Instant::now() + timeout;
        let host = request.url.host_str().map(str::to_owned);
        let mut progress = Progress { sent: Sent::No, redirected: false };
        let open = async {
            time::timeout_at(end, self.inner.open(request, &mut progress))
                .await
                .unwrap_or(Err(ErrorKind::Timeout { after: timeout }))
                .map_err(|kind| OutboundError::new(kind, host.as_deref(), false, progress.sent))
        };
        let response = traced(span, open).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = body::pass_on(response, limit, end)
            .map_err(move |kind| OutboundError::new(kind, host.as_deref(), false, Sent::Maybe));
        Ok(OutboundStream { status, headers, body: body.boxed() })
    }

    /// Opens a WebSocket, at an `http` or `https` address. A redirect is not followed, and is an error like any other
    /// answer that does not grant it. The time of the request is that of opening; a message is at most as large as a body
    /// may be. Only who is connected to is checked, as with every request; nothing can be sent but the request.
    pub async fn socket(&self, request: OutboundRequest) -> Result<OutboundSocket, OutboundError> {
        let Limits { timeout, max_timeout, max_response_bytes, .. } = self.inner.limits;
        let timeout = request.timeout.unwrap_or(timeout).min(max_timeout);
        let span = request.span();
        let limit = request.max_response_bytes.unwrap_or(max_response_bytes);
        let host = request.url.host_str().map(str::to_owned);
        let mut progress = Progress { sent: Sent::No, redirected: false };
        let open = async {
            let opened = async {
                let mut hop = self.inner.first(request)?;
                let handshake = Handshake::ask(&mut hop.headers)?;
                let response = self.inner.exchange(&hop, &mut progress).await?;
                handshake.granted(response, host.clone(), limit).await
            };
            time::timeout(timeout, opened)
                .await
                .unwrap_or(Err(ErrorKind::Timeout { after: timeout }))
                .map_err(|kind| OutboundError::new(kind, host.as_deref(), false, progress.sent))
        };
        traced(span, open).await
    }
}

/// A call in its span, and in a line of the log what became of it.
async fn traced<T>(span: Span, call: impl Future<Output = Result<T, OutboundError>>) -> Result<T, OutboundError> {
    let call = async {
        let outcome = call.await;
        if let Err(error) = &outcome {
            Span::current().record("otel.status_code", "ERROR");
            tracing::debug!(%error, "an outward call failed");
        }
        outcome
    };
    call.instrument(span).await
}

impl Inner {
    async fn open(&self, request: OutboundRequest, progress: &mut Progress) -> Result<reqwest::Response, ErrorKind> {
        self.exchange(&self.first(request)?, progress).await
    }

    /// The first hop of a request that may be sent at all.
    fn first(&self, request: OutboundRequest) -> Result<Hop, ErrorKind> {
        let limit = self.limits.max_request_bytes;
        if request.body.len() > limit {
            return Err(ErrorKind::RequestTooLarge { limit });
        }
        if request.credential.as_ref().is_some_and(|credential| !credential.covers(&request.url)) {
            return Err(ErrorKind::CredentialNotForHost);
        }
        Ok(Hop::first(request))
    }

    async fn call(&self, request: OutboundRequest, progress: &mut Progress) -> Result<OutboundResponse, ErrorKind> {
        let max_redirects = self.limits.max_redirects;
        let max_response_bytes = request.max_response_bytes.unwrap_or(self.limits.max_response_bytes);
        let mut hop = self.first(request)?;
        let mut redirects = 0;
        loop {
            let response = self.exchange(&hop, progress).await?;
            let Some(next) = hop.next(response.status(), response.headers())? else {
                let (status, mut headers) = (response.status(), response.headers().clone());
                let body = body::read(response, max_response_bytes).await?;
                let body = body::unpacked(&mut headers, body, max_response_bytes)?;
                return Ok(OutboundResponse { status, headers, body, url: hop.url });
            };
            if redirects == max_redirects {
                return Err(ErrorKind::TooManyRedirects { limit: max_redirects });
            }
            redirects += 1;
            progress.redirected = true;
            hop = next;
        }
    }

    async fn exchange(&self, hop: &Hop, progress: &mut Progress) -> Result<reqwest::Response, ErrorKind> {
        let route = guard::route(&hop.url, &self.allowed).map_err(ErrorKind::Denied)?;
        let client = match route {
            Route::Guarded => &self.guarded,
            Route::Allowed => &self.trusted,
        };
        let mut url = hop.url.clone();
        let mut headers = hop.headers.clone();
        if let Some(parent) = trace::parent(route) {
            headers.entry("traceparent").or_insert(parent);
        }
        if let Some(secret) = &hop.credential {
            credential::apply(secret, &mut url, &mut headers)?;
        }
        // With these methods a length is always said: many servers refuse a request whose length they do not know.
        if hop.body.is_empty() && matches!(hop.method, Method::POST | Method::PUT | Method::PATCH) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let mut request = client.request(hop.method.clone(), url).headers(headers);
        if !hop.body.is_empty() {
            request = request.body(hop.body.clone());
        }

        let before = progress.sent;
        // From here on it cannot be told, should the time be over, whether the request was read.
        progress.sent = Sent::Maybe;
        let response = request.send().await.map_err(|error| {
            if wire::never_left(&error) {
                progress.sent = before;
            }
            wire::failed(error, self.limits.connect_timeout)
        })?;
        let status = response.status().as_u16();
        Span::current().record("http.response.status_code", status);
        tracing::debug!(status, "an outward call was answered");
        Ok(response)
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("allowed", &self.inner.allowed)
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}
