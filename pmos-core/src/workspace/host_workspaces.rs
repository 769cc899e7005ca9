//! Workspaces that the host keeps, and their place in our store.

use std::sync::Arc;

use moka::sync::Cache;

use super::{Workspace, provide};
use crate::{Actor, Clock, Error, Result, WorkspaceId, request::RequestInfo, store::Store};

/// Workspaces that the host keeps. Flows, runs, keys and records belong to a row of their workspace in our store, so each gets
/// one when it is entered for the first time. The row holds the place only: names, settings and members are asked of the host.
#[derive(Debug)]
pub(crate) struct HostWorkspaces {
    store: Arc<dyn Store>,
    port: Arc<dyn Workspace>,
    clock: Arc<dyn Clock>,
    /// Those that have their row.
    known: Cache<WorkspaceId, ()>,
}

impl HostWorkspaces {
    pub(crate) fn new(store: Arc<dyn Store>, port: Arc<dyn Workspace>, clock: Arc<dyn Clock>) -> Self {
        Self { store, port, clock, known: Cache::new(100_000) }
    }

    /// Makes sure that a workspace has its row. Who needed it first stands in the audit of the instance.
    ///
    /// # Errors
    /// `not_found` when the host knows no such workspace; when host or store cannot be reached.
    pub(crate) async fn provide(&self, workspace: WorkspaceId, actor: Actor, request: &RequestInfo) -> Result<()> {
        if self.known.contains_key(&workspace) {
            return Ok(());
        }
        let profile = self.port.profile(workspace).await?.ok_or_else(Error::not_found)?;
        provide(&*self.store, &*self.clock, &profile, actor, request).await?;
        self.known.insert(workspace, ());
        Ok(())
    }

    /// That a workspace is gone; it gets a new row when the host still knows it.
    pub(crate) fn forget(&self, workspace: WorkspaceId) {
        self.known.invalidate(&workspace);
    }

    /// That any may be gone.
    pub(crate) fn forget_all(&self) {
        self.known.invalidate_all();
    }
}
