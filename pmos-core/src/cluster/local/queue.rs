//! The queue of a single process: what stands in the store.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{NodeId, Result, RunId, Timestamp, TurnId, WorkspaceId, cluster::RunQueue, store::Store};

/// The queue of a single process. Every node that is not of this process is gone: a store has one process at a time.
#[derive(Debug)]
pub(in crate::cluster) struct LocalQueue {
    store: Arc<dyn Store>,
}

impl LocalQueue {
    pub(in crate::cluster) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl RunQueue for LocalQueue {
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, RunId)>> {
        self.store.directory().due_runs(now, limit).await
    }

    async fn orphaned(
        &self,
        node: NodeId,
        after: Option<(WorkspaceId, RunId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, RunId)>> {
        self.store.directory().runs_of_others(node, after, limit).await
    }

    async fn due_turns(&self, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>> {
        self.store.directory().due_turns(limit).await
    }

    async fn orphaned_turns(&self, node: NodeId, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>> {
        self.store.directory().turns_of_others(node, limit).await
    }
}
