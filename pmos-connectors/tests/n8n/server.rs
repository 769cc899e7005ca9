//! A server of n8n and what opens it; and the real one, where it is installed.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// A server and how its owner signs in.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) base_url: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Server {
    /// The host with its port.
    pub(crate) fn host(&self) -> &str {
        self.base_url.split("//").nth(1).unwrap()
    }
}

/// A real server that runs. One that was started for the test ends with it.
pub(crate) struct Running {
    pub(crate) server: Server,
    folder: Option<tempfile::TempDir>,
}

impl Running {
    /// `PMOS_TEST_N8N` names one that runs, in the form that `scripts/n8n.sh start` prints, or is `skip`; else one is
    /// started where it is installed. `PMOS_LIVE=1` installs it.
    pub(crate) fn find() -> Option<Self> {
        match std::env::var("PMOS_TEST_N8N").as_deref() {
            Ok("skip") | Err(_) => Self::start(),
            Ok(line) => Some(Self { server: read(line), folder: None }),
        }
    }

    /// One of the test's own, which may be killed.
    pub(crate) fn start() -> Option<Self> {
        if std::env::var_os("PMOS_TEST_N8N").is_some_and(|named| named == "skip") {
            return None;
        }
        if std::env::var_os("PMOS_LIVE").is_some_and(|live| live == "1") {
            assert!(script(&["install"]).status().unwrap().success(), "n8n cannot be installed");
        }
        if !script(&["installed"]).status().is_ok_and(|status| status.success()) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port().to_string();
        Some(Self { server: begin(&port, folder.path()), folder: Some(folder) })
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&self) {
        let pid = std::fs::read_to_string(self.own().join("pid")).unwrap();
        assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
    }

    /// Starts it again where it was, and comes back once it works.
    pub(crate) fn restart(&self) {
        let port = self.server.host().rsplit(':').next().unwrap();
        begin(port, &self.own());
    }

    fn own(&self) -> PathBuf {
        self.folder.as_ref().expect("it is not ours to end").path().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            script(&["stop", folder.path().to_str().unwrap()]).status().unwrap();
        }
    }
}

fn begin(port: &str, folder: &Path) -> Server {
    let output = script(&["start", port, folder.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "n8n does not start");
    read(&String::from_utf8(output.stdout).unwrap())
}

fn script(arguments: &[&str]) -> Command {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("scripts/n8n.sh"));
    let mut command = Command::new(folders.find(|script| script.exists()).unwrap());
    command.args(arguments).stderr(Stdio::inherit());
    command
}

fn read(line: &str) -> Server {
    let line: Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    Server { base_url: text("base_url"), email: text("email"), password: text("password") }
}
