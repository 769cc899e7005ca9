//! What the SQL stores promise beyond the conformance suite, and the suite itself.

mod fences;
#[cfg(feature = "sqlite")]
mod lite;
mod load;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod parity;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "postgres")]
mod shared;

/// A migrated SQLite database in memory.
#[cfg(feature = "sqlite")]
async fn migrated() -> sqlx::SqliteConnection {
    use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
    let options = SqliteConnectOptions::new().in_memory(true).with_regexp();
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    super::sqlite::MIGRATIONS.run(&mut connection).await.unwrap();
    connection
}
