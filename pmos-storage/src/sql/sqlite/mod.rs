//! SQLite: one file, one writer, many readers.
//!
//! A commit costs a sync of the disk, so many acts share one. A single task owns the writing connection and serves a
//! queue of two kinds of jobs inside a shared transaction: it lends the connection to one unit of work after the other,
//! each inside a savepoint of its own, and it writes the journal batches of many runs with one statement per table.
//! Everybody is answered after the shared commit. Readers never wait for it (WAL).
//!
//! SQLite knows no row level security: here the typed scope, the conformance suite and the test over all statements
//! keep tenants apart.

#[macro_use]
mod dialect;
mod owner;
mod record;
#[path = "../repository/mod.rs"]
pub(crate) mod repository;
mod store;
mod unit;
mod writer;

pub(crate) use store::LookUps;
#[cfg(test)]
pub(crate) use store::MIGRATIONS;
pub use store::SqliteStore;
pub(crate) use unit::Unit;

/// The database this module is for.
pub(crate) type Db = sqlx::Sqlite;

/// Its name in traces.
const SYSTEM: &str = "sqlite";
