//! What only one may do at a time, among all nodes.

use std::fmt;

use async_trait::async_trait;

use crate::{FlowId, Result, WorkspaceId, store::AnswerKey};

/// What is done by one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LeaseKey {
    /// A change of a flow. Engines that keep flows themselves do not order the changes of one.
    Flow(FlowId),
    /// A change of what is kept of a workspace's tenancies at engines.
    Tenancies(WorkspaceId),
    /// A request with a name of the caller's own.
    Request(Option<WorkspaceId>, AnswerKey),
    /// A job that one node alone does, by its key.
    Job(String),
}

/// That something is done here and nowhere else, until it is dropped.
pub struct Lease {
    epoch: u64,
    _held: Box<dyn Send + Sync>,
}

impl Lease {
    /// A lease that ends when `held` is dropped. Its `epoch` is higher than that of every earlier lease of the same key.
    pub fn new(epoch: u64, held: impl Send + Sync + 'static) -> Self {
        Self { epoch, _held: Box::new(held) }
    }

    /// Which one it is among the leases of its key: what was begun under an earlier one is fenced off by it.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease({})", self.epoch)
    }
}

/// Gives leases. One lasts for as long as it is kept and the process that keeps it lives.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait Leases: fmt::Debug + Send + Sync {
    /// Waits until no other has it. Those who wait in one process get it in the order in which they asked.
    ///
    /// # Errors
    /// `unavailable` when it cannot be known who has it.
    async fn acquire(&self, key: LeaseKey) -> Result<Lease>;

    /// The lease; none when another has it.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire).
    async fn try_acquire(&self, key: LeaseKey) -> Result<Option<Lease>>;
}
