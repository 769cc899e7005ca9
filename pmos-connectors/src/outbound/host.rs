//! Reading the `host` and `host:port` entries that people write.

use url::Host;

/// An entry of a list of hosts that cannot be used, with what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the host entry `{entry}` {problem}")]
pub struct HostEntryError {
    entry: String,
    problem: &'static str,
}

impl HostEntryError {
    pub(super) fn new(entry: &str, problem: &'static str) -> Self {
        Self { entry: entry.to_owned(), problem }
    }

    /// The same fault, told of the whole entry instead of the part that was read.
    pub(super) fn of(self, entry: &str) -> Self {
        Self::new(entry, self.problem)
    }

    /// The entry as it was written.
    pub fn entry(&self) -> &str {
        &self.entry
    }
}

/// Splits `host`, `host:port`, `[v6]` or `[v6]:port` and normalises the host as URLs are normalised.
pub(super) fn parse(entry: &str) -> Result<(Host, Option<u16>), HostEntryError> {
    let fail = |problem| HostEntryError::new(entry, problem);
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (entry, None),
    };
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port != 0 => Some(port),
        Some(_) => {
            return Err(fail("has no valid port; write host:port with a port from 1 to 65535"));
        }
    };
    if host.contains('*') {
        return Err(fail("has a wildcard where none is possible; name the exact host"));
    }
    if host.ends_with('.') {
        return Err(fail("ends with a dot; write it without"));
    }
    match Host::parse(host) {
        Ok(host) => Ok((host, port)),
        Err(_) => Err(fail("is not a host; write only a name or an address, as in api.example.com or [2001:db8::1]")),
    }
}
