//! Which workspaces there are and who belongs to them.

use async_trait::async_trait;

use super::{Membership, WorkspaceProfile};
use crate::{Result, UserId, WorkspaceId};

/// Which workspaces exist, who belongs to them, and their settings. Read anew at most a second after a change, so that
/// removals bite. [`StoreWorkspaces`](crate::workspace::StoreWorkspaces) keeps them in our own store; a host with
/// workspaces of its own implements this instead.
///
/// Then the host is the only one who says which workspaces there are, what they are called, how they are set and who
/// belongs to them. A workspace gets its place in our store when it is entered for the first time, and loses it by
/// [`Pmos::remove_workspace`](crate::Pmos::remove_workspace). Founding, changing and deleting workspaces, their members and
/// invitations are `unsupported` at PMOS.
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
