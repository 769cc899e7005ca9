//! As little of a server as there can be: it answers the same bytes again and again, or never.

use std::{net::SocketAddr, sync::Arc};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How many workflows it has.
pub(crate) const WORKFLOWS: usize = 1_000;
const PAGE: usize = 250;

struct Answers {
    one: String,
    pages: Vec<String>,
}

/// Serves one workflow and the list of all.
pub(crate) async fn quick() -> SocketAddr {
    let answers = Arc::new(Answers {
        one: response(&workflow(0, 30)),
        pages: (0..WORKFLOWS / PAGE)
            .map(|page| {
                let data: Vec<_> = (page * PAGE..(page + 1) * PAGE).map(|at| workflow(at, 5)).collect();
                let next = (page + 1 < WORKFLOWS / PAGE).then(|| (page + 1).to_string());
                response(&json!({"data": data, "nextCursor": next}))
            })
            .collect(),
    });
    serve(move |stream| talk(stream, answers.clone())).await
}

/// Takes every request and answers none.
pub(crate) async fn hanging() -> SocketAddr {
    serve(async |mut stream: TcpStream| {
        let mut buffer = [0; 4096];
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    })
    .await
}

async fn serve<F: Future<Output = ()> + Send + 'static>(talk: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            tokio::spawn(talk(stream));
        }
    });
    address
}

async fn talk(mut stream: TcpStream, answers: Arc<Answers>) {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        buffer.clear();
        // Only questions without a body are asked.
        while !buffer.ends_with(b"\r\n\r\n") {
            if !stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
                return;
            }
        }
        let line = String::from_utf8_lossy(&buffer[..buffer.iter().position(|byte| *byte == b'\r').unwrap()]);
        let page = line.split("cursor=").nth(1).and_then(|rest| rest.split([' ', '&']).next()?.parse().ok());
        let answer = if line.contains("/workflows?") { &answers.pages[page.unwrap_or(0)] } else { &answers.one };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn response(body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn workflow(at: usize, nodes: usize) -> Value {
    let name = |at: usize| format!("Step {at}");
    let drawn: Vec<Value> = (0..nodes)
        .map(|at| {
            json!({"id": format!("00000000-0000-4000-8000-{at:012}"), "name": name(at), "typeVersion": 4.2,
            "type": "n8n-nodes-base.httpRequest", "position": [220 * at, 0], "parameters": {
                "url": format!("https://x.example/{at}"), "sendHeaders": true,
                "headerParameters": {"parameters": [{"name": "X-Step", "value": at.to_string()}]},
                "options": {"timeout": 3000}}})
        })
        .collect();
    let connections: serde_json::Map<_, _> = (1..nodes)
        .map(|at| (name(at - 1), json!({"main": [[{"node": name(at), "type": "main", "index": 0}]]})))
        .collect();
    json!({
        "id": format!("Wf{at}"), "name": format!("Workflow {at}"), "active": false, "activeVersionId": null,
        "versionId": "00000000-0000-4000-8000-000000000000", "versionCounter": 1, "isArchived": false,
        "createdAt": "2026-01-31T00:00:00.000Z", "updatedAt": "2026-01-31T00:00:00.000Z", "nodes": drawn,
        "connections": connections, "settings": {"executionOrder": "v1"}, "staticData": null, "pinData": {},
        "tags": [], "shared": [{"role": "workflow:owner", "projectId": "P1", "project": {"id": "P1"}}],
    })
}
