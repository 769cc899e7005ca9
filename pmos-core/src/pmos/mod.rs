//! PMOS: ports in, one object out.

mod builder;
mod entrances;
mod feed;
mod hints;
mod table;

use std::{fmt, sync::Arc};

use tokio::sync::watch;

pub use builder::Builder;

use crate::{
    Clock, NodeId, Result,
    action::{GatePolicy, Table},
    cluster::{Bus, Cluster, Leases, RunQueue},
    connection::Prober,
    engine::{Live, Watch},
    flow::Engines,
    identity::{Accounts, Identity, Passwords, Principals, Rights},
    observe::Observer,
    quota::Limits,
    run::Runs,
    store::Store,
    vault::Vault,
    workspace::Workspace,
};

/// PMOS: everything it needs was handed in, everything it can do is in its table. Cheap to clone.
///
/// ```
/// # async fn doc(store: std::sync::Arc<dyn pmos_core::store::Store>, engine: std::sync::Arc<dyn pmos_core::flow::FlowEngine>) -> pmos_core::Result<()> {
/// use pmos_core::Pmos;
/// let pmos = Pmos::builder(store).engine(engine).master_key([7; 32]).build()?;
/// for job in pmos.background() {
///     tokio::spawn(job);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Pmos(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    identity: Arc<dyn Identity>,
    accounts: Option<Arc<Accounts>>,
    workspaces: Arc<dyn Workspace>,
    engines: Engines,
    clock: Arc<dyn Clock>,
    cluster: Cluster,
    vault: Vault,
    passwords: Passwords,
    prober: Option<Arc<dyn Prober>>,
    observer: Arc<dyn Observer>,
    gate: Arc<dyn GatePolicy>,
    table: Table,
    limits: Limits,
    runs: Runs,
    public_url: String,
    watch: Watch,
    live: Live,
    principals: Principals,
    rights: Arc<Rights>,
    node: NodeId,
}

impl fmt::Debug for Pmos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pmos").field("store", &self.0.store).field("engines", &self.0.engines).finish_non_exhaustive()
    }
}

impl Pmos {
    /// Tells streams when rights may have changed, so that they look again.
    pub fn watch_rights(&self) -> watch::Receiver<u64> {
        self.0.rights.watch()
    }

    /// Where everything is kept. It is not given out: what can be done with it is in the table.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Whether the store can be read and written at this moment.
    ///
    /// # Errors
    /// `unavailable` with the cause.
    pub async fn ready(&self) -> Result<()> {
        self.0.store.ready().await
    }

    /// Returns when another process has taken the store over, so that this one can do nothing more and should end.
    pub async fn lost(&self) {
        self.0.store.lost().await;
    }

    /// Whether stored secrets can be opened with the master key that was given; a host asks before it serves.
    ///
    /// # Errors
    /// `unavailable` when the store or the key service cannot be reached.
    pub async fn key_fits(&self) -> Result<bool> {
        self.0.vault.fits(self.store()).await
    }

    /// Writes out what is under way and lets go of the store; the last thing that is done with an instance.
    pub async fn close(&self) {
        self.0.store.close().await;
    }

    /// Who is calling.
    pub(crate) fn identity(&self) -> &dyn Identity {
        &*self.0.identity
    }

    /// Our own accounts; none when the host brought its own people.
    pub fn accounts(&self) -> Option<&Accounts> {
        self.0.accounts.as_deref()
    }

    /// Which workspaces there are.
    pub(crate) fn workspaces(&self) -> &dyn Workspace {
        &*self.0.workspaces
    }

    /// The engines of the instance.
    pub fn engines(&self) -> &Engines {
        &self.0.engines
    }

    /// Where time and randomness come from.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// What carries events to those who watch, and hints to the other nodes.
    pub fn bus(&self) -> &dyn Bus {
        &*self.0.cluster.bus
    }

    pub(crate) fn leases(&self) -> &dyn Leases {
        &*self.0.cluster.leases
    }

    pub(crate) fn queue(&self) -> &dyn RunQueue {
        &*self.0.cluster.queue
    }

    /// All actions.
    pub fn table(&self) -> &Table {
        &self.0.table
    }

    /// The address people and webhooks reach us at.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn prober(&self) -> Option<&dyn Prober> {
        self.0.prober.as_deref()
    }

    pub(crate) fn gate(&self) -> &dyn GatePolicy {
        &*self.0.gate
    }

    pub(crate) fn observer(&self) -> &dyn Observer {
        &*self.0.observer
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.0.watch
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    /// This process, among all that ever work on this store.
    pub(crate) fn node(&self) -> NodeId {
        self.0.node
    }

    /// Runs that are under way in this process.
    pub fn runs(&self) -> &Runs {
        &self.0.runs
    }
}
