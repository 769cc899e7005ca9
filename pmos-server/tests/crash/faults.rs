//! What a store and its key do to the program when they fail.

use std::{path::Path, process::Command};

use pmos_storage::testkit::TestDatabase;
use serde_json::json;

use crate::{
    person::{Person, client},
    program::{Program, run, run_with},
};

const WRONG: &str = "is not the master key that this data was sealed with";

async fn refuses_another_key(home: &Path, elsewhere: &Path, settings: &[(&str, &str)]) {
    let program = Program::start(home, settings);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let secret =
        json!({"kind": "bearer", "name": "Shop", "hosts": ["shop.example.com"], "secret": {"token": "t0p-s3cret"}});
    let made = ada.ask("POST", "connections", &secret).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    program.stop();

    let key = std::fs::read(home.join("master.key")).unwrap();
    std::fs::write(elsewhere.join("master.key"), "00".repeat(32)).unwrap();
    let refused = run_with(elsewhere, settings, &[]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains(WRONG), "{said}");

    std::fs::write(elsewhere.join("master.key"), key).unwrap();
    Program::start(elsewhere, settings).stop();
}

#[tokio::test]
async fn a_file_is_not_opened_with_another_key_than_its_own() {
    let data = tempfile::tempdir().unwrap();
    refuses_another_key(data.path(), data.path(), &[]).await;
}

#[tokio::test]
async fn a_database_is_not_opened_with_another_key_from_another_machine_either() {
    let Some(database) = TestDatabase::create().await else { return };
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (home, elsewhere) = (home.path(), elsewhere.path());
    for folder in [home, elsewhere] {
        std::fs::write(folder.join("master.key"), "11".repeat(32)).unwrap();
        close(&folder.join("master.key"));
    }
    refuses_another_key(home, elsewhere, &[("PMOS_DATABASE_URL", database.url())]).await;
}

fn close(file: &Path) {
    assert!(Command::new("chmod").arg("600").arg(file).status().unwrap().success());
}

#[test]
fn only_a_store_of_pmos_is_restored() {
    let data = tempfile::tempdir().unwrap();
    let empty = data.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let to = tempfile::tempdir().unwrap();
    let refused = run(to.path(), &["restore", empty.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("is not a store of PMOS"), "{said}");
    assert!(!to.path().join("pmos.db").exists());
}

/// The limit on the size of a file is what a full disk is: what is there can be read, and nothing more is written.
#[tokio::test]
async fn a_program_that_cannot_write_is_alive_and_not_ready() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start_limited(data.path(), 1_500);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let health = async |path: &str| client().get(format!("{}{path}", ada.url)).send().await.unwrap().status().as_u16();
    assert_eq!((health("/healthz").await, health("/readyz").await), (200, 200));
    let full = async {
        loop {
            let flow = json!({"name": "x".repeat(100), "engine": "embedded"});
            let answer = ada.ask("POST", "flows", &flow).await.unwrap();
            if answer.status == 503 {
                return;
            }
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), full).await.unwrap();
    let told = async { while health("/readyz").await != 503 {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), told).await.unwrap();
    assert_eq!(health("/healthz").await, 200);
    assert_eq!(ada.ask("GET", "flows", &json!(null)).await.unwrap().status, 200);
}
