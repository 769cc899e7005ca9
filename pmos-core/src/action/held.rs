//! Whether an act holds a unit of work that others may wait for.
//!
//! One that began another in the same task would wait for itself, in some stores for ever. It gets an error at once instead.

use std::{cell::Cell, fmt, sync::Arc};

use async_trait::async_trait;

use crate::{
    Error, Result, WorkspaceScope,
    store::{Access, Directory, RunJournal, Store, SystemUnit, UnitOfWork, WorkerSlot},
};

tokio::task_local! {
    static HELD: Cell<bool>;
}

/// Does an act of which it is known whether it holds a unit of work.
pub(super) async fn watched<T>(act: impl Future<Output = T>) -> T {
    HELD.scope(Cell::new(false), act).await
}

/// The act in this task holds a unit that writes, or does not any more.
pub(super) fn set(held: bool) {
    // Some acts are finished by the pipeline, where none waits.
    let _ = HELD.try_with(|known| known.set(held));
}

/// # Errors
/// `internal` within an act that holds a unit of work.
pub(super) fn must_be_free() -> Result<()> {
    if HELD.try_with(Cell::get).unwrap_or(false) {
        return Err(Error::internal("begin a second unit of work within an act that holds one; see Context::run"));
    }
    Ok(())
}

/// A store in which no act waits for itself.
pub(crate) struct OneUnit(pub(crate) Arc<dyn Store>);

impl fmt::Debug for OneUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for OneUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[async_trait]
impl Store for OneUnit {
    fn worker(&self) -> &WorkerSlot {
        self.0.worker()
    }

    async fn begin(&self, scope: &WorkspaceScope, access: Access) -> Result<Box<dyn UnitOfWork>> {
        must_be_free()?;
        self.0.begin(scope, access).await
    }

    async fn system(&self, reason: &'static str, access: Access) -> Result<Box<dyn SystemUnit>> {
        must_be_free()?;
        self.0.system(reason, access).await
    }

    fn directory(&self) -> &dyn Directory {
        self.0.directory()
    }

    fn journal(&self) -> &dyn RunJournal {
        self.0.journal()
    }

    async fn ready(&self) -> Result<()> {
        must_be_free()?;
        self.0.ready().await
    }

    async fn lost(&self) {
        self.0.lost().await;
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
