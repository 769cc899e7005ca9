//! A second program stands by and takes over when the first dies.

use std::path::Path;

use pmos_storage::testkit::TestDatabase;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    person::{Person, order_intake},
    program::Program,
};

async fn takes_over(data: &Path, settings: &[(&str, &str)]) {
    let first = Program::start(data, settings);
    let ada = Person::sign_up(&first.url, "Ada").await;
    let (_, hook) = ada.publish("Order intake", &order_intake()).await;
    let mut waiting = settings.to_vec();
    waiting.push(("PMOS_STANDBY", "true"));
    let standby = Program::begin(data, &waiting).until("standing by");
    let impatient = Program::begin(data, &waiting).until("standing by");
    assert_eq!(impatient.stop(), Some(0), "a standby that is asked to stop");

    let answer = ada.hook(&hook, &json!({ "qty": 4 })).await.unwrap().json();
    first.kill();
    let second = standby.ready();
    let ada = ada.at(&second.url);
    let run = ada.get(&format!("runs/{}", answer["run"].as_str().unwrap())).await;
    assert_eq!((&run["status"], &run["result"]), (&json!("succeeded"), &answer));
    assert_eq!(ada.hook(&hook, &json!({ "qty": 5 })).await.unwrap().json()["total"], 15);
    assert_eq!(ada.get("audit/verify").await["ok"], true);
    let said = second.stop();
    assert!(String::from_utf8_lossy(&said).contains("taking over"));
}

#[tokio::test]
async fn a_standby_takes_over_a_file_whose_program_died() {
    let data = tempfile::tempdir().unwrap();
    takes_over(data.path(), &[]).await;
}

/// What watches over a program sees that it ended; one that answered 503 for ever would help no one.
#[tokio::test]
async fn a_program_whose_database_was_taken_over_ends_and_says_why() {
    let Some(database) = TestDatabase::create().await else { return };
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &[("PMOS_DATABASE_URL", database.url())]);
    let mut admin = PgConnection::connect(database.url()).await.unwrap();
    let lock = "hashtextextended('pmos ' || current_schema(), 0)";
    let held = format!("((classid::bigint << 32) | objid::bigint) = {lock}");
    let end = format!(
        "select nextval('owners'); \
         select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and {held}"
    );
    admin.execute(AssertSqlSafe(end)).await.unwrap();
    let (code, said) = program.ended();
    assert_eq!(code, Some(1));
    assert!(said.contains("another process has taken the store over"), "{said}");
}

#[tokio::test]
async fn a_standby_takes_over_a_database_whose_program_died() {
    let Some(database) = TestDatabase::create().await else { return };
    let data = tempfile::tempdir().unwrap();
    takes_over(data.path(), &[("PMOS_DATABASE_URL", database.url())]).await;
}
