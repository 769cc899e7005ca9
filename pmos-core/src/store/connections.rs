use async_trait::async_trait;

use crate::{
    ConnectionId, Page, PageRequest, Result,
    connection::{Connection, SealedConnection},
};

/// Stored credentials of the workspace.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait ConnectionRepository: Send {
    /// A page of connections, newest first.
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Connection>>;
    /// One connection without its secret.
    async fn get(&mut self, id: ConnectionId) -> Result<Option<Connection>>;
    /// One connection with its sealed secret.
    async fn sealed(&mut self, id: ConnectionId) -> Result<Option<SealedConnection>>;
    /// Adds one.
    async fn insert(&mut self, connection: &SealedConnection) -> Result<()>;
    /// Replaces everything but id, kind and the time it was made.
    async fn update(&mut self, connection: &SealedConnection) -> Result<bool>;
    /// Takes one away.
    async fn remove(&mut self, id: ConnectionId) -> Result<bool>;
}
