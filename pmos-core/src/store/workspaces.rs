use async_trait::async_trait;

use crate::{Result, workspace::WorkspaceProfile};

/// The workspace of the unit itself.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait WorkspaceRepository: Send {
    /// Its settings; none when it was deleted.
    async fn get(&mut self) -> Result<Option<WorkspaceProfile>>;
    /// Changes its settings (all but the id and the time of founding).
    async fn update(&mut self, profile: &WorkspaceProfile) -> Result<bool>;
    /// Deletes it and everything in it but its audit chain.
    async fn delete(&mut self) -> Result<bool>;
}
