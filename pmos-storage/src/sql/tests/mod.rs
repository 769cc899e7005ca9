//! What the SQL stores promise beyond the conformance suite, and the suite itself.

mod fences;
#[cfg(feature = "sqlite")]
mod lite;
mod load;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod parity;
#[cfg(feature = "postgres")]
mod server;

/// A migrated SQLite database in memory.
#[cfg(feature = "sqlite")]
async fn migrated() -> sqlx::SqliteConnection {
    use sqlx::Connection;
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
    super::sqlite::MIGRATIONS.run(&mut connection).await.unwrap();
    connection
}
