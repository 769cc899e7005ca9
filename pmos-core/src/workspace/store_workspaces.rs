//! Our own workspaces, in our own store.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Membership, Workspace, WorkspaceProfile};
use crate::{
    Result, UserId, WorkspaceId,
    store::{Access, Store},
};

/// Workspaces and memberships in our own store. The default [`Workspace`].
#[derive(Debug)]
pub struct StoreWorkspaces(Arc<dyn Store>);

impl StoreWorkspaces {
    /// Reads them from `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Workspace for StoreWorkspaces {
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        self.0.directory().memberships(user).await
    }

    async fn profiles(&self, workspaces: &[WorkspaceId]) -> Result<Vec<WorkspaceProfile>> {
        self.0.system("name workspaces", Access::Read).await?.workspaces().several(workspaces).await
    }
}
