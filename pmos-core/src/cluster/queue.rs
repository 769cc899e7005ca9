//! Runs that wait for a node.

use std::fmt;

use async_trait::async_trait;

use crate::{NodeId, Result, RunId, Timestamp, TurnId, WorkspaceId};

/// Which runs, and which turns of conversations, a node may take over. Two nodes may be told of the same one: it is the claim in the store that counts.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait RunQueue: fmt::Debug + Send + Sync {
    /// Runs without a node whose time has come, those first that have waited for longest.
    ///
    /// # Errors
    /// `unavailable` when they cannot be looked up.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, RunId)>>;

    /// Runs of nodes that are gone, oldest first, after the given one.
    ///
    /// # Errors
    /// As [`due`](Self::due).
    async fn orphaned(
        &self,
        node: NodeId,
        after: Option<(WorkspaceId, RunId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, RunId)>>;

    /// Turns of conversations that wait for a node, oldest first.
    ///
    /// # Errors
    /// As [`due`](Self::due).
    async fn due_turns(&self, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>>;

    /// Turns of nodes that are gone, oldest first.
    ///
    /// # Errors
    /// As [`due`](Self::due).
    async fn orphaned_turns(&self, node: NodeId, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>>;
}
