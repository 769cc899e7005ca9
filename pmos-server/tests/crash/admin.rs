//! What an operator does on the machine of the server while it serves.

use std::{os::unix::net::UnixListener, path::Path, process::Output};

use pmos_storage::testkit::TestDatabase;
use serde_json::{Value, json};

use crate::{
    person::Person,
    program::{Program, run_with},
};

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

async fn runs_the_instance(person: &Person) -> bool {
    person.get("/api/v1/me").await["user"]["super_admin"].as_bool().unwrap()
}

async fn beside_the_server(data: &Path, settings: &[(&str, &str)]) {
    let program = Program::start(data, settings);
    Person::sign_up(&program.url, "Ada").await;
    let bob = Person::sign_up(&program.url, "Bob").await;
    assert!(!runs_the_instance(&bob).await);
    said(&run_with(data, settings, &["admin", "grant-super", "bob@example.com"]));
    assert!(runs_the_instance(&bob).await, "it counts from the next request on");

    let link = said(&run_with(data, settings, &["admin", "recover", "bob@example.com"]));
    let token = link.strip_prefix(&format!("{}/reset/", program.url)).expect(&link);
    let path = format!("/api/v1/auth/reset/{token}");
    let new = json!({ "password": "another horse battery staple" });
    assert_eq!(bob.ask("POST", &path, &new).await.unwrap().status, 204);
    assert_eq!(bob.ask("GET", "/api/v1/me", &Value::Null).await.unwrap().status, 401, "old sessions have ended");

    for command in ["recover", "grant-super"] {
        let refused = run_with(data, settings, &["admin", command, "eve@example.com"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("no account"), "{refused:?}");
    }
    assert!(said(&run_with(data, settings, &["migrate"])).contains("up to date"));
    let log = program.stop();
    assert!(!String::from_utf8_lossy(&log).contains(token), "the link is in the log");
    assert!(!data.join("control.sock").exists(), "it is left behind");
    // Without a server the command opens the store itself.
    said(&run_with(data, settings, &["admin", "grant-super", "ada@example.com"]));
}

#[tokio::test]
async fn an_operator_helps_people_while_the_server_serves() {
    let data = tempfile::tempdir().unwrap();
    beside_the_server(data.path(), &[]).await;
}

#[tokio::test]
async fn an_operator_helps_people_while_the_server_serves_from_a_database() {
    let Some(database) = TestDatabase::create().await else { return };
    let data = tempfile::tempdir().unwrap();
    beside_the_server(data.path(), &[("PMOS_DATABASE_URL", database.url())]).await;
}

#[tokio::test]
async fn a_socket_that_a_killed_server_left_behind_is_in_the_way_of_nothing() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &[]);
    Person::sign_up(&program.url, "Ada").await;
    program.kill();
    assert!(data.path().join("control.sock").exists());
    said(&run_with(data.path(), &[], &["admin", "grant-super", "ada@example.com"]));
    let program = Program::start(data.path(), &[]);
    said(&run_with(data.path(), &[], &["admin", "grant-super", "ada@example.com"]));
    program.stop();
}

#[tokio::test]
async fn a_server_that_cannot_take_commands_serves_all_the_same() {
    // A path that is too long for a socket.
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d".repeat(120));
    assert!(UnixListener::bind(data.join("control.sock")).is_err());
    let program = Program::start(&data, &[]);
    Person::sign_up(&program.url, "Ada").await;
    let refused = run_with(&data, &[], &["admin", "grant-super", "ada@example.com"]);
    assert_eq!(refused.status.code(), Some(1));
    let log = program.stop();
    assert!(String::from_utf8_lossy(&log).contains("commands beside the server cannot be taken"));
}
