//! The wire: what n8n is asked and in which session, and what its answers mean. Nothing of ours.

mod endpoints;
mod mcp;
mod protocol;
mod push;
mod session;
mod wire;

use std::{fmt, time::Duration};

use moka::sync::Cache;

pub use endpoints::ENDPOINTS;
pub(super) use endpoints::*;
pub(super) use protocol::*;
pub(super) use push::Pushes;
pub(super) use wire::*;

use super::config::N8nConfig;
pub(super) use crate::upstream::{Account, Auth, Call, FaultKind, Site};
use crate::{
    outbound::OutboundBuildError,
    upstream::{self, Limits, TokenCache},
};

/// How many servers are remembered as deaf.
const SERVERS: u64 = 1_000;
/// How long a server is not asked again to tell of runs that did not open a socket for it.
const DEAF: Duration = Duration::from_mins(1);

/// Speaks to servers of n8n.
pub(super) struct Client {
    upstream: upstream::Client<N8n>,
    /// Servers that lately let the start of a run wait for the socket in vain.
    deaf: Cache<Site, ()>,
    sessions: TokenCache,
}

impl Client {
    pub(super) fn new(config: &N8nConfig) -> Result<Self, OutboundBuildError> {
        let instances = config.operator.iter().chain(config.dedicated.values());
        Ok(Self {
            upstream: upstream::Client::new(instances, config.allow.clone(), config.limits)?,
            deaf: Cache::builder().max_capacity(SERVERS).time_to_live(DEAF).build(),
            sessions: TokenCache::new(session::KEPT),
        })
    }

    pub(super) fn limits(&self) -> &Limits {
        self.upstream.limits()
    }

    /// Makes a call, repeats it where that is safe, and judges what came back.
    pub(super) async fn send(&self, site: &Site, auth: Auth<'_>, call: Call) -> Result<Answer, Fault> {
        self.upstream.send(site, auth, call).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.upstream.fmt(f)
    }
}
