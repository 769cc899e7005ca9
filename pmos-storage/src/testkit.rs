//! A place of its own on a PostgreSQL server for each test, of this crate and of those above it.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::{
    io::Write,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A schema that is dropped at the end. Stores tell schemas apart as they do databases, and a schema costs far less.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// Makes one on the server of `PMOS_TEST_POSTGRES`, or on this machine. None, said aloud, when no server answers.
    ///
    /// # Panics
    /// When no server answers and `CI` is set, so that a pipeline without one is never green; when the server refuses.
    pub async fn create() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("PMOS_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let name = format!("pmos_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = match PgConnection::connect(&server).await {
            Ok(connection) => connection,
            Err(cause) => {
                assert!(std::env::var_os("CI").is_none(), "CI is set, but no PostgreSQL server answers: {cause}");
                // Past the capture of the test harness, which would swallow it.
                #[expect(clippy::explicit_write, reason = "the harness keeps what eprintln! says to itself")]
                writeln!(std::io::stderr(), "SKIPPED: no PostgreSQL server answers ({cause}); set PMOS_TEST_POSTGRES")
                    .unwrap();
                return None;
            }
        };
        for sql in [format!("drop schema if exists {name} cascade"), format!("create schema {name}")] {
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
        connection.close().await.unwrap();
        let sign = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{sign}options[search_path]={name}");
        Some(Self { server, name, url })
    }

    /// The address of a store in it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let drop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&server).await.unwrap();
                // A unit that was just dropped rolls back on the runtime that waits here, so it would never let go.
                let end_units = format!(
                    "select pg_terminate_backend(held.pid) from pg_locks held join pg_class kept on kept.oid = held.relation \
                     where kept.relnamespace = '{name}'::regnamespace and held.pid <> pg_backend_pid()"
                );
                connection.execute(AssertSqlSafe(end_units)).await.unwrap();
                connection.execute(AssertSqlSafe(format!("drop schema {name} cascade"))).await.unwrap();
            });
        };
        // A runtime cannot wait inside another, so this one has a thread of its own.
        std::thread::spawn(drop).join().unwrap();
    }
}
