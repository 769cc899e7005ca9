//! The Store port of PMOS three times: memory, SQLite, PostgreSQL.

mod sql;

#[cfg(feature = "postgres")]
pub use sql::postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use sql::sqlite::SqliteStore;
pub use sql::{OpenError, SchemaReport};
