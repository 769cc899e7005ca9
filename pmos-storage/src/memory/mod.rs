//! The memory store: everything in this process, gone with it. For tests, examples and trying things out, and the
//! executable specification of the port: where a sentence of its documentation leaves room, this is how it is meant.
//!
//! The whole store is one value of copy-on-write tables. A unit that writes takes its turn, works on a copy and, when
//! it is committed, puts the copy in the place of the original; dropped, the copy is simply forgotten. A unit that only
//! reads looks at the original, statement by statement.
//!
//! ```
//! use pmos_core::store::Store;
//! let store = pmos_storage::MemoryStore::new();
//! assert_eq!(store.to_string(), "memory");
//! ```

mod approvals;
mod audit;
mod chat;
mod connections;
mod directory;
mod engines;
mod events;
mod flows;
mod idempotency;
mod journal;
mod keys;
mod members;
mod models;
mod quotas;
mod runs;
mod state;
mod system;
mod unit;
mod workspaces;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use parking_lot::Mutex;
use pmos_core::{
    Result, WorkspaceScope,
    store::{Access, Directory, RunJournal, Store, SystemUnit, UnitOfWork, WorkerSlot},
};

use self::{state::Instance, system::System, unit::Unit};

/// A store in memory; clones share it.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Default)]
struct Shared {
    committed: Mutex<Instance>,
    /// Held by the one who writes, from the first read to the commit, so that nothing that was relied on changes meanwhile.
    turn: Arc<tokio::sync::Mutex<()>>,
    worker: WorkerSlot,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    async fn work(&self, access: Access) -> Work {
        let draft = match access {
            Access::Read => None,
            Access::Write => {
                let turn = self.0.turn.clone().lock_owned().await;
                Some(Draft { instance: self.0.committed.lock().clone(), _turn: turn })
            }
        };
        Work { shared: self.0.clone(), draft }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self, scope: &WorkspaceScope, access: Access) -> Result<Box<dyn UnitOfWork>> {
        Ok(Box::new(Unit::new(scope.workspace(), self.work(access).await)))
    }

    async fn system(&self, _: &'static str, access: Access) -> Result<Box<dyn SystemUnit>> {
        Ok(Box::new(System::new(self.work(access).await)))
    }

    fn directory(&self) -> &dyn Directory {
        self
    }

    fn journal(&self) -> &dyn RunJournal {
        self
    }

    fn worker(&self) -> &WorkerSlot {
        &self.0.worker
    }

    async fn ready(&self) -> Result<()> {
        Ok(())
    }

    async fn close(&self) {}
}

impl fmt::Display for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

/// What a unit works on: the copy it changes, or what is committed.
struct Work {
    shared: Arc<Shared>,
    draft: Option<Draft>,
}

struct Draft {
    instance: Instance,
    _turn: tokio::sync::OwnedMutexGuard<()>,
}

impl Work {
    fn read<T>(&self, look: impl FnOnce(&Instance) -> T) -> T {
        match &self.draft {
            Some(draft) => look(&draft.instance),
            None => look(&self.shared.committed.lock()),
        }
    }

    fn write(&mut self) -> Result<&mut Instance> {
        let draft = self.draft.as_mut().ok_or_else(state::read_only)?;
        Ok(&mut draft.instance)
    }

    /// Makes the copy the truth and hands it out for what is added by commits alone. The original is gone by then, so
    /// that long logs are added to in place.
    fn commit<T>(self, close: impl FnOnce(&mut Instance) -> T) -> Result<T> {
        let draft = self.draft.ok_or_else(state::read_only)?;
        let mut committed = self.shared.committed.lock();
        *committed = draft.instance;
        Ok(close(&mut committed))
    }
}
