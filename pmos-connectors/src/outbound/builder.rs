//! How a client is set up.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::allowed::AllowedHosts;
use super::client::{Limits, Outbound};
use super::resolver::{Checked, Named, Resolver, SystemResolver};
use super::wire;

/// Settings of an [`Outbound`]; the defaults are those of the [module](super).
#[derive(Debug)]
pub struct OutboundBuilder {
    allowed: AllowedHosts,
    resolver: Arc<dyn Resolver>,
    limits: Limits,
    user_agent: String,
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the outbound HTTP client cannot be set up: {0}")]
pub struct OutboundBuildError(String);

impl OutboundBuildError {
    pub(super) fn new(error: &dyn std::error::Error) -> Self {
        Self(error.to_string())
    }
}

impl Default for OutboundBuilder {
    fn default() -> Self {
        Self {
            allowed: AllowedHosts::default(),
            resolver: Arc::new(SystemResolver::default()),
            limits: Limits {
                connect_timeout: Duration::from_secs(3),
                timeout: Duration::from_secs(30),
                max_timeout: Duration::from_mins(2),
                max_request_bytes: 8 * 1024 * 1024,
                max_response_bytes: 8 * 1024 * 1024,
                max_redirects: 3,
            },
            user_agent: concat!("pmos/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl OutboundBuilder {
    /// Inside targets the operator opens; replaces an earlier list.
    pub fn allow(mut self, hosts: AllowedHosts) -> Self {
        self.allowed = hosts;
        self
    }

    /// Another way to look names up. What it answers is checked like any other answer.
    pub fn resolver(mut self, resolver: impl Resolver) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// The time for looking up, connecting and the TLS handshake of each hop.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect_timeout = timeout;
        self
    }

    /// The time for a whole call that does not ask for another.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// The longest time a request may ask for.
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.limits.max_timeout = timeout;
        self
    }

    /// The largest request body, in bytes.
    pub fn max_request_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_request_bytes = bytes;
        self
    }

    /// The largest response body of a request that does not ask for another, in bytes.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_response_bytes = bytes;
        self
    }

    /// How many redirects are followed.
    pub fn max_redirects(mut self, redirects: usize) -> Self {
        self.limits.max_redirects = redirects;
        self
    }

    /// The `user-agent` of requests that do not set one.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Fails when the user agent is not a header value, or the HTTP library refuses its settings.
    pub fn build(self) -> Result<Outbound, OutboundBuildError> {
        let user_agent = HeaderValue::from_str(&self.user_agent).map_err(|error| OutboundBuildError::new(&error))?;
        let connect_timeout = self.limits.connect_timeout;
        let guarded = wire::client(Checked(Arc::clone(&self.resolver)), connect_timeout, user_agent.clone())?;
        let trusted = wire::client(Named(self.resolver), connect_timeout, user_agent)?;
        Ok(Outbound::new(guarded, trusted, self.allowed, self.limits))
    }
}
