//! The hosts a credential may be sent to.

use url::{Host, Url};

use super::host::{self, HostEntryError};

/// The hosts a credential is bound to.
///
/// | entry | where the credential may go |
/// |---|---|
/// | `api.example.com` | this host, with any port |
/// | `api.example.com:8443` | this host with this port |
/// | `*.example.com` | exactly one label before `example.com`; not `example.com` itself, not `a.b.example.com` |
///
/// Names are compared in their encoded form, so a look-alike with foreign letters is another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundHosts(Vec<BoundHost>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct BoundHost {
    host: Host,
    any_label_before: bool,
    port: Option<u16>,
}

impl BoundHosts {
    /// Reads one entry per item; an empty list is an error, because such a credential could never be used.
    pub fn parse<I>(entries: I) -> Result<Self, HostEntryError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let hosts: Vec<_> =
            entries.into_iter().map(|entry| BoundHost::parse(entry.as_ref().trim())).collect::<Result<_, _>>()?;
        if hosts.is_empty() {
            return Err(HostEntryError::new("", "is missing; name at least one host the secret may be sent to"));
        }
        Ok(Self(hosts))
    }

    pub(super) fn cover(&self, url: &Url) -> bool {
        self.0.iter().any(|bound| bound.covers(url))
    }
}

impl BoundHost {
    fn parse(entry: &str) -> Result<Self, HostEntryError> {
        let (any_label_before, rest) = match entry.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, entry),
        };
        let (host, port) = host::parse(rest).map_err(|error| error.of(entry))?;
        // `*.com` would hand the secret to anybody who owns a name.
        if any_label_before && !matches!(&host, Host::Domain(name) if name.contains('.')) {
            return Err(HostEntryError::new(entry, "has too wide a wildcard; write it as in *.example.com"));
        }
        Ok(Self { host, any_label_before, port })
    }

    fn covers(&self, url: &Url) -> bool {
        let host = match (&self.host, url.host()) {
            (Host::Domain(parent), Some(Host::Domain(name))) if self.any_label_before => {
                name.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == parent)
            }
            (bound, Some(host)) => host.to_owned() == *bound,
            (_, None) => false,
        };
        host && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("api.example.com", "https://api.example.com/x")]
    #[case("api.example.com", "https://API.example.com:8443/")]
    #[case("api.example.com:8443", "https://api.example.com:8443/")]
    #[case("api.example.com:443", "https://api.example.com/")]
    #[case("*.example.com", "https://eu.example.com/")]
    #[case("*.example.com:8443", "https://eu.example.com:8443/")]
    #[case("203.0.113.7", "https://203.0.113.7/")]
    #[case("[2001:db8::1]:8443", "https://[2001:db8:0::1]:8443/")]
    fn a_bound_host_covers(#[case] entry: &str, #[case] url: Url) {
        assert!(BoundHosts::parse([entry]).unwrap().cover(&url));
    }

    #[rstest]
    #[case("api.example.com", "https://example.com/")]
    #[case("api.example.com", "https://api.example.com.evil.test/")]
    #[case("api.example.com", "https://evil-api.example.com/")]
    #[case("api.example.com", "https://api.example.com./")]
    #[case("api.example.com", "https://аpi.example.com/")]
    #[case("api.example.com", "https://api.example.com@evil.test/")]
    #[case("api.example.com:8443", "https://api.example.com/")]
    #[case("*.example.com", "https://example.com/")]
    #[case("*.example.com", "https://a.b.example.com/")]
    #[case("*.example.com", "https://eu.example.com.evil.test/")]
    #[case("*.example.com:8443", "https://eu.example.com/")]
    #[case("203.0.113.7", "https://203.0.113.8/")]
    fn a_bound_host_does_not_cover(#[case] entry: &str, #[case] url: Url) {
        assert!(!BoundHosts::parse([entry]).unwrap().cover(&url));
    }

    #[rstest]
    #[case("*")]
    #[case("*.com")]
    #[case("*.127.0.0.1")]
    #[case("api.*.com")]
    #[case("**.example.com")]
    #[case("https://api.example.com")]
    #[case("api.example.com/v1")]
    #[case("user@api.example.com")]
    #[case("")]
    fn an_entry_that_cannot_be_used_is_named(#[case] entry: &str) {
        assert_eq!(BoundHosts::parse([entry]).unwrap_err().entry(), entry);
    }

    #[test]
    fn a_credential_without_hosts_cannot_be_made() {
        assert!(BoundHosts::parse(Vec::<String>::new()).is_err());
    }
}
