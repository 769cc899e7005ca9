//! A place of its own on a PostgreSQL server for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A schema that is dropped at the end. Stores tell schemas apart as they do databases, and a schema costs far less.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    server: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// Makes one on the server of `PMOS_TEST_POSTGRES`, or on this machine. None, said aloud, when no server answers.
    pub(crate) async fn create() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("PMOS_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let name = format!("pmos_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = match PgConnection::connect(&server).await {
            Ok(connection) => connection,
            Err(cause) => {
                eprintln!("SKIPPED: no PostgreSQL server answers ({cause}); set PMOS_TEST_POSTGRES");
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

    pub(crate) fn url(&self) -> &str {
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
                connection.execute(AssertSqlSafe(format!("drop schema {name} cascade"))).await.unwrap();
            });
        };
        // A runtime cannot wait inside another, so this one has a thread of its own.
        std::thread::spawn(drop).join().unwrap();
    }
}
