//! The operator's list of inside targets that may be reached.

use std::str::FromStr;

use pmos_core::vault::{HostBinding, HostError};
use serde::Serialize;
use url::Url;

/// Exact `host:port` pairs that may be reached although the guard would refuse them.
///
/// Meant for the operator of an instance, never for its users. A pair allows that host with that port and
/// nothing else: neither another port, nor the address behind the name, nor the name behind the address.
///
/// ```
/// use pmos_connectors::outbound::AllowedHosts;
///
/// let allowed: AllowedHosts = "127.0.0.1:9000, [::1]:9000, n8n.internal:5678".parse()?;
/// let error = AllowedHosts::parse(["n8n.internal"]).unwrap_err();
/// assert_eq!(error.entry(), "n8n.internal");
/// # Ok::<(), pmos_core::vault::HostError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AllowedHosts(Vec<HostBinding>);

impl AllowedHosts {
    /// Reads one entry per item. The error names the entry that cannot be used.
    pub fn parse<I>(entries: I) -> Result<Self, HostError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let pair = |entry: I::Item| {
            let entry = entry.as_ref().trim();
            let host: HostBinding = entry.parse()?;
            match host.port() {
                Some(_) => Ok(host),
                None => Err(HostError::new(entry, "has no port; write host:port")),
            }
        };
        entries.into_iter().map(pair).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn contains(&self, url: &Url) -> bool {
        self.0.iter().any(|host| host.covers(url))
    }
}

/// Reads entries separated by commas or white space, as they stand in an environment variable.
impl FromStr for AllowedHosts {
    type Err = HostError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        Self::parse(list.split([',', ' ', '\t', '\n', '\r']).filter(|entry| !entry.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("127.0.0.1:9000", "http://127.0.0.1:9000/x")]
    #[case("127.1:9000", "http://127.0.0.1:9000/")]
    #[case("[::1]:9000", "http://[0:0:0:0:0:0:0:1]:9000/")]
    #[case("N8N.Internal:5678", "http://n8n.internal:5678/")]
    #[case("bücher.example:443", "https://xn--bcher-kva.example/")]
    fn an_entry_matches_every_spelling_of_its_host(#[case] entry: &str, #[case] url: Url) {
        assert!(AllowedHosts::parse([entry]).unwrap().contains(&url));
    }

    #[rstest]
    #[case("http://127.0.0.1:9001/")]
    #[case("http://127.0.0.1/")]
    #[case("http://127.0.0.2:9000/")]
    #[case("http://localhost:9000/")]
    #[case("http://[::ffff:127.0.0.1]:9000/")]
    fn an_entry_allows_nothing_beside_its_host_and_port(#[case] url: Url) {
        assert!(!AllowedHosts::parse(["127.0.0.1:9000"]).unwrap().contains(&url));
    }

    #[rstest]
    #[case("n8n.internal")]
    #[case("127.0.0.1")]
    #[case("[::1]")]
    #[case("::1:9000")]
    #[case("host:0")]
    #[case("host:65536")]
    #[case("host:http")]
    #[case(":9000")]
    #[case("http://host:80")]
    #[case("host:80/path")]
    #[case("user@host:80")]
    #[case("*.internal:80")]
    #[case("host.:80")]
    fn an_entry_that_cannot_be_used_is_named(#[case] entry: &str) {
        let error = AllowedHosts::parse(["good:80", entry]).unwrap_err();
        assert_eq!(error.entry(), entry);
        assert!(error.to_string().contains(entry));
    }

    #[test]
    fn an_empty_text_is_an_empty_list() {
        assert_eq!(" ".parse(), Ok(AllowedHosts::default()));
    }
}
