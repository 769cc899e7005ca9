//! A unit of work is a transaction under a role of its reach.

use std::sync::Arc;

use pmos_core::{Error, Id, Result, WorkspaceId, store::Access};
use sqlx::{PgConnection, Postgres, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::{
    owner::Owner,
    pool::{Pool, Reach},
    route::Route,
};
use crate::sql::error::failed;

/// What all units share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) pool: Pool,
    pub(super) owner: Owner,
    /// What the connections of the pool go by.
    _route: Route,
    /// Units of one workspace queue up here before they number what happened: a queue in the process is cheaper than
    /// many transactions waiting for one row. Workspaces share a queue by chance, which only costs time.
    turns: Vec<Arc<Semaphore>>,
}

const TURNS: u128 = 64;

/// One that is between numbering and commit, and one that has asked the server already and goes on as soon as the first ends.
const AT_ONCE: usize = 2;

impl Server {
    pub(super) fn new(pool: Pool, owner: Owner, route: Route) -> Self {
        Self { pool, owner, _route: route, turns: (0..TURNS).map(|_| Arc::new(Semaphore::new(AT_ONCE))).collect() }
    }

    async fn turn(&self, workspace: Uuid) -> Option<OwnedSemaphorePermit> {
        let queue = usize::try_from(workspace.as_u128() % TURNS).unwrap_or(0);
        Arc::clone(self.turns.get(queue)?).acquire_owned().await.ok()
    }
}

/// A unit of work. It begins its transaction with its first statement, so that computing before costs nothing.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(super) workspace: Uuid,
    reach: Reach,
    access: Access,
    server: Arc<Server>,
    // Before the turn, so that it is rolled back before the next one has its own.
    transaction: Option<Transaction<'static, Postgres>>,
    turn: Option<OwnedSemaphorePermit>,
    locked: bool,
    spoiled: bool,
}

impl Unit {
    pub(super) fn new(server: Arc<Server>, reach: Reach, access: Access) -> Self {
        let workspace = match reach {
            Reach::Workspace(workspace) => workspace,
            Reach::System | Reach::Directory => Uuid::nil(),
        };
        Self { workspace, reach, access, server, transaction: None, turn: None, locked: false, spoiled: false }
    }

    pub(super) fn writes(&self) -> bool {
        self.access == Access::Write
    }

    pub(super) fn owner(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.workspace)
    }

    pub(super) async fn connection(&mut self, operation: &'static str) -> Result<&mut PgConnection> {
        if self.spoiled {
            return Err(Error::unavailable(operation).because("an earlier statement of the same unit failed"));
        }
        if self.transaction.is_none() {
            let begun = self.server.pool.begin(self.reach, self.access).await;
            self.transaction = Some(begun.map_err(|cause| failed(operation, cause))?);
        }
        match &mut self.transaction {
            Some(transaction) => Ok(transaction),
            None => Err(Error::internal(operation)),
        }
    }

    /// Notes that a statement failed: the database does nothing more in this transaction.
    pub(super) fn spoil(&mut self, error: Error) -> Error {
        self.spoiled = true;
        error
    }

    /// Keeps other units of the workspace from deciding by the same count. It does not take a turn: one who waits for
    /// other rows while it has one could wait for another that waits for it.
    pub(super) async fn lock(&mut self) -> Result<()> {
        if self.writes() && !self.locked {
            self.lock_also(self.workspace).await?;
            self.locked = true;
        }
        Ok(())
    }

    /// The same in another workspace, for a unit of the instance that decides about several.
    pub(super) async fn lock_also(&mut self, workspace: Uuid) -> Result<()> {
        let operation = "keep a count still";
        let lock = sqlx::query("select workspace_id from heads where workspace_id = $1 for update").bind(workspace);
        let outcome = lock.execute(self.connection(operation).await?).await;
        outcome.map(drop).map_err(|cause| self.spoil(failed(operation, cause)))
    }

    /// Waits until at most one other unit of the workspace is between numbering and commit.
    pub(super) async fn take_turn(&mut self) {
        if self.turn.is_none() && !self.locked {
            self.turn = self.server.turn(self.workspace).await;
        }
    }

    pub(super) async fn finish(mut self: Box<Self>) -> Result<()> {
        let operation = "commit a unit of work";
        let Some(transaction) = self.transaction.take().filter(|_| self.access == Access::Write) else {
            return Ok(());
        };
        if self.spoiled {
            return Err(Error::unavailable(operation).because("a statement of the unit failed"));
        }
        self.server.owner.check(operation)?;
        transaction.commit().await.map_err(|cause| failed(operation, cause))
    }
}
