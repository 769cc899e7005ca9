//! Bringing a schema up to date, and saying how far it is. Migrations only go forward.

use sqlx::{
    error::DatabaseError,
    migrate::{Migrate, MigrateError, Migrator},
};

use super::OpenError;

/// How far the schema of a store is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaReport {
    /// Versions that are in place.
    pub applied: Vec<i64>,
    /// Versions that this program will bring when it opens the store.
    pub pending: Vec<i64>,
    /// Versions that this program does not know; it refuses to open such a store.
    pub unknown: Vec<i64>,
}

impl SchemaReport {
    pub(crate) fn of(migrations: &Migrator, in_place: &[i64]) -> Self {
        let (applied, unknown) = in_place.iter().partition(|version| migrations.version_exists(**version));
        let known = migrations.iter().map(|migration| migration.version);
        Self { applied, pending: known.filter(|version| !in_place.contains(version)).collect(), unknown }
    }
}

/// Brings the schema up to date. `Migrator::run` would do the same, but the compiler cannot see that its future may move
/// from thread to thread.
pub(crate) async fn run<C: Migrate>(migrations: &Migrator, connection: &mut C) -> Result<(), MigrateError> {
    migrations.run_direct(None, connection, false).await
}

pub(crate) fn refused(store: String, cause: MigrateError) -> OpenError {
    match cause {
        MigrateError::VersionMissing(found) => OpenError::Newer { store, found },
        MigrateError::ExecuteMigration(cause, _) if is_taken(&cause) => OpenError::Occupied { store, cause },
        cause => OpenError::Migrate { store, cause },
    }
}

/// Whether PostgreSQL has a table, function or other thing of this name already (class 42).
fn is_taken(cause: &sqlx::Error) -> bool {
    let code = cause.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| ["42P07", "42723", "42710"].contains(&&*code))
}
