//! Secrets that go out with a request, and only to their own hosts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::bound::BoundHosts;
use super::error::{ErrorKind, OutboundError};
use super::request;

/// Headers and query parameters with secret values, bound to the hosts they may be sent to.
///
/// `Debug` shows names and hosts, never values.
///
/// ```
/// use pmos_connectors::outbound::{BoundHosts, Credential};
///
/// let hosts = BoundHosts::parse(["api.example.com"])?;
/// let credential = Credential::new(hosts)
///     .with_header("x-api-key", "s3cret".into())?
///     .with_query("account", "4711".into());
/// assert!(!format!("{credential:?}").contains("s3cret"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Credential {
    hosts: BoundHosts,
    headers: Vec<(HeaderName, SecretString)>,
    query: Vec<(String, SecretString)>,
}

impl Credential {
    /// A credential without values yet.
    pub fn new(hosts: BoundHosts) -> Self {
        Self { hosts, headers: Vec::new(), query: Vec::new() }
    }

    /// `Authorization: Bearer <token>`.
    pub fn bearer(token: &SecretString, hosts: BoundHosts) -> Self {
        Self::authorization(format!("Bearer {}", token.expose_secret()), hosts)
    }

    /// `Authorization: Basic <user:password>`. A user name cannot contain a colon.
    pub fn basic(user: &str, password: &SecretString, hosts: BoundHosts) -> Self {
        let pair = Zeroizing::new(format!("{user}:{}", password.expose_secret()));
        let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        Self::authorization(format!("Basic {}", *encoded), hosts)
    }

    /// Adds a header; one of the same name in the request is replaced.
    pub fn with_header(mut self, name: &str, value: SecretString) -> Result<Self, OutboundError> {
        self.headers.push((request::header_name(name)?, value));
        Ok(self)
    }

    /// Adds a query parameter. Both name and value are encoded when they are sent.
    pub fn with_query(mut self, name: impl Into<String>, value: SecretString) -> Self {
        self.query.push((name.into(), value));
        self
    }

    fn authorization(value: String, hosts: BoundHosts) -> Self {
        Self { headers: vec![(AUTHORIZATION, value.into())], ..Self::new(hosts) }
    }

    pub(super) fn is_for(&self, url: &Url) -> bool {
        self.hosts.cover(url)
    }

    pub(super) fn apply(&self, url: &mut Url, headers: &mut HeaderMap) -> Result<(), ErrorKind> {
        for (name, value) in &self.headers {
            let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| ErrorKind::InvalidRequest {
                field: name.to_string(),
                problem: "of the credential has characters a header cannot carry; check for line breaks",
            })?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        if !self.query.is_empty() {
            let secrets = self.query.iter().map(|(name, value)| (name, value.expose_secret()));
            url.query_pairs_mut().extend_pairs(secrets);
        }
        Ok(())
    }

    /// Takes the secret parameters out of a URL that upstream built from ours, as servers do when they
    /// redirect to the same page at another host.
    pub(super) fn remove_from(&self, url: &mut Url) {
        let is_ours = |name: &str, value: &str| {
            self.query.iter().any(|(ours, secret)| ours == name && secret.expose_secret() == value)
        };
        if !url.query_pairs().any(|(name, value)| is_ours(&name, &value)) {
            return;
        }
        let kept: Vec<_> = url.query_pairs().into_owned().filter(|(name, value)| !is_ours(name, value)).collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }
}
