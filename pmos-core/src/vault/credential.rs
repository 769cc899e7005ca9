//! A secret on its way out, bound to the hosts it may be sent to.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{HostBinding, Secret};

/// How a stored secret is shown to the external service.
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
    pub hosts: Vec<HostBinding>,
}

impl Credential {
    /// Whether it may be sent along with a request to `url`.
    pub fn covers(&self, url: &Url) -> bool {
        self.hosts.iter().any(|host| host.covers(url))
    }
}
