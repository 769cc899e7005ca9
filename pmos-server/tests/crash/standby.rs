//! A second program stands by and takes over when the first dies.

use std::path::Path;

use pmos_storage::testkit::TestDatabase;
use serde_json::json;

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

#[tokio::test]
async fn a_standby_takes_over_a_database_whose_program_died() {
    let Some(database) = TestDatabase::create().await else { return };
    let data = tempfile::tempdir().unwrap();
    takes_over(data.path(), &[("PMOS_DATABASE_URL", database.url())]).await;
}
