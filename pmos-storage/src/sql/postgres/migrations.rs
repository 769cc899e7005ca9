//! The schema of a database that a host may use too.

use std::sync::LazyLock;

use sqlx::{
    Executor as _, PgConnection,
    migrate::{MigrateError, Migrator},
};

use crate::sql::migrate;

/// The schema, step by step. The host may have migrations of its own beside it, so what is in place is noted in a table of
/// PMOS; and the lock of the store keeps others out, so no migration of the host is waited for.
pub(crate) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("migrations/postgres");
    migrations.dangerous_set_table_name("_pmos_migrations");
    migrations.set_locking(false);
    migrations
});

const NOTED: &str = "select to_regclass('_pmos_migrations') is not null";
const IN_PLACE: &str = "select version from _pmos_migrations order by version";

/// Before PMOS had a table of its own it noted them where the driver does. What is there may be the host's.
const NOTED_EARLIER: &str = "select to_regclass('_sqlx_migrations') is not null";
const IN_PLACE_EARLIER: &str = "select version from _sqlx_migrations order by version";
const FIRST_EARLIER: &str = "select checksum from _sqlx_migrations where version = 1";
const MOVE: &str = "alter table _sqlx_migrations rename to _pmos_migrations";

/// How long a step waits for a table that others use.
const BOUNDED: &str = "set lock_timeout = '30s'";

/// Brings the schema up to date.
pub(super) async fn run(connection: &mut PgConnection) -> Result<(), MigrateError> {
    connection.execute(BOUNDED).await?;
    if !holds(connection, NOTED).await? && noted_earlier(connection).await? {
        connection.execute(MOVE).await?;
    }
    migrate::run(&MIGRATIONS, connection).await
}

/// The versions that are in place.
pub(super) async fn in_place(connection: &mut PgConnection) -> Result<Vec<i64>, sqlx::Error> {
    let query = if holds(connection, NOTED).await? {
        IN_PLACE
    } else if noted_earlier(connection).await? {
        IN_PLACE_EARLIER
    } else {
        return Ok(Vec::new());
    };
    sqlx::query_scalar(query).fetch_all(connection).await
}

async fn holds(connection: &mut PgConnection, condition: &'static str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(condition).fetch_one(connection).await
}

/// Whether it is versions of PMOS that are noted where they were earlier.
async fn noted_earlier(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    if !holds(connection, NOTED_EARLIER).await? {
        return Ok(false);
    }
    let first: Option<Vec<u8>> = sqlx::query_scalar(FIRST_EARLIER).fetch_optional(connection).await?;
    let ours = MIGRATIONS.iter().find(|migration| migration.version == 1);
    Ok(ours.is_some_and(|ours| first.as_deref() == Some(&*ours.checksum)))
}
