//! Fresh PostgreSQL databases, one per test.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A database that is dropped at the end, whoever is still connected.
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
        for sql in [format!("drop database if exists {name}"), format!("create database {name} template template0")] {
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
        connection.close().await.unwrap();
        let mut url = url_of(&server);
        url.push_str(&name);
        Some(Self { server, name, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// The address of a server up to the name of the database.
fn url_of(server: &str) -> String {
    let (start, _) = server.rsplit_once('/').unwrap();
    format!("{start}/")
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let drop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&server).await.unwrap();
                connection.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
            });
        };
        // A runtime cannot wait inside another, so this one has a thread of its own.
        std::thread::spawn(drop).join().unwrap();
    }
}
