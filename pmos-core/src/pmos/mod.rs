//! PMOS: ports in, one object out.

mod builder;
mod entrances;
mod feed;
mod local;
mod running;
mod table;
mod waiting;
mod workspaces;

use std::{fmt, sync::Arc};

pub use builder::Builder;

use crate::{
    Clock, Result,
    action::{Pipeline, Table},
    cluster::{Bus, Hint},
    flow::Engines,
    identity::Accounts,
    run::Runs,
    services::Services,
};

/// PMOS: everything it needs was handed in, everything it can do is in its table. Cheap to clone.
///
/// ```
/// # async fn doc(store: std::sync::Arc<dyn pmos_core::store::Store>, engine: std::sync::Arc<dyn pmos_core::flow::FlowEngine>, stop: impl Future<Output = ()>) -> pmos_core::Result<()> {
/// use pmos_core::Pmos;
/// let pmos = Pmos::builder(store).engine(engine).master_key([7; 32]).build()?;
/// pmos.run_until(stop).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Pmos {
    services: Services,
    pipeline: Arc<Pipeline>,
}

impl fmt::Debug for Pmos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pmos").field(&self.services).finish()
    }
}

impl Pmos {
    /// Makes a change of rights felt at once, by the next request and by every open stream. For a host that keeps people or
    /// workspaces itself; what PMOS changes, it makes felt by itself.
    pub fn rights_changed(&self) {
        self.services.hint(Hint::Rights);
    }

    /// Whether the store can be read and written at this moment.
    ///
    /// # Errors
    /// `unavailable` with the cause.
    pub async fn ready(&self) -> Result<()> {
        self.services.store.ready().await
    }

    /// Returns when another process has taken the store over, so that this one can do nothing more and should end.
    pub async fn lost(&self) {
        self.services.store.lost().await;
    }

    /// Whether stored secrets can be opened with the master key that was given; a host asks before it serves.
    ///
    /// # Errors
    /// `unavailable` when the store or the key service cannot be reached.
    pub async fn key_fits(&self) -> Result<bool> {
        self.services.vault.fits(&*self.services.store).await
    }

    /// Writes out what is under way and lets go of the store; the last thing that is done with an instance.
    pub async fn close(&self) {
        self.services.store.close().await;
    }

    /// Our own accounts; none when the host brought its own people.
    pub fn accounts(&self) -> Option<&Accounts> {
        self.services.accounts.as_deref()
    }

    /// The engines of the instance.
    pub fn engines(&self) -> &Engines {
        &self.services.engines
    }

    /// Where time and randomness come from.
    pub fn clock(&self) -> &dyn Clock {
        &*self.services.clock
    }

    /// What carries events to those who watch, and hints to the other nodes.
    pub fn bus(&self) -> &dyn Bus {
        &*self.services.bus
    }

    /// All actions.
    pub fn table(&self) -> &Table {
        &self.pipeline.table
    }

    /// The address people and webhooks reach us at.
    pub fn public_url(&self) -> &str {
        &self.services.public_url
    }

    /// Runs that are under way in this process.
    pub fn runs(&self) -> &Runs {
        &self.services.runs
    }
}
