//! How a unit of work gets hold of a connection: a reader from the pool, or the one writer, lent.

use std::ops::{Deref, DerefMut};

use pmos_core::{Error, Id, Result, WorkspaceId};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, pool::PoolConnection};
use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::writer::{Lease, Writer};
use crate::sql::error::failed;

/// A unit of work. It takes its connection with its first statement, so that computing before costs nothing.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(super) workspace: Uuid,
    hold: Hold,
}

#[derive(Debug)]
enum Hold {
    Read { pool: SqlitePool, connection: Option<PoolConnection<Sqlite>> },
    Write { writer: Writer, lease: Option<Lease> },
}

/// A connection for one statement.
pub(super) enum Connection<'a> {
    Pooled(&'a mut SqliteConnection),
    Lent(MutexGuard<'a, SqliteConnection>),
}

impl Deref for Connection<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Lent(connection) => connection,
        }
    }
}

impl DerefMut for Connection<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Lent(connection) => connection,
        }
    }
}

impl Unit {
    pub(super) fn reading(workspace: Uuid, pool: SqlitePool) -> Self {
        Self { workspace, hold: Hold::Read { pool, connection: None } }
    }

    pub(super) fn writing(workspace: Uuid, writer: Writer) -> Self {
        Self { workspace, hold: Hold::Write { writer, lease: None } }
    }

    pub(super) fn writes(&self) -> bool {
        matches!(self.hold, Hold::Write { .. })
    }

    pub(super) fn owner(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.workspace)
    }

    pub(super) async fn connection(&mut self, operation: &'static str) -> Result<Connection<'_>> {
        match &mut self.hold {
            Hold::Read { pool, connection } => {
                let held = match connection {
                    Some(held) => held,
                    None => connection.insert(pool.acquire().await.map_err(|cause| failed(operation, cause))?),
                };
                Ok(Connection::Pooled(held))
            }
            Hold::Write { writer, lease } => {
                let lease = match lease {
                    Some(lease) => lease,
                    None => lease.insert(writer.lend(operation).await?),
                };
                lease.connection(operation).await.map(Connection::Lent)
            }
        }
    }

    /// Notes that a statement failed: what the unit did is in doubt, so it does nothing more and cannot commit.
    pub(super) fn spoil(&mut self, error: Error) -> Error {
        if let Hold::Write { lease: Some(lease), .. } = &mut self.hold {
            lease.spoil();
        }
        error
    }

    /// Keeps other units from deciding by the same count. A writing unit here is alone anyway.
    #[expect(clippy::unused_async, reason = "PostgreSQL has to ask its server")]
    pub(super) async fn lock(&mut self) -> Result<()> {
        Ok(())
    }

    /// The same in another workspace.
    #[expect(clippy::unused_async, reason = "PostgreSQL has to ask its server")]
    pub(super) async fn lock_also(&mut self, _workspace: Uuid) -> Result<()> {
        Ok(())
    }

    /// Waits until no other unit of the workspace is between numbering and commit. Here none can be.
    #[expect(clippy::unused_async, reason = "PostgreSQL has to wait")]
    pub(super) async fn take_turn(&mut self) {}

    pub(super) async fn finish(self: Box<Self>) -> Result<()> {
        match self.hold {
            Hold::Write { lease: Some(lease), .. } => lease.commit().await,
            Hold::Write { lease: None, .. } | Hold::Read { .. } => Ok(()),
        }
    }
}
