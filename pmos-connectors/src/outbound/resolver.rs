//! Looking names up, and the check that sits between the look-up and the connection.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::error::Refusal;
use super::guard;
use super::network::Network;

/// Finds the addresses of a host name.
///
/// The default is [`SystemResolver`]. Another one is useful to embedders with their own service discovery
/// and to tests.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync + 'static {
    /// All addresses of `host`, IPv4 and IPv6, in the order they should be tried. An empty list and an error
    /// both mean that the name was not found.
    ///
    /// `host` is lower-case and encoded (`xn--…`), never an address and never with a port.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The name servers and the hosts file of this machine.
///
/// Look-ups are asynchronous through and through. The resolver of the C library would hold a thread of the
/// blocking pool for every slow name server, and one tenant with such a name would stop sign-in for all.
#[derive(Default)]
pub struct SystemResolver {
    servers: Mutex<Option<TokioResolver>>,
}

impl SystemResolver {
    fn servers(&self) -> Result<TokioResolver, NetError> {
        let mut servers = self.servers.lock();
        if let Some(servers) = &*servers {
            return Ok(servers.clone());
        }
        let mut builder = TokioResolver::builder_tokio()?;
        // Two attempts must fit into the time a connection has; longer ones would never be heard out.
        builder.options_mut().timeout = Duration::from_secs(1);
        builder.options_mut().attempts = 1;
        Ok(servers.insert(builder.build()?).clone())
    }
}

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match self.servers().map_err(io::Error::other)?.lookup_ip(host).await {
            Ok(addresses) => Ok(addresses.iter().collect()),
            Err(error) => {
                // A machine that changed networks has other name servers now: read them anew next time.
                if matches!(error, NetError::Timeout | NetError::NoConnections | NetError::Io(_)) {
                    self.servers.lock().take();
                }
                Err(io::Error::other(error))
            }
        }
    }
}

impl fmt::Debug for SystemResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemResolver").finish_non_exhaustive()
    }
}

/// Hands the connector the addresses of allow-listed hosts, inside or not, but for the local wire: a name that leads to the
/// metadata service of a cloud was not meant.
#[derive(Debug)]
pub(super) struct Named(pub(super) Arc<dyn Resolver>);

/// Hands the connector only answers without an address of the inside.
///
/// This is the whole protection against rebinding: the connector connects to what this returns, so the
/// address that was checked is the address that is connected.
#[derive(Debug)]
pub(super) struct Checked(pub(super) Arc<dyn Resolver>);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A refusal on its way out through the errors of the HTTP library.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
pub(super) struct Refused(pub(super) Refusal);

impl Resolve for Named {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = resolver.resolve(name.as_str()).await?;
            if addresses.iter().any(|address| Network::of(*address) == Some(Network::LinkLocal)) {
                return Err(Refused(Refusal::Network(Network::LinkLocal)).into());
            }
            socket_addresses(addresses)
        })
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = resolver.resolve(name.as_str()).await?;
            for address in &addresses {
                guard::public(*address).map_err(Refused)?;
            }
            socket_addresses(addresses)
        })
    }
}

/// The connector puts the port of the URL in place of 0, and would take an empty answer for a failed connection.
fn socket_addresses(addresses: Vec<IpAddr>) -> Result<Addrs, BoxError> {
    if addresses.is_empty() {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))))
}
