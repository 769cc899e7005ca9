//! Examples run.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::pages::{files, root};

/// Where `cargo test` puts the examples that it builds: beside the folder that this test is in.
fn program(name: &str) -> Command {
    let tests = env::current_exe().unwrap();
    Command::new(tests.ancestors().nth(2).unwrap().join("examples").join(name))
}

/// The server that tests use; none where there is none, which those who need one say aloud.
fn postgres() -> Option<String> {
    let url = env::var("PMOS_TEST_POSTGRES").unwrap_or("postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    (url != "skip").then_some(url)
}

#[test]
fn every_example_does_what_it_is_for() {
    for example in files(&root().join("examples"), ".rs") {
        let name = example.file_stem().unwrap().to_str().unwrap();
        let mut program = program(name);
        if name == "shared_database" {
            let Some(url) = postgres() else { continue };
            program.arg(url);
        }
        let ended = program.stdin(Stdio::null()).output();
        let ended = ended.unwrap_or_else(|cause| panic!("{name} ({cause}); cargo build --examples builds it"));
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&ended.stderr));
        assert!(!said.trim().is_empty(), "{name} says nothing");
    }
}
