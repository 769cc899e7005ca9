//! What the catalogue asks of an n8n server. The holder of the connection implements it.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use pmos_core::{Result, engine::Tenancy};
use serde_json::Value;

/// The part of an n8n server that says what workflows can be built of. All of it needs a session of a person there.
#[async_trait]
pub trait NodeTypes: fmt::Debug + Send + Sync {
    /// The version of the server, as `2.40.7`: `versionCli` of `GET /rest/settings`.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn version(&self, at: &Tenancy) -> Result<String>;

    /// The body of one of the lists, as it arrives.
    ///
    /// # Errors
    /// `upstream` kinds, at once or in the stream.
    async fn list(&self, at: &Tenancy, list: TypeList) -> Result<BoxStream<'static, Result<Bytes>>>;

    /// Asks the server to look something up with the rights of the workspace. An answer of the server is an answer here,
    /// whatever its status.
    ///
    /// # Errors
    /// `upstream` kinds when there is none.
    async fn look_up(&self, at: &Tenancy, lookup: Lookup, body: &Value) -> Result<Reply>;

    /// The project that the workspace's objects are in, where the server has projects.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn project(&self, at: &Tenancy) -> Result<Option<String>>;
}

/// The lists of an n8n server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeList {
    /// Node types, an array of 17.7 MB.
    Nodes,
    /// Credential types, an array of 0.7 MB.
    Credentials,
}

impl TypeList {
    /// Its path under the address of the server, to `GET`.
    pub fn path(self) -> &'static str {
        match self {
            Self::Nodes => "/types/nodes.json",
            Self::Credentials => "/types/credentials.json",
        }
    }
}

/// What can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// The options of a field.
    Options,
    /// What the list of a resource locator holds.
    Locator,
    /// The columns of a resource mapper.
    Mapper,
    /// The columns of a resource mapper, from the workflow itself.
    LocalMapper,
}

impl Lookup {
    /// Its path under the address of the server, to `POST`.
    pub fn path(self) -> &'static str {
        match self {
            Self::Options => "/rest/dynamic-node-parameters/options",
            Self::Locator => "/rest/dynamic-node-parameters/resource-locator-results",
            Self::Mapper => "/rest/dynamic-node-parameters/resource-mapper-fields",
            Self::LocalMapper => "/rest/dynamic-node-parameters/local-resource-mapper-fields",
        }
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most as large as the client takes.
    pub body: Bytes,
}
