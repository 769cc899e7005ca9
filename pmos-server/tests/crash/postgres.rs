//! The whole story on PostgreSQL.

use std::{
    io::Write,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    person::{Person, order_intake},
    program::Program,
};

/// A schema of its own in a database.
pub(crate) struct Schema {
    server: String,
    name: String,
    /// The address of the store in it.
    pub(crate) url: String,
}

impl Schema {
    /// On the server of `PMOS_TEST_POSTGRES`, or on this machine. None, said aloud, when none answers.
    pub(crate) async fn make() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("PMOS_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let name = format!("pmos_crash_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = match PgConnection::connect(&server).await {
            Ok(connection) => connection,
            Err(cause) => {
                // Past the capture of the test harness, which would swallow it.
                #[expect(clippy::explicit_write, reason = "the harness keeps what eprintln! says to itself")]
                writeln!(std::io::stderr(), "SKIPPED: no PostgreSQL server answers ({cause}); set PMOS_TEST_POSTGRES")
                    .unwrap();
                return None;
            }
        };
        connection.execute(AssertSqlSafe(format!("create schema {name}"))).await.unwrap();
        let sign = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{sign}options[search_path]={name}");
        Some(Self { server, name, url })
    }

    pub(crate) async fn drop(self) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("drop schema {} cascade", self.name))).await.unwrap();
    }
}

#[tokio::test]
async fn on_postgresql_a_webhook_is_answered_and_survives_the_program() {
    let Some(database) = Schema::make().await else { return };
    let data = tempfile::tempdir().unwrap();
    let settings = [("PMOS_DATABASE_URL", database.url.as_str())];
    let program = Program::start(data.path(), &settings);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let bob = Person::sign_up(&program.url, "Bob").await;
    let (flow, hook) = ada.publish("Order intake", &order_intake()).await;
    let mut runs = Vec::new();
    for _ in 0..40 {
        let answer = ada.hook(&hook, &json!({ "qty": 4 })).await.unwrap();
        assert_eq!((answer.status, &answer.json()["total"]), (200, &json!(12)), "{}", answer.body);
        runs.push(answer.json()["run"].as_str().unwrap().to_owned());
    }
    program.kill();

    let program = Program::start(data.path(), &settings);
    let (ada, bob) = (ada.at(&program.url), bob.at(&program.url));
    for run in &runs {
        let found = ada.get(&format!("runs/{run}")).await;
        let steps: Vec<_> = found["steps"].as_array().unwrap().iter().map(|step| step["id"].clone()).collect();
        assert_eq!(
            (&found["status"], steps),
            (&json!("succeeded"), vec![json!("trigger"), json!("set"), json!("reply")])
        );
    }
    assert_eq!(ada.get("audit/verify").await["ok"], true);
    for path in [format!("flows/{flow}"), format!("runs/{}", runs[0])] {
        let answer = bob.ask("GET", &path, &serde_json::Value::Null).await.unwrap();
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(bob.all("runs").await.len(), 0);
    program.stop();
    database.drop().await;
}
