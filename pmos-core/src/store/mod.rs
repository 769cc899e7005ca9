//! The storage port: a unit of work per act, a journal per run, and two small entrances beside them.
//!
//! Everything of a workspace is reached through a [`UnitOfWork`] that was begun with a [`WorkspaceScope`], so a call
//! that forgets its tenant does not compile. [`Directory`] answers the few questions that come before a tenant is known,
//! with ids only. [`Store::system`] holds what belongs to no workspace: accounts, sessions, the list of workspaces.
//!
//! To add a store, implement these traits file for file and run `testkit::store`, the conformance suite.

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
mod system;
mod unit;
mod worker;
mod workspaces;

use std::fmt;

use async_trait::async_trait;

pub use approvals::*;
pub use audit::*;
pub use chat::*;
pub use connections::*;
pub use directory::*;
pub use engines::*;
pub use events::*;
pub use flows::*;
pub use idempotency::*;
pub use journal::*;
pub use keys::*;
pub use members::*;
pub use models::*;
pub use quotas::*;
pub use runs::*;
pub use system::*;
pub use unit::*;
pub(crate) use worker::Worker;
pub use worker::WorkerSlot;
pub use workspaces::*;

use crate::{Result, WorkspaceScope};

/// Whether a unit may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Reads only. Each statement sees what is committed when it runs; nothing is locked.
    Read,
    /// Reads and writes. What it changes becomes visible as a whole when it is committed, or not at all.
    Write,
}

/// A place where PMOS keeps everything. `Display` names it in logs, without credentials.
#[async_trait]
pub trait Store: fmt::Display + fmt::Debug + Send + Sync {
    /// Begins a unit of work in one workspace.
    ///
    /// # Errors
    /// `unavailable` when the store cannot take it now.
    async fn begin(&self, scope: &WorkspaceScope, access: Access) -> Result<Box<dyn UnitOfWork>>;

    /// Begins a unit of work on what belongs to no workspace. The reason says who needs it, for the store's own log.
    ///
    /// # Errors
    /// `unavailable` when the store cannot take it now.
    async fn system(&self, reason: &'static str, access: Access) -> Result<Box<dyn SystemUnit>>;

    /// Look-ups before a tenant is known.
    fn directory(&self) -> &dyn Directory;

    /// The journals of runs.
    fn journal(&self) -> &dyn RunJournal;

    /// The same slot as long as it is open, for the one who works on its runs; a store around another one gives that of the other.
    fn worker(&self) -> &WorkerSlot;

    /// Whether it can be read and written at this moment, found out by writing.
    ///
    /// # Errors
    /// `unavailable` with the cause.
    async fn ready(&self) -> Result<()>;

    /// Returns when this process can never write to it again, because another one has taken it over. Most stores cannot be
    /// taken away.
    async fn lost(&self) {
        std::future::pending::<()>().await;
    }

    /// Writes out what is under way and lets go of the store.
    async fn close(&self);
}
