//! What the processes that work on one store share beside it: hints, leases and the queue of runs.
//!
//! Every process is a node. What is true stands in the store; a [`Bus`] only says earlier what a look into the store would
//! show, [`Leases`] keep two nodes from doing the same at once, and a [`RunQueue`] says which runs a node may take over.

mod bus;
mod leases;
mod local;
mod queue;

use std::sync::Arc;

pub use self::{bus::*, leases::*, queue::*};
use crate::store::Store;

/// The three ports, of one kind.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Hints and notices.
    pub bus: Arc<dyn Bus>,
    /// What only one may do at a time.
    pub leases: Arc<dyn Leases>,
    /// Runs that wait for a node.
    pub queue: Arc<dyn RunQueue>,
}

impl Cluster {
    /// Of a single process, which needs nothing else. Several [`Pmos`](crate::Pmos) of one process that are given clones of
    /// one hear each other's hints and wait for each other's leases.
    pub fn local(store: Arc<dyn Store>) -> Self {
        Self {
            bus: Arc::new(local::LocalBus::new()),
            leases: Arc::new(local::LocalLeases::default()),
            queue: Arc::new(local::LocalQueue::new(store)),
        }
    }
}
