//! Which workspaces there are and who belongs to them.

use async_trait::async_trait;

use super::{Membership, WorkspaceProfile};
use crate::{Result, UserId, WorkspaceId};

/// Which workspaces exist, who belongs to them, and their settings. Read anew at most a second after a change, so that
/// removals bite. [`StoreWorkspaces`](crate::workspace::StoreWorkspaces) keeps them in our own store; a host with
/// workspaces of its own implements this instead.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait Workspace: std::fmt::Debug + Send + Sync {
    /// The workspaces of a person, with their role in each.
    ///
    /// # Errors
    /// When the source cannot be read.
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>>;

    /// The settings of these workspaces; unknown ids are left out.
    ///
    /// # Errors
    /// When the source cannot be read.
    async fn profiles(&self, workspaces: &[WorkspaceId]) -> Result<Vec<WorkspaceProfile>>;

    /// The settings of a workspace, none when it does not exist.
    ///
    /// # Errors
    /// When the source cannot be read.
    async fn profile(&self, workspace: WorkspaceId) -> Result<Option<WorkspaceProfile>> {
        Ok(self.profiles(&[workspace]).await?.pop())
    }
}
