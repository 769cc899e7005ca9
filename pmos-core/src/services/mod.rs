//! What everything that is done in this process works with: the ports that were handed in, and what is kept in memory.

mod hints;

use std::{fmt, ops::Deref, sync::Arc, time::Duration};

use tokio::sync::Notify;

use crate::{
    Actor, Clock, NodeId, Result, WorkspaceId,
    chat::TurnsAtWork,
    cluster::{Bus, Leases, RunQueue},
    connection::Prober,
    engine::{Live, Watch},
    flow::Engines,
    identity::{Accounts, Identity, Passwords, Principals, Rights},
    model::ChatModel,
    observe::Observer,
    quota::Limits,
    request::RequestInfo,
    run::Runs,
    store::Store,
    vault::Vault,
    workspace::{HostWorkspaces, Workspace},
};

/// The services of one PMOS. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Services(Arc<Parts>);

/// What there is of each.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    /// Who is calling.
    pub(crate) identity: Arc<dyn Identity>,
    /// Our own accounts; none when the host brought its own people.
    pub(crate) accounts: Option<Arc<Accounts>>,
    pub(crate) workspaces: Arc<dyn Workspace>,
    /// The place in our store of workspaces that the host keeps; none when they are ours.
    pub(crate) host_workspaces: Option<HostWorkspaces>,
    pub(crate) engines: Engines,
    pub(crate) clock: Arc<dyn Clock>,
    /// What carries events to those who watch, and hints to the other nodes.
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) leases: Arc<dyn Leases>,
    pub(crate) queue: Arc<dyn RunQueue>,
    pub(crate) vault: Vault,
    pub(crate) passwords: Passwords,
    pub(crate) prober: Option<Arc<dyn Prober>>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) limits: Limits,
    /// Runs that are under way in this process.
    pub(crate) runs: Runs,
    /// Rung when a request for approval was decided.
    pub(crate) decided: Notify,
    /// Turns of conversations that are under way in this process.
    pub(crate) turns: TurnsAtWork,
    /// What speaks to models; none when the host brought nothing that does.
    pub(crate) chat_model: Option<Arc<dyn ChatModel>>,
    /// The address people and webhooks reach us at.
    pub(crate) public_url: String,
    /// How long runs may go on once the process stops.
    pub(crate) grace: Duration,
    /// Whether no other process is to work on this store beside it.
    pub(crate) alone: bool,
    pub(crate) watch: Watch,
    pub(crate) live: Live,
    pub(crate) principals: Principals,
    pub(crate) rights: Arc<Rights>,
    /// This process, among all that ever work on this store.
    pub(crate) node: NodeId,
}

impl Services {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Makes sure that a workspace has its place in our store.
    pub(crate) async fn provide(&self, workspace: WorkspaceId, actor: Actor, request: &RequestInfo) -> Result<()> {
        match &self.host_workspaces {
            Some(theirs) => theirs.provide(workspace, actor, request).await,
            None => Ok(()),
        }
    }
}

impl Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("store", &self.store).field("engines", &self.engines).finish_non_exhaustive()
    }
}
