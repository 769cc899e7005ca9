//! What a connector offers.

use std::fmt;

use async_trait::async_trait;
use serde_json::Value;

use super::{ConnectorDescriptor, Tool};
use crate::{Result, engine::Fact, vault::Credential};

/// An external service whose tools people and assistants may use. It is called with the workspace's own credential, opened
/// for the one call; it keeps nothing of one workspace for another.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait Connector: fmt::Debug + Send + Sync {
    /// Its name.
    fn descriptor(&self) -> &ConnectorDescriptor;

    /// Whether it can be used: configured, reachable, key valid. What goes wrong is a fact, not an error.
    async fn check(&self, credential: &Credential) -> Vec<Fact>;

    /// What it can do for this credential.
    ///
    /// # Errors
    /// `upstream` kinds when the service does not answer or refuses the key.
    async fn tools(&self, credential: &Credential) -> Result<Vec<Tool>>;

    /// Does it. Never repeated by itself: a lost answer stays unknown.
    ///
    /// # Errors
    /// `invalid_input` for arguments the tool does not take; `upstream` kinds when the service fails.
    async fn call(&self, credential: &Credential, tool: &str, arguments: Value) -> Result<Value>;
}
