//! webhook → set → respond, durable, against the real server.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    SPAN,
    client::{Load, load},
};

struct Server {
    child: Child,
    address: SocketAddr,
    _data: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let program = here.parent().and_then(|deps| deps.parent()).unwrap().join("pmos-server");
    assert!(program.exists(), "build it first: cargo build --release -p pmos-server");
    program
}

impl Server {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let mut child = Command::new(program())
            .env("PMOS_DATA", data.path().join("data"))
            .env("PMOS_LISTEN", "127.0.0.1:0")
            .env("PMOS_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
        println!("start to ready: {} ms", begun.elapsed().as_millis());
        Self { child, address, _data: data }
    }

    /// CPU time of the server so far, in milliseconds; the kernel counts in hundredths of a second.
    fn cpu_ms(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) * 10.0
    }

    fn rss_mb(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

pub(crate) async fn measure() {
    let server = Server::start();
    println!("idle: {:.1} MB resident", server.rss_mb());
    println!("binary: {:.1} MB", std::fs::metadata(program()).unwrap().len() as f64 / 1e6);
    let path = make_flow(&format!("http://{}", server.address)).await;
    let body = r#"{"qty":4}"#;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    for clients in [1, 8, 32, 32, 32, 50] {
        let before = server.cpu_ms();
        let Load { per_second, p50, p99, count } = load(server.address, clients, SPAN, request.clone()).await;
        let cpu = (server.cpu_ms() - before) / count as f64;
        println!("webhook, {clients:2} clients: {per_second:6.0}/s  p50 {p50:?}  p99 {p99:?}  {cpu:.3} ms CPU per run");
    }
    println!("after the load: {:.1} MB resident", server.rss_mb());
}

async fn make_flow(base: &str) -> String {
    let client = reqwest_client();
    let post = |path: String, body: Value, cookie: Option<String>| {
        let mut request = client.post(format!("{base}{path}")).header("x-pmos", "1").header("origin", base).json(&body);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        async { request.send().await.unwrap() }
    };
    let account = json!({"name": "Ada", "email": "ada@example.com", "password": "walrus cello tuesday"});
    let signed_in = post("/api/v1/auth/sign-up".to_owned(), account, None).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let me: Value = signed_in.json().await.unwrap();
    let workspace = me["workspaces"][0]["id"].as_str().unwrap();
    let flows = format!("/api/v1/workspaces/{workspace}/flows");
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
    let flow: Value = post(flows.clone(), graph, Some(cookie.clone())).await.json().await.unwrap();
    let publish = format!("{flows}/{}/publish", flow["id"].as_str().unwrap());
    let flow: Value = post(publish, json!({}), Some(cookie)).await.json().await.unwrap();
    flow["hook_url"].as_str().unwrap().strip_prefix(base).unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "a load generator talks to its own server")]
fn reqwest_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
