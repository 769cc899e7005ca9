//! The connections of the store, and the first words of a transaction on one of them: which role it takes and which
//! workspace it sees, in one round trip.

use pmos_core::store::Access;
use sqlx::{AssertSqlSafe, PgPool, Postgres, SqlSafeStr as _, Transaction};
use uuid::Uuid;

use super::schema::SchemaName;

/// What a transaction may reach.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// One workspace.
    Workspace(Uuid),
    /// What belongs to the instance.
    System,
    /// A few columns of ids.
    Directory,
}

/// Connections to the server.
#[derive(Debug)]
pub(super) enum Pool {
    /// Used by the store alone: they know their schema.
    Own(PgPool),
    /// Those of the host, who uses them for tables of its own too: each transaction names its schema, and last the
    /// temporary tables of the host, which would come first if they were not named.
    Shared(PgPool, SchemaName),
}

impl Pool {
    pub(super) async fn begin(
        &self,
        reach: Reach,
        access: Access,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let begin = match access {
            Access::Read => "begin read only",
            Access::Write => "begin",
        };
        let (connections, begin) = match self {
            Self::Own(connections) => (connections, begin.to_owned()),
            Self::Shared(connections, schema) => {
                (connections, format!("{begin}; set local search_path to {schema}, pg_temp"))
            }
        };
        let text = match reach {
            Reach::Workspace(id) => {
                format!("{begin}; set local role pmos_app; select set_config('pmos.workspace', '{id}', true)")
            }
            Reach::System => format!("{begin}; set local role pmos_system"),
            Reach::Directory => format!("{begin}; set local role pmos_directory"),
        };
        let connection = connections.acquire().await?;
        // Safe: these are words of ours, an id that is a number by its type and a name that is a word by its type. A
        // parameter cannot stand here.
        let begun = Transaction::begin(connection, Some(AssertSqlSafe(text).into_sql_str()));
        // A caller may go away before the server has answered. The driver would then give the connection to the next one
        // with the transaction still open, so it is finished by a task of its own, which ends it when the caller is gone.
        tokio::spawn(begun).await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    #[cfg(test)]
    pub(super) fn connections(&self) -> &PgPool {
        match self {
            Self::Own(connections) | Self::Shared(connections, _) => connections,
        }
    }

    /// Ends the connections, unless they are the host's.
    pub(super) async fn close(&self) {
        if let Self::Own(connections) = self {
            connections.close().await;
        }
    }
}
