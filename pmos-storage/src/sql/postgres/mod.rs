//! PostgreSQL: many connections, one active process.
//!
//! Row level security is the third wall between tenants. A transaction gives up the rights of its login with its first
//! words and takes one of three roles: `pmos_app` sees the one workspace that the transaction names, `pmos_system` what
//! belongs to the instance, `pmos_directory` a few columns of ids. None of them can bypass the policies, so a statement
//! that forgot its workspace would still find nothing.
//!
//! One process at a time works on a database. It holds an advisory lock on a connection of its own; a second process is
//! refused or waits as a standby. A process that loses the lock commits nothing until it has it again, and can do nothing more
//! when another one had it in between.

#[macro_use]
mod dialect;
mod journal;
mod migrations;
mod options;
mod owner;
mod pool;
mod record;
#[cfg(unix)]
mod relay;
#[path = "../repository/mod.rs"]
pub(crate) mod repository;
mod route;
mod schema;
mod store;
mod unit;

#[cfg(test)]
pub(crate) use migrations::MIGRATIONS;
pub use options::PostgresOptions;
pub use schema::SchemaName;
pub(crate) use store::LookUps;
pub use store::PostgresStore;
pub(crate) use unit::Unit;

/// The database this module is for.
pub(crate) type Db = sqlx::Postgres;

/// Its name in traces.
const SYSTEM: &str = "postgresql";
