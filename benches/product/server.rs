//! The real server as a process of its own, and what is asked of it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::{Map, Value, json};

/// A server of its own, on a store of its own, until it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    _data: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let program = here.parent().and_then(|deps| deps.parent()).unwrap().join("pmos-server");
    assert!(program.exists(), "build it first: cargo build --release -p pmos-server");
    program
}

impl Server {
    /// With this database, or with SQLite.
    pub(crate) fn start(database: Option<&str>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(program())
            .env("PMOS_DATA", data.path().join("data"))
            .env("PMOS_LISTEN", "127.0.0.1:0")
            .env("PMOS_LOG", "warn")
            .envs(database.map(|url| ("PMOS_DATABASE_URL", url)))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address, _data: data }
    }

    /// CPU time of the server so far, in milliseconds; the kernel counts in hundredths of a second.
    pub(crate) fn cpu_ms(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) * 10.0
    }

    /// Memory of the server in megabytes.
    pub(crate) fn rss_mb(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

/// A person who is signed in, and a workspace.
pub(crate) struct Account {
    client: reqwest::Client,
    server: SocketAddr,
    cookie: String,
    flows: String,
}

impl Account {
    pub(crate) async fn sign_up(server: SocketAddr, name: &str) -> Self {
        let mut account = Self { client: reqwest_client(), server, cookie: String::new(), flows: String::new() };
        let email = format!("{name}@example.com");
        let person = json!({"name": name, "email": email, "password": "walrus cello tuesday"});
        let signed_in = account.send("/api/v1/auth/sign-up", &person).await;
        signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().clone_into(&mut account.cookie);
        let me: Value = signed_in.json().await.unwrap();
        account.flows = format!("/api/v1/workspaces/{}/flows", me["workspaces"][0]["id"].as_str().unwrap());
        account
    }

    async fn send(&self, path: &str, body: &Value) -> reqwest::Response {
        let base = format!("http://{}", self.server);
        let request = self.client.post(format!("{base}{path}")).header("x-pmos", "1").header("origin", base);
        request.header("cookie", &self.cookie).json(body).send().await.unwrap().error_for_status().unwrap()
    }

    /// Adds an automation, webhook → set → respond; its path.
    pub(crate) async fn flow(&self) -> String {
        let graph = json!({"name": "Order intake", "graph": {
            "steps": [
                {"id": "trigger", "kind": "trigger", "name": "Order received", "piece": "core", "operation": "webhook",
                 "settings": {"respond": "at_end"}},
                {"id": "set", "kind": "action", "name": "Compute total", "piece": "core", "operation": "set",
                 "settings": {"values": {"total": "{{ trigger.body.qty * 3 }}"}}},
                {"id": "reply", "kind": "action", "name": "Answer", "piece": "core", "operation": "respond",
                 "settings": {"status": 200, "body": {"total": "{{ steps.set.total }}"}}}
            ],
            "edges": [{"from": "trigger", "port": "next", "to": "set"}, {"from": "set", "port": "next", "to": "reply"}]
        }});
        let flow: Value = self.send(&self.flows, &graph).await.json().await.unwrap();
        format!("{}/{}", self.flows, flow["id"].as_str().unwrap())
    }

    /// The request that starts a run of such an automation.
    pub(crate) async fn order(&self) -> String {
        self.live(&self.flow().await).await
    }

    /// The request that starts a run that computes for about as long as its limits let it.
    pub(crate) async fn heavy(&self) -> String {
        let many = "{{ range(9000) | map('string') | join | length }}";
        let values: Map<_, _> = (0..250).map(|n| (format!("v{n}"), many.into())).collect();
        let step = |n: usize| {
            json!({"id": format!("s{n}"), "kind": "action", "name": format!("Step {n}"), "piece": "core",
                   "operation": "set", "settings": {"values": values}})
        };
        let trigger = json!({"id": "s0", "kind": "trigger", "name": "Sent", "piece": "core", "operation": "webhook",
                             "settings": {"respond": "at_end"}});
        let reply = json!({"id": "s10", "kind": "action", "name": "Answer", "piece": "core", "operation": "respond",
                           "settings": {"body": "done"}});
        let steps: Vec<_> = std::iter::once(trigger).chain((1..10).map(step)).chain([reply]).collect();
        let edge = |n: usize| json!({"from": format!("s{n}"), "port": "next", "to": format!("s{}", n + 1)});
        let graph = json!({"steps": steps, "edges": (0..10).map(edge).collect::<Vec<_>>()});
        let flow: Value = self.send(&self.flows, &json!({"name": "Heavy", "graph": graph})).await.json().await.unwrap();
        self.live(&format!("{}/{}", self.flows, flow["id"].as_str().unwrap())).await
    }

    async fn live(&self, flow: &str) -> String {
        let flow: Value = self.send(&format!("{flow}/publish"), &json!({})).await.json().await.unwrap();
        let (_, path) = flow["hook_url"].as_str().unwrap().split_once("/hooks/").unwrap();
        request("POST", &format!("/hooks/{path}"), self.server, "", r#"{"qty":4}"#)
    }

    /// The request that gives another name to one more automation.
    pub(crate) async fn rename(&self) -> String {
        let more = format!("cookie: {}\r\norigin: http://{}\r\nx-pmos: 1\r\n", self.cookie, self.server);
        request("PATCH", &self.flow().await, self.server, &more, r#"{"name":"Orders"}"#)
    }
}

/// The request that reads something that is open to all.
pub(crate) fn get(path: &str, server: SocketAddr) -> String {
    request("GET", path, server, "", "")
}

fn request(method: &str, path: &str, server: SocketAddr, more: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {server}\r\n{more}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[expect(clippy::disallowed_methods, reason = "a load generator talks to its own server")]
fn reqwest_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
