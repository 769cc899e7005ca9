//! A secret on its way out, bound to the hosts it may be sent to.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Secret;

/// How a stored secret is shown to the service outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `Authorization: Basic …`, a user name and a password.
    Basic,
    /// A header of a given name.
    Header,
    /// A query parameter of a given name.
    Query,
}

impl CredentialKind {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::Header => "header",
            Self::Query => "query",
        }
    }
}

impl FromStr for CredentialKind {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// A credential opened for one outward call.
#[derive(Debug, Clone)]
pub struct Credential {
    /// How it is shown.
    pub kind: CredentialKind,
    /// The header, parameter or user name; empty for a bearer token.
    pub name: String,
    /// The token, password or value.
    pub secret: Secret,
    /// The only hosts it may be sent to.
    pub hosts: Vec<HostPattern>,
}

/// A host a credential may be sent to: `api.example.com` or, for one port alone, `api.example.com:8443`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HostPattern {
    host: String,
    port: Option<u16>,
}

/// A text that does not name a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a host like api.example.com or api.example.com:8443, without scheme, path or wildcard")]
pub struct HostError;

impl HostPattern {
    /// Whether a call to `host` (lower case, no trailing dot) at `port` is covered. Without a port of its own only the
    /// usual ports 80 and 443 are.
    pub fn covers(&self, host: &str, port: u16) -> bool {
        self.host == host && self.port.map_or(matches!(port, 80 | 443), |own| own == port)
    }
}

impl FromStr for HostPattern {
    type Err = HostError;
    fn from_str(text: &str) -> Result<Self, HostError> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') && (!host.contains(':') || host.ends_with(']')) => {
                (host, Some(port.parse().map_err(|_| HostError)?))
            }
            _ => (text, None),
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
        if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
            return Err(HostError);
        }
        Ok(Self { host, port })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

impl fmt::Debug for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for HostPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for HostPattern {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HostPattern".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 253})
    }
}
