//! What an operator finds in the log under the id of a request.

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    person::{Person, step, webhook},
    program::Program,
    service::Service,
};

const KEY: &str = "canary-key-of-an-engine";
const TOKEN: &str = "canary-token-of-a-service";

/// A server of an engine that refuses everything, and repeats the key it was shown.
async fn refusing_engine() -> String {
    let refuse = |headers: HeaderMap| async move {
        let key = headers.get("x-n8n-api-key").map_or("", |key| key.to_str().unwrap());
        let body = json!({ "message": format!("no such shape 4711 for {key}") }).to_string();
        (StatusCode::BAD_REQUEST, [("content-type", "application/json")], body)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(refuse)).await });
    address
}

/// The lines that say this.
fn lines(log: &str, words: &str) -> Vec<String> {
    log.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_words_of_an_engine_are_in_the_log_under_the_request_that_got_them() {
    let data = tempfile::tempdir().unwrap();
    let engine = refusing_engine().await;
    // With the default log level.
    let program = Program::start(data.path(), &[("PMOS_ALLOW_HOSTS", &engine)]);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let own = json!({ "base_url": format!("http://{engine}"), "api_key": KEY });
    let refused = ada.ask("PUT", "engines/n8n", &own).await.unwrap();
    assert_eq!(refused.json()["code"], "engine_rejected", "{}", refused.body);
    assert!(!refused.body.contains("4711"), "{}", refused.body);
    let request = refused.json()["request_id"].as_str().unwrap().to_owned();

    let log = String::from_utf8(program.stop()).unwrap();
    let said = lines(&log, "no such shape 4711");
    assert_eq!(said.len(), 1, "{log}");
    for part in [&request, &ada.workspace, "engines.connect", "a call failed"] {
        assert!(said[0].contains(part), "{part} is not in: {}", said[0]);
    }
    assert!(!log.contains(KEY), "{log}");
}

#[tokio::test]
async fn an_outward_call_of_a_run_is_logged_with_its_request_its_run_and_its_workspace() {
    let data = tempfile::tempdir().unwrap();
    let service = Service::start(usize::MAX, usize::MAX).await;
    let host = service.address.to_string();
    let log = "info,pmos_connectors=debug,pmos_storage=trace";
    let program = Program::start(data.path(), &[("PMOS_ALLOW_HOSTS", &host), ("PMOS_LOG", log)]);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let shop = json!({ "name": "Shop", "kind": "bearer", "secret": { "token": TOKEN }, "hosts": [host] });
    let shop = ada.act("POST", "connections", shop).await;
    let mut call = step("call", "http", json!({ "method": "POST", "url": format!("http://{host}/orders?id=42") }));
    call["connection"] = shop["id"].clone();
    let graph = json!({ "steps": [webhook(), call], "edges": [{ "from": "trigger", "port": "next", "to": "call" }] });
    let (flow, hook) = ada.publish("Orders", &graph).await;
    let answered = ada.hook(&hook, &json!({ "order": 7 })).await.unwrap();
    let run = answered.json()["run"].as_str().unwrap().to_owned();
    assert_eq!(service.calls()[0].authorization, format!("Bearer {TOKEN}"));

    let log = String::from_utf8(program.stop()).unwrap();
    let called = lines(&log, "an outward call was answered");
    assert_eq!(called.len(), 1, "{log}");
    let token = hook.strip_prefix("/hooks/").unwrap();
    for part in ["request=req_", "action=\"hooks.deliver\"", &run, &flow, &ada.workspace, "step=\"call\"", "status=200"]
    {
        assert!(called[0].contains(part), "{part} is not in: {}", called[0]);
    }
    assert!(answered.headers.contains(called[0].split("request=").nth(1).unwrap().split_whitespace().next().unwrap()));
    for secret in [TOKEN, token, "id=42"] {
        assert!(!log.contains(secret), "{secret} is in: {log}");
    }
}
