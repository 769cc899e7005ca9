//! The hosts that a secret may be sent to, and the one way to read `host` and `host:port` as people write them.

use std::{fmt, net::Ipv6Addr, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

/// A host that a secret may be sent to.
///
/// | entry | where the secret may go |
/// |---|---|
/// | `api.example.com` | this host, at the usual ports 80 and 443 |
/// | `api.example.com:8443` | this host at this port |
///
/// There are no wildcards, and a name is not the address behind it. Hosts are compared in the form that URLs have them,
/// so `127.1` is `127.0.0.1` and a look-alike with foreign letters is another host.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HostBinding {
    host: Host,
    port: Option<u16>,
}

/// A text that does not name a host, with what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the host entry `{entry}` {problem}")]
pub struct HostError {
    entry: String,
    problem: &'static str,
}

impl HostError {
    /// What is wrong with an entry; the sentence goes on after it.
    pub fn new(entry: impl Into<String>, problem: &'static str) -> Self {
        Self { entry: entry.into(), problem }
    }

    /// The entry as it was written.
    pub fn entry(&self) -> &str {
        &self.entry
    }
}

impl HostBinding {
    /// Whether a request to `url` goes there.
    pub fn covers(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return false };
        host.to_owned() == self.host && self.port.map_or(matches!(port, 80 | 443), |own| own == port)
    }

    /// The one port, where it names one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl FromStr for HostBinding {
    type Err = HostError;

    fn from_str(entry: &str) -> Result<Self, HostError> {
        let fail = |problem| HostError::new(entry, problem);
        let (host, port) = match entry.rsplit_once(':') {
            _ if entry.parse::<Ipv6Addr>().is_ok() => (format!("[{entry}]"), None),
            Some((host, port)) if !port.ends_with(']') => (host.to_owned(), Some(port)),
            _ => (entry.to_owned(), None),
        };
        let port = match port.map(str::parse::<u16>) {
            None => None,
            Some(Ok(port)) if port != 0 => Some(port),
            Some(_) => return Err(fail("has no valid port; write host:port with a port from 1 to 65535")),
        };
        if host.contains('*') {
            return Err(fail("has a wildcard where none is possible; name the exact host"));
        }
        if host.ends_with('.') {
            return Err(fail("ends with a dot; write it without"));
        }
        match Host::parse(&host) {
            Ok(host) => Ok(Self { host, port }),
            Err(_) => {
                Err(fail("is not a host; write only a name or an address, as in api.example.com or [2001:db8::1]"))
            }
        }
    }
}

impl fmt::Display for HostBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => self.host.fmt(f),
        }
    }
}

impl fmt::Debug for HostBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for HostBinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostBinding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for HostBinding {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HostBinding".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 253})
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn covers(entry: &str, url: &str) -> bool {
        entry.parse::<HostBinding>().unwrap().covers(&Url::parse(url).unwrap())
    }

    #[rstest]
    #[case("api.example.com", "https://api.example.com/x")]
    #[case("api.example.com", "http://API.example.com/")]
    #[case("api.example.com:8443", "https://api.example.com:8443/")]
    #[case("api.example.com:443", "https://api.example.com/")]
    #[case("bücher.example", "https://xn--bcher-kva.example/")]
    #[case("203.0.113.7", "https://203.0.113.7/")]
    #[case("127.1:9000", "http://127.0.0.1:9000/")]
    #[case("[2001:db8::1]:8443", "https://[2001:db8:0::1]:8443/")]
    #[case("2001:db8::1", "https://[2001:db8::1]/")]
    fn a_binding_covers(#[case] entry: &str, #[case] url: &str) {
        assert!(covers(entry, url));
    }

    #[rstest]
    #[case("api.example.com", "https://example.com/")]
    #[case("api.example.com", "https://api.example.com:8443/")]
    #[case("api.example.com", "https://api.example.com.evil.test/")]
    #[case("api.example.com", "https://evil-api.example.com/")]
    #[case("api.example.com", "https://api.example.com./")]
    #[case("api.example.com", "https://аpi.example.com/")]
    #[case("api.example.com", "https://api.example.com@evil.test/")]
    #[case("api.example.com:8443", "https://api.example.com/")]
    #[case("203.0.113.7", "https://203.0.113.8/")]
    #[case("127.0.0.1:9000", "http://localhost:9000/")]
    #[case("127.0.0.1:9000", "http://[::ffff:127.0.0.1]:9000/")]
    #[case("api.example.com", "data:text/plain,x")]
    fn a_binding_does_not_cover(#[case] entry: &str, #[case] url: &str) {
        assert!(!covers(entry, url));
    }

    #[rstest]
    #[case("*")]
    #[case("*.com")]
    #[case("*.example.com")]
    #[case("*.127.0.0.1")]
    #[case("api.*.com")]
    #[case("**.example.com")]
    #[case("https://api.example.com")]
    #[case("api.example.com/v1")]
    #[case("user@api.example.com")]
    #[case("api.example.com.")]
    #[case("api.example.com:0")]
    #[case("api.example.com:http")]
    #[case("")]
    fn an_entry_that_cannot_be_used_is_named(#[case] entry: &str) {
        let error = entry.parse::<HostBinding>().unwrap_err();
        assert_eq!(error.entry(), entry);
        assert!(error.to_string().contains(entry));
    }

    #[test]
    fn a_binding_is_written_as_it_is_read() {
        for entry in ["api.example.com", "api.example.com:8443", "[2001:db8::1]:8443", "203.0.113.7"] {
            assert_eq!(entry.parse::<HostBinding>().unwrap().to_string(), entry);
        }
    }
}
