//! The HTTP library behind the guard: its clients, and its errors in our words.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use reqwest::dns::Resolve;
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore, crypto};

use super::builder::OutboundBuildError;
use super::error::ErrorKind;
use super::resolver::Refused;

/// Servers written in Node close an idle connection after 5 seconds. Letting go a little earlier avoids
/// sending a request into a connection that is just being closed, which could not be repeated safely.
const POOL_IDLE: Duration = Duration::from_secs(4);
const POOL_IDLE_PER_HOST: usize = 32;

/// A client that connects only to what `resolver` returns, or to an address that stands in the URL.
#[allow(clippy::disallowed_methods, reason = "the one place where an HTTP client is built")]
pub(super) fn client<R: Resolve + 'static>(
    resolver: R,
    connect_timeout: Duration,
    user_agent: HeaderValue,
) -> Result<reqwest::Client, OutboundBuildError> {
    reqwest::Client::builder()
        .dns_resolver(resolver)
        .tls_backend_preconfigured(tls()?)
        .connect_timeout(connect_timeout)
        .user_agent(user_agent)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_IDLE_PER_HOST)
        // Another crate of the build may switch decompression on for everybody.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .build()
        .map_err(|error| OutboundBuildError::new(&error))
}

/// Brings its own provider and roots, so that the library works whatever the process has installed.
fn tls() -> Result<ClientConfig, OutboundBuildError> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| OutboundBuildError::new(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// Whether a failed exchange ended before a byte of the request was written.
pub(super) fn never_left(error: &reqwest::Error) -> bool {
    error.is_builder() || error.is_connect()
}

/// The kind of a failed exchange. The order matters: a refusal comes as a failed look-up, which comes as a
/// failed connection.
pub(super) fn failed(error: reqwest::Error, connect_timeout: Duration) -> ErrorKind {
    let kind = if let Some(Refused(refusal)) = find(&error) {
        ErrorKind::Denied(*refusal)
    } else if error.is_builder() {
        ErrorKind::InvalidUrl("it has characters a URL cannot have")
    } else if error.is_timeout() && error.is_connect() {
        ErrorKind::Timeout { after: connect_timeout }
    } else if error.is_dns() {
        ErrorKind::Dns
    } else if error.is_connect() && find::<rustls::Error>(&error).is_some() {
        ErrorKind::Tls
    } else if error.is_connect() {
        ErrorKind::Connect
    } else {
        ErrorKind::Protocol
    };
    log(error, &kind);
    kind
}

/// The kind of a body that broke off.
pub(super) fn broken(error: reqwest::Error) -> ErrorKind {
    log(error, &ErrorKind::Protocol);
    ErrorKind::Protocol
}

/// For the operator. The URL is left out because it may hold a secret.
fn log(error: reqwest::Error, kind: &ErrorKind) {
    let error = error.without_url();
    tracing::debug!(error = &error as &dyn StdError, %kind, "outbound request failed");
}

/// Looks for an error among the causes. An `io::Error` that wraps another error passes it over when asked for
/// its source, so it is unwrapped first.
fn find<E: StdError + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
