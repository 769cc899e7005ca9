//! The Store port of PMOS three times: memory, SQLite, PostgreSQL.
//!
//! All three pass the same conformance suite, `pmos_core::testkit::store`, and differ in what they are for: memory for
//! tests, SQLite (feature `sqlite`, the default) for one machine with nothing else installed, PostgreSQL (feature
//! `postgres`) where a database server is at hand.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use pmos_storage::StoreUrl;
//! let url: StoreUrl = "sqlite://pmos-data/pmos.db".parse()?;
//! let store = pmos_storage::open(&url).await?;
//! println!("{store}");
//! # Ok(())
//! # }
//! ```

pub mod memory;
mod open;
mod sql;
#[cfg(all(feature = "postgres", any(test, feature = "testkit")))]
pub mod testkit;

pub use memory::MemoryStore;
pub use open::{StoreUrl, open, schema, take_over};
#[cfg(feature = "postgres")]
pub use sql::postgres::{PostgresOptions, PostgresStore, SchemaName};
#[cfg(feature = "sqlite")]
pub use sql::sqlite::SqliteStore;
pub use sql::{OpenError, SchemaReport};
