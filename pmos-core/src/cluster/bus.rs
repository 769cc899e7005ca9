//! From the one who did it to those who watch, on every node.

use std::fmt;

use tokio::sync::broadcast;

use crate::{NodeId, RunId, TurnId, WorkspaceId, event::Notice};

/// Word that something may have become untrue or due. One that is lost costs a second at most: what is believed
/// is believed no longer than that, and what is due is looked for by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Some run may be due.
    RunDue,
    /// A run was asked to stop.
    RunCancelled(RunId),
    /// Runs that this one started were asked to stop.
    ChildrenCancelled(RunId),
    /// What is live of some flow changed, and with it which webhooks there are.
    Hooks,
    /// Who may do what changed.
    Rights,
    /// Some request for approval was decided.
    ApprovalDecided,
    /// Some turn of a conversation may be due.
    TurnDue,
    /// A turn was asked to stop.
    TurnCancelled(TurnId),
    /// The limits of a workspace changed.
    Limits(WorkspaceId),
    /// Something was begun at an engine that keeps the workspace's flows itself.
    Tenancy(WorkspaceId, String),
    /// A workspace is gone.
    WorkspaceGone(WorkspaceId),
}

/// A hint, and the node that it comes from: a node has followed its own hints already.
#[derive(Debug, Clone)]
pub struct Told {
    /// Who says it.
    pub by: NodeId,
    /// What is said.
    pub hint: Hint,
}

/// Carries what was committed to those who watch, and hints to all nodes. It may lose notices of slow readers: they see the
/// gap in the numbers and read it from the log. It may lose hints.
#[cfg_attr(feature = "testkit", mockall::automock)]
pub trait Bus: fmt::Debug + Send + Sync {
    /// Passes notices on to the watchers of a workspace.
    fn publish(&self, workspace: WorkspaceId, notices: Vec<Notice>);

    /// Whether a workspace is watched, so that progress that is not seen need not be written.
    fn is_watched(&self, workspace: WorkspaceId) -> bool;

    /// Watches a workspace from now on.
    fn subscribe(&self, workspace: WorkspaceId) -> broadcast::Receiver<Notice>;

    /// Gives a hint to all nodes.
    fn tell(&self, told: Told);

    /// Hears the hints of all nodes from now on.
    fn hear(&self) -> broadcast::Receiver<Told>;
}
