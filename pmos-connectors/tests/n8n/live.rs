//! The same promises, of the real server.
//!
//! It is started when it is installed (`scripts/n8n.sh install`), and installed when `PMOS_LIVE=1`. `PMOS_TEST_N8N` names
//! one that runs, in the form that `scripts/n8n.sh start` prints, or is `skip`.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pmos_connectors::n8n::Limits;
use serde_json::Value;

use crate::{
    behaviours,
    world::{Server, World},
};

/// A server, and what ends it.
struct Running {
    server: Server,
    folder: Option<tempfile::TempDir>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            script(&["stop", folder.path().to_str().unwrap()]).status().unwrap();
        }
    }
}

fn script(arguments: &[&str]) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/n8n.sh"));
    command.args(arguments).stderr(Stdio::inherit());
    command
}

fn server() -> Option<Running> {
    match std::env::var("PMOS_TEST_N8N").as_deref() {
        Ok("skip") => return None,
        Ok(running) => return Some(Running { server: read(running), folder: None }),
        Err(_) => {}
    }
    if std::env::var_os("PMOS_LIVE").is_some_and(|live| live == "1") {
        assert!(script(&["install"]).status().unwrap().success(), "n8n cannot be installed");
    }
    if !script(&["installed"]).status().is_ok_and(|status| status.success()) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port().to_string();
    let output = script(&["start", &port, folder.path().to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "n8n does not start");
    Some(Running { server: read(&String::from_utf8(output.stdout).unwrap()), folder: Some(folder) })
}

fn read(line: &str) -> Server {
    let line: Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    Server { base_url: text("base_url"), email: text("email"), password: text("password") }
}

#[test]
fn the_real_n8n_keeps_every_promise() {
    let Some(running) = server() else {
        eprintln!("SKIPPED: the real n8n; scripts/n8n.sh install installs it, and so does PMOS_LIVE=1");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let limits = Limits { settle: Duration::from_secs(10), ..Limits::default() };
        let world = World::of(running.server.clone(), limits);
        macro_rules! run {
            ($($name:ident)*) => {$({
                let begun = Instant::now();
                behaviours::$name(&world).await;
                eprintln!("{} ({} ms)", stringify!($name), begun.elapsed().as_millis());
            })*};
        }
        for_each_behaviour!(run);
    });
}
